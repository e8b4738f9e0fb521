"""What the shop writes to people about."""

from enum import StrEnum
from typing import Final


class MailKind(StrEnum):
    """What the shop writes to people about. `kalecart/mail/` knows whom, and the words."""

    ORDER_RECEIPT = "order_receipt"
    REFUND_RECEIPT = "refund_receipt"
    ORDER_CANCELLED = "order_cancelled"
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_ACTION_NEEDED = "payment_action_needed"
    CARD_EXPIRING = "card_expiring"
    DELIVERY_ENDS = "delivery_ends"
    EMAIL_CHANGED = "email_changed"
    STILL_RIGHT = "still_right"
    POLICY_CHANGED = "policy_changed"
    CEASE_NOTICE = "cease_notice"
    REPEAT_SENDER = "repeat_sender"
    REQUEST_RECEIVED = "request_received"
    REQUEST_ANSWERED = "request_answered"
    REQUEST_DUE = "request_due"
    ERASURE = "erasure"
    REQUEST_CODE = "request_code"
    REQUEST_UNKNOWN = "request_unknown"
    REQUEST_COST = "request_cost"
    REQUEST_COMPLETED = "request_completed"
    SURVEY_REMINDER = "survey_reminder"
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_ANSWERED = "complaint_answered"
    COMPLAINT_DUE = "complaint_due"
    TRAINING_DUE = "training_due"
    LOG_IN_CHANGED = "log_in_changed"
    PAPER_OVERDUE = "paper_overdue"
    AUDIT_DUE = "audit_due"


# Letters whose subject is the person they are for: a customer, a member of staff, or a correspondent.
PERSONAL_KINDS: Final[frozenset[MailKind]] = frozenset(
    {kind for kind in MailKind if kind.startswith(("request_", "complaint_"))}
    | {MailKind.POLICY_CHANGED, MailKind.CEASE_NOTICE, MailKind.REPEAT_SENDER, MailKind.ERASURE}
    | {MailKind.TRAINING_DUE, MailKind.LOG_IN_CHANGED, MailKind.PAPER_OVERDUE, MailKind.AUDIT_DUE}
)
# Among them those that answer what their person asked of their own data.
ASKED_KINDS: Final[frozenset[MailKind]] = frozenset(
    {kind for kind in PERSONAL_KINDS if kind.startswith("request_")} - {MailKind.REQUEST_DUE} | {MailKind.ERASURE}
)
