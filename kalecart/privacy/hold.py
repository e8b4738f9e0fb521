"""What an erasure waits for: which details a hold keeps, why, and when it ends (C11, E63, E70)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.ids import CustomerId, StaffId

# Banks take a refund in so many days, and decide a dispute so long after the shop's answer.
REFUND_TAKES: Final = timedelta(days=30)
DISPUTE_TAKES: Final = timedelta(days=90)
# A letter that cannot be delivered comes back within so many days, by e-mail and by post, and the answer in it then was
# none (E86).
RETURN_TAKES: Final = timedelta(days=7)
POST_RETURN_TAKES: Final = timedelta(days=21)


class HoldKind(StrEnum):
    """Why some of a person's details are kept for now."""

    OPEN_ORDER = "open_order"
    OPEN_DISPUTE = "open_dispute"
    REFUND_UNDER_WAY = "refund_under_way"
    LEGAL_HOLD = "legal_hold"
    OPEN_COMPLAINT = "open_complaint"


@dataclass(frozen=True, kw_only=True)
class Held:
    """One thing in the way. `subject` is the id of the order, the hold or the complaint; `until` is when it is expected
    to end."""

    kind: HoldKind
    subject: UUID
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class LegalHold:
    """One hold, on or lifted. `ground` is a code or the number of a case, and says nothing about anybody."""

    id: UUID
    customer_id: CustomerId
    ground: str
    placed_by: StaffId
    placed_at: datetime
    review_at: datetime
    lifted_at: datetime | None

    def to_look_at(self, now: datetime) -> bool:
        """Whether somebody was to look by now whether it is still needed."""
        return self.lifted_at is None and now >= self.review_at


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What holds of a kind keep: columns, and for some of them only the rows for which the SQL holds."""

    why: str
    ends: str
    columns: Mapping[str, str] = field(default_factory=dict)


_OF_THE_ORDER: Final = "address.id IN (SELECT address_id FROM customer_order WHERE customer_order.id = ANY(:held))"
_PAID_WITH: Final = (
    "payment_method.id IN (SELECT payment_method_id FROM customer_order WHERE customer_order.id = ANY(:held)"
    " UNION SELECT payment_method_id FROM attempt WHERE attempt.order_id = ANY(:held))"
)
_WHOM: Final = {"customer.name_sealed": "", "customer.email_sealed": ""}
_OF_THE_COMPLAINT: Final = "complaint_id = ANY(:held)"

KEPT: Final[Mapping[HoldKind, Kept]] = {
    HoldKind.OPEN_ORDER: Kept(
        why="an order is on its way to you",
        ends="once it is delivered or cancelled",
        columns={
            **_WHOM,
            "customer.phone_sealed": "",
            "customer.stripe_customer_id": "",
            "address.sealed": _OF_THE_ORDER,
            "payment_method.sealed": _PAID_WITH,
            "payment_method.stripe_id": _PAID_WITH,
        },
    ),
    HoldKind.OPEN_DISPUTE: Kept(
        why="a charge is contested at your bank, and the bank may ask us whom we delivered to",
        ends="once the bank has decided",
        columns={
            **_WHOM,
            "address.sealed": _OF_THE_ORDER,
            "payment_method.sealed": _PAID_WITH,
            "customer.stripe_customer_id": "",
        },
    ),
    HoldKind.REFUND_UNDER_WAY: Kept(
        why="money is on its way back to you",
        ends="once it has arrived",
        columns={**_WHOM, "customer.stripe_customer_id": "", "payment_method.sealed": _PAID_WITH},
    ),
    HoldKind.LEGAL_HOLD: Kept(
        why="the law obliges us to keep it",
        ends="once the obligation ends",
        columns={
            **_WHOM,
            "customer.phone_sealed": "",
            "customer.stripe_customer_id": "",
            "address.sealed": "",
            "payment_method.sealed": "",
            "payment_method.stripe_id": "",
        },
    ),
    HoldKind.OPEN_COMPLAINT: Kept(
        why="a complaint of yours is open, and we owe you its answer",
        ends="once our answer has reached you",
        columns={
            **_WHOM,
            "correspondent.name_sealed": "",
            "correspondent.email_sealed": "",
            **{
                f"complaint.{column}": "complaint.id = ANY(:held)"
                for column in ("text_sealed", "postal_sealed", "explanation_sealed", "code_sealed", "code_hash")
            },
            "complaint_concern.text_sealed": _OF_THE_COMPLAINT,
            "complaint_addition.content_sealed": _OF_THE_COMPLAINT,
            "complaint_answer.findings_sealed": _OF_THE_COMPLAINT,
            "complaint_answer.steps_sealed": _OF_THE_COMPLAINT,
        },
    ),
}
# An open complaint says itself how long it is waited for, and needs no line beside it.
OPEN_COMPLAINTS: Final = """
    SELECT 'open_complaint' AS kind, complaint.id AS subject,
           CASE WHEN answered_at IS NOT NULL THEN back.until WHEN due_at > :now THEN due_at END AS until
      FROM complaint CROSS JOIN LATERAL (
               SELECT max(sent_at + CASE channel WHEN 'post' THEN :post_return_takes ELSE :return_takes END) AS until
                 FROM complaint_answer WHERE complaint_id = complaint.id AND bounced_at IS NULL) AS back
     WHERE (customer_id = :person OR correspondent_id = :person) AND (answered_at IS NULL OR back.until > :now)
"""
