"""Ask what share of people bought one product in a quarter: staff, a few times a year (C6)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kalecart import audit, tasks
from kalecart.analytics import question as questions
from kalecart.analytics import reads, store_releases
from kalecart.analytics.budget import MICRO, QUESTION_MICRORHO, Envelope, Purse, id_of, spent
from kalecart.analytics.quarter import Quarter, begins
from kalecart.analytics.rules import PEOPLE_SOME, may_ask, size_of
from kalecart.clock import Clock, shop_date
from kalecart.database import ConstraintBroken, Database, Tx
from kalecart.errors import NotFound, NotYet, Refused
from kalecart.figure_jobs import AnswerShare
from kalecart.staff.member import StaffMember

# What people bought is forgotten some day, and an answer takes a while.
ANSWERED_WITHIN: Final = timedelta(days=1)
TRY_AGAIN: Final = timedelta(days=1)
QUESTION_RHO: Final = QUESTION_MICRORHO / MICRO


class TooFew(Refused):
    """Too few people to say."""


class CountedNoMore(Refused):
    """What was bought in that quarter is forgotten."""


class CountedNotYet(NotYet):
    """That quarter is not counted yet."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`key` names the release (`reads.released`); `anew` is False where it was asked before and cost nothing now."""

    key: str
    anew: bool
    hint: tasks.Promise | None


async def ask_share(
    quarter: Quarter, sku: str, *, by: StaffMember, db: Database, clock: Clock, rho: float = QUESTION_RHO
) -> Asked:
    """Pay for the question and promise its answer; asked again it costs nothing and is answered the same (E75).

    Whoever pays more `rho` gets a sharper figure, and fewer of them a year. Raises RoleForbids, NotFound for a product
    that was not sold then, TooFew, CountedNotYet, CountedNoMore; UnusablePrice and BudgetSpent with the day on which it
    renews (E76).
    """
    by.require("figures:ask")
    now = clock.now()
    envelope_id = id_of(Purse.QUESTION, str(shop_date(now).year))
    key = questions.share_key(quarter, sku)
    envelope: Envelope | None = None
    try:
        async with db.transaction() as tx:
            if await store_releases.question(tx, key) is not None:
                return Asked(key=key, anew=False, hint=None)
            await _require(tx, quarter, sku, clock)
            envelope = await store_releases.envelope_of(tx, envelope_id)
            if envelope is None:
                raise CountedNotYet("The year's budget opens within a day.", after=now + TRY_AGAIN)
            question = questions.share(quarter, sku, envelope_id=envelope_id, microrho=envelope.price(rho))
            if not await store_releases.debit(tx, question, now=now, asked_by=by.id):
                return Asked(key=key, anew=False, hint=None)
            hint = await tasks.promise(tx, AnswerShare(question=key), now=now)
            subject = ("release", key)
            await audit.record(tx, "share_asked", by=audit.by_staff(by.id), subject=subject, now=now)
    except ConstraintBroken as error:
        # Others asked at the same moment, and the database let in as many as there was budget for.
        if envelope is not None and error.constraint == store_releases.OVERSPENT:
            raise spent(envelope.renews_on) from None
        raise
    return Asked(key=key, anew=True, hint=hint)


async def _require(tx: Tx, quarter: Quarter, sku: str, clock: Clock) -> None:
    if sku not in await reads.product_names(tx, quarter):
        raise NotFound("That product was not sold in that quarter.")
    counted = await store_releases.answer_to(tx, questions.count(quarter).key)
    now, ended = clock.now(), begins(quarter.next.first_day)
    if now >= quarter.counted_until() - ANSWERED_WITHIN:
        raise CountedNoMore("Ask within 59 days of a quarter's end.")
    if counted is None:
        raise CountedNotYet(
            "A quarter can be asked about once it is over and its people are counted.",
            after=max(ended, now) + TRY_AGAIN,
        )
    if not may_ask(size_of(counted.counts[0])):
        raise TooFew(f"Fewer than {PEOPLE_SOME} people were counted in that quarter.")
