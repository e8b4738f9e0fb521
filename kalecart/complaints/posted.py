"""When a letter on paper was posted, by the word of whoever posted it: a day on which it can have been."""

from datetime import datetime

from kalecart.clock import shop_date
from kalecart.errors import Invalid


def posted_at(said: datetime | None, *, since: datetime, now: datetime) -> datetime:
    """From the day of `since`, when there was something to post, until now.

    Of a day nobody knows the hour: on the first one it was after that. Raises Invalid at `/posted_at`.
    """
    if said is None or said > now or shop_date(said) < shop_date(since):
        first = shop_date(since)
        raise Invalid({"/posted_at": f"Say which day it was posted: from {first:%B} {first.day} until today."})
    return max(said, since)
