"""Write down what a person decided about a purpose, with the words and the policy they were shown (C4)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from kalecart.clock import Clock, shop_date
from kalecart.consent import reads, store
from kalecart.consent.purpose import NECESSITIES, Decision, Purpose
from kalecart.consent.reads import ConsentState
from kalecart.consent.words import CONSEQUENCE, WORDS
from kalecart.database import Database, Tx
from kalecart.errors import Invalid, NotFound, Refused
from kalecart.ids import CustomerId
from kalecart.policy import reads as policy


class StillNeeded(Refused):
    """Delivery needs this consent."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose, and the version of the policy they were shown; None means the one in force (E87)."""

    given: Mapping[Purpose, bool]
    policy_version: str | None = None


async def record_consents(
    choices: Choices, *, customer_id: CustomerId, db: Database, clock: Clock
) -> list[ConsentState]:
    """Add what changed to the ledger and return what holds; choosing what already holds adds nothing.

    Raises StillNeeded for a withdrawal of what delivering needs, with the reasons and the consequence (C5).
    """
    if choices.given.get(Purpose.PAYMENT_AND_DELIVERY) is False:
        raise still_needed()
    now = clock.now()
    async with db.transaction() as tx:
        version = await shown_version(tx, choices.policy_version, clock=clock)
        held = {state.purpose: state.given for state in await reads.consents_of(tx, customer_id)}
        for purpose, given in choices.given.items():
            if held[purpose] is not given:
                await store.add(tx, entry(purpose, customer_id, version, given=given, source="account_page"), now=now)
        return await reads.consents_of(tx, customer_id)


def still_needed() -> StillNeeded:
    """The refusal, with why each field is needed and what not supplying it leads to."""
    reasons = [asdict(row) for row in NECESSITIES if row.purpose.necessary]
    return StillNeeded(CONSEQUENCE, reasons=reasons, consequence=CONSEQUENCE)


def entry(
    purpose: Purpose, customer_id: CustomerId, policy_version: str, *, given: bool, source: store.Source
) -> store.Entry:
    """One line for the ledger, on the words that are shown today."""
    decision = Decision.GIVEN if given else Decision.WITHDRAWN
    return store.Entry(
        customer_id=customer_id,
        words=WORDS[purpose],
        decision=decision,
        policy_version=policy_version,
        source=source,
    )


async def shown_version(tx: Tx, shown: str | None, *, clock: Clock) -> str:
    """The version that was shown, once it is known to have been in force; without a name, the one in force."""
    today = shop_date(clock.now())
    if shown is None:
        return (await policy.current(tx, today)).version
    try:
        version = await policy.version(tx, shown)
    except NotFound:
        version = None
    if version is None or version.effective_on > today:
        raise Invalid({"/policy_version": "This is not a version of our policy. Load the page again."})
    return version.version
