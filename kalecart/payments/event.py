"""What Stripe tells us of: which kinds of events change the books, and what is kept of one."""

import re
from dataclasses import dataclass
from typing import Final

# Anything else is answered and forgotten. Stripe's list of events takes at most twenty of them.
SETTLED_TYPES: Final = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.canceled",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "payment_method.automatically_updated",
        "payment_method.updated",
        "payment_method.detached",
        "mandate.updated",
        "setup_intent.succeeded",
    }
)


_STRIPE_ID: Final = re.compile(r"[A-Za-z0-9_]{1,255}")


@dataclass(frozen=True, kw_only=True)
class EventSnapshot:
    """An event by its ids. `foreign` means that it is of another account or of the other mode (E33)."""

    stripe_id: str
    kind: str
    object_id: str
    foreign: bool = False

    @property
    def settles(self) -> bool:
        """Whether it may change the books."""
        return self.kind in SETTLED_TYPES

    @property
    def well_formed(self) -> bool:
        """Whether it can be stored, and Stripe be asked for what it is about."""
        if not isinstance(self.kind, str):
            return False
        ids = (self.stripe_id, self.object_id) if self.settles else (self.stripe_id,)
        return all(isinstance(one, str) and _STRIPE_ID.fullmatch(one) for one in ids)
