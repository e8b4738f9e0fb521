"""What `./kale doctor money` finds: every invariant proved, and Stripe, the ledger and the orders held side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Unavailable
from kalecart.payments.compare import LOOK_AGAIN_S, compare_patiently
from kalecart.payments.comparison import Comparison, Sums, What
from kalecart.payments.gateway import Gateway
from kalecart.payments.listing import Span
from kalecart.payments.prove import BEGINNING, Proof, prove

ROWS = {What.PAYMENT: "charged", What.REFUND: "refunded", What.DISPUTE: "disputed"}


@dataclass(frozen=True, kw_only=True)
class MoneyReport:
    """`comparison` is None where Stripe did not answer: then nothing is said about it."""

    proofs: Sequence[Proof]
    comparison: Comparison | None

    @property
    def well(self) -> bool:
        return all(proof.holds for proof in self.proofs) and self.agreed

    @property
    def agreed(self) -> bool:
        """Whether Stripe, the ledger and the orders say the same to the cent."""
        return self.comparison is not None and not self.comparison.gaps and all(s.equal for s in self.sums.values())

    @property
    def sums(self) -> dict[str, Sums]:
        """What was charged, refunded, disputed, and what is left of it."""
        if self.comparison is None:
            return {}
        return {word: self.comparison.sums[what] for what, word in ROWS.items()} | {"kept": self.comparison.kept}

    def as_json(self) -> dict[str, Any]:
        gaps = self.comparison.gaps if self.comparison else []
        return {
            "well": self.well,
            "invariants": [
                {"name": each.invariant.name, "sentence": each.invariant.sentence, "exceptions": list(each.exceptions)}
                for each in self.proofs
            ],
            "stripe_answered": self.comparison is not None,
            "cents": {
                word: {"stripe": sums.stripe, "ledger": sums.ledger, "orders": sums.orders}
                for word, sums in self.sums.items()
            },
            "gaps": [
                {
                    "gap": str(pair.gap),
                    "stripe_id": pair.stripe_id,
                    "order_id": str(pair.order_id),
                    "cents": {"stripe": pair.cents.stripe, "ledger": pair.cents.ledger, "orders": pair.cents.orders},
                }
                for pair in gaps
            ],
            "foreign": self.comparison.foreign if self.comparison else 0,
        }


async def examine_money(
    *, db: Database, gateway: Gateway, clock: Clock, since: datetime | None, wait_s: float = LOOK_AGAIN_S
) -> MoneyReport:
    """Reads only. `since` leaves out older orders, and what Stripe made before it; None looks at everything."""
    async with db.snapshot() as tx:
        proofs = await prove(tx, now=clock.now(), since=since or BEGINNING)
    span = Span(since=since, until=clock.now() + timedelta(seconds=1))
    try:
        comparison = await compare_patiently(span, db=db, gateway=gateway, wait_s=wait_s)
    except Unavailable:
        comparison = None
    return MoneyReport(proofs=proofs, comparison=comparison)
