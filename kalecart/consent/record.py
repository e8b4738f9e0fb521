"""Write down what a person decided about a purpose, with the words and the policy they were shown (C4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from kalecart.clock import Clock, shop_date
from kalecart.consent import reads, store
from kalecart.consent.purpose import Decision, Purpose
from kalecart.consent.reads import ConsentState
from kalecart.consent.suspend import settle
from kalecart.consent.words import WORDS
from kalecart.customers import store as customers
from kalecart.database import Database, Tx
from kalecart.errors import Invalid, NotFound
from kalecart.ids import CustomerId
from kalecart.policy import reads as policy


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose, and the version of the policy they were shown; None means the one in force (E87).

    `signal` is whether the browser asked for less at that moment (Sec-GPC).
    """

    given: Mapping[Purpose, bool]
    policy_version: str | None = None
    signal: bool = False
    source: store.Source = "account_page"


async def record_consents(
    choices: Choices, *, customer_id: CustomerId, db: Database, clock: Clock, notice: timedelta
) -> list[ConsentState]:
    """Add what changed to the ledger and return what holds; choosing what already holds adds nothing.

    Withdrawing what delivering needs takes as many steps as giving it, one. It begins a notice of that length, and
    giving it again ends the notice or the suspension at once (C5).
    """
    async with db.transaction() as tx:
        if not await customers.lock(tx, customer_id):
            raise NotFound("There is no such customer.")
        now = clock.now()
        version = await shown_version(tx, choices.policy_version, clock=clock)
        held = {state.purpose: state for state in await reads.consents_of(tx, customer_id)}
        for purpose, given in choices.given.items():
            if held[purpose].given is not given:
                decided = entry(
                    purpose, customer_id, version, given=given, source=choices.source, signal=choices.signal
                )
                await store.add(tx, decided, now=now)
        await settle(tx, customer_id, field=None, notice=notice, now=now)
        return await reads.consents_of(tx, customer_id)


def entry(
    purpose: Purpose,
    customer_id: CustomerId,
    policy_version: str,
    *,
    given: bool,
    source: store.Source,
    signal: bool = False,
) -> store.Entry:
    """One line for the ledger, on the words that are shown today."""
    return store.Entry(
        customer_id=customer_id,
        words=WORDS[purpose],
        decision=Decision.GIVEN if given else Decision.WITHDRAWN,
        policy_version=policy_version,
        source=source,
        despite_signal=given and signal,
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
