"""More than a year in which the schedulers are away thirty-two times: a plan, the same for every seed's every run."""

import random
from datetime import UTC, datetime, timedelta

START = datetime(2027, 10, 30, 5, 17, tzinfo=UTC)  # both changes of the clocks and a 29 February are within
DAYS, OUTAGES = 430, 32


def outages(seed: int) -> list[tuple[datetime, datetime]]:
    """Apart, from a minute to four days long."""
    chance = random.Random(seed)  # a plan, not a secret
    starts = sorted(chance.sample(range(DAYS // 5), OUTAGES))
    began = [START + timedelta(days=5 * each, minutes=chance.randrange(600)) for each in starts]
    return [(each, each + timedelta(minutes=chance.randrange(1, 4 * 24 * 60))) for each in began]
