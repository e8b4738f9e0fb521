"""After a restore: what may have been told since the backup is not told once more (C6).

Figures that were drawn after it are out in the world, and the restored books know nothing of them. Drawn again they
have fresh noise, and a second answer tells about people what the first one did not. So every part of a budget that may
have been drawn on since is closed: that costs the shop figures, and nobody a part of their privacy.
"""

from datetime import datetime, timedelta
from typing import Final

from kalecart.analytics import store_releases
from kalecart.analytics.budget import Envelope, Purse, envelopes_of
from kalecart.analytics.quarter import Quarter, begins
from kalecart.clock import shop_date
from kalecart.database import Tx

# Staff may close a survey on its first day, and it is told then.
SURVEY_TOLD_EARLY: Final = timedelta(days=92)


async def close_envelopes(tx: Tx, *, since: datetime, now: datetime) -> int:
    """Of a database that is as it was at `since`, as its owner; how many. Doing it again changes nothing.

    What was answered by then stands. What was paid for and not answered may have been answered since: it is gone.
    """
    years = range(shop_date(since).year, shop_date(now).year + 2)
    await store_releases.open_envelopes(tx, [each for year in years for each in envelopes_of(year)])
    found = await store_releases.envelopes(tx)
    told = {each.id for each in found if may_have_told(each, since=since, now=now)}
    return await store_releases.close(tx, sorted(told | await store_releases.forget_unanswered(tx)))


def may_have_told(envelope: Envelope, *, since: datetime, now: datetime) -> bool:
    """Whether anything may have been paid out of it between two instants."""
    if envelope.kind is Purse.QUESTION:
        return shop_date(since).year <= envelope.year <= shop_date(now).year
    quarter = Quarter.parse(envelope.period)
    survey = envelope.kind is Purse.SURVEY
    earliest = begins(quarter.first_day) - SURVEY_TOLD_EARLY if survey else begins(quarter.next.first_day)
    return earliest <= now and since < quarter.counted_until()
