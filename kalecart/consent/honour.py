"""Do what a browser asks for its person: Global Privacy Control, the header `Sec-GPC: 1`.

It asks that what a person does is not passed on. Here nothing is passed on but totals about many, so what it switches
off is being counted for them. A consent that was given while the browser was asking is the person's own choice against
it and stands; every other one ends when the signal is first seen, and the ledger says by what.
"""

from collections.abc import Sequence

from kalecart.clock import Clock
from kalecart.consent import reads, store
from kalecart.consent.purpose import Purpose
from kalecart.consent.reads import ConsentState
from kalecart.consent.record import entry, shown_version
from kalecart.customers import store as customers
from kalecart.database import Database
from kalecart.ids import CustomerId


async def honour_signal(customer_id: CustomerId, *, db: Database, clock: Clock) -> list[Purpose]:
    """Withdraw what the signal is about and return it; as a rule nothing, and then it costs one read."""
    async with db.snapshot() as tx:
        if not _against(await reads.consents_of(tx, customer_id)):
            return []
    async with db.transaction() as tx:
        await customers.lock(tx, customer_id)
        ended = _against(await reads.consents_of(tx, customer_id))
        version = await shown_version(tx, None, clock=clock)
        for purpose in ended:
            withdrawn = entry(purpose, customer_id, version, given=False, source="gpc")
            await store.add(tx, withdrawn, now=clock.now())
        return ended


def _against(held: Sequence[ConsentState]) -> list[Purpose]:
    return [state.purpose for state in held if state.purpose.counted and state.given and not state.despite_signal]
