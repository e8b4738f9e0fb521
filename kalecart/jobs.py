"""What can be asked of the workers: one frozen dataclass for each kind of job.

Jobs live at the bottom of the house so that any area can promise one to an area above it. They carry ids and dates,
never a person: they are stored in `task`, and shown to staff.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from kalecart.figure_jobs import AnswerShare, MakeExport, ReleaseQuarter, ReleaseSurvey
from kalecart.ids import CustomerId, OrderId, PaymentMethodId, RefundId, RequestId
from kalecart.job import Job
from kalecart.mail_kinds import MailKind
from kalecart.timed_jobs import (
    AskYearly,
    BackfillEvents,
    CheckOpenPayments,
    DestroySources,
    ExpireCarts,
    FinishErasures,
    KeepNoLonger,
    LiftBars,
    OpenWindows,
    PrepareCount,
    ProveFigures,
    ProveMoney,
    ProveRegister,
    ProveTrail,
    Prune,
    ReadMail,
    Reconcile,
    ReleaseUnpaid,
    TellExpiring,
    TellPolicy,
    TendSurveys,
    WatchAudits,
    WatchComplaints,
    WatchPaper,
    WatchSafeguards,
    WatchTrail,
    WatchTraining,
)


@dataclass(frozen=True, kw_only=True)
class ChargeOrder(Job):
    """Collect the payment of an order: its first try, or one more after the customer chose another card (C15)."""

    topic = "charge_order"
    queue = "payments"
    needed = True
    order_id: OrderId
    attempt: int


@dataclass(frozen=True, kw_only=True)
class SettleCancellation(Job):
    """Give a cancelled order's money back, or make sure that none is taken.

    `cause` is `cancelled`, the id of a charge that went through all the same, or `declined`: a debit that could not be
    called off has failed.
    """

    topic = "settle_cancellation"
    queue = "payments"
    needed = True
    order_id: OrderId
    cause: str


@dataclass(frozen=True, kw_only=True)
class SendRefund(Job):
    """Ask Stripe to give money back."""

    topic = "send_refund"
    queue = "payments"
    needed = True
    refund_id: RefundId


@dataclass(frozen=True, kw_only=True)
class CheckPayment(Job):
    """Ask Stripe what became of an order's payment. `occasion` tells one question from the next."""

    topic = "check_payment"
    queue = "payments"
    order_id: OrderId
    occasion: str


@dataclass(frozen=True, kw_only=True)
class SettleEvent(Job):
    """Bring what Stripe told us into the books."""

    topic = "settle_event"
    queue = "payments"
    needed = True
    event_id: str


@dataclass(frozen=True, kw_only=True)
class SendMail(Job):
    """Write to a person, once for each kind, subject and occasion.

    The subject is the id of an order, of a card that expires, or of the person (`PERSONAL_KINDS`). `occasion` tells one
    message of a kind about the same subject from the next: the id of the attempt that was declined, the id of a refund,
    the month a card expires, a version of the policy, the instant at which steps of complaints were taken.
    """

    topic = "send_mail"
    queue = "mail"
    kind: MailKind
    subject: UUID
    occasion: str = ""


def receipt_for(order_id: OrderId) -> SendMail:
    """What every paid order promises."""
    return SendMail(kind=MailKind.ORDER_RECEIPT, subject=order_id)


@dataclass(frozen=True, kw_only=True)
class DetachMethod(Job):
    """Have Stripe forget a card or bank account that its owner removed."""

    topic = "detach_method"
    queue = "payments"
    method_id: PaymentMethodId


@dataclass(frozen=True, kw_only=True)
class LetAhead(Job):
    """Decide whether an order goes ahead while its bank moves the money (C15). `cause` is the try it is paid by."""

    topic = "let_ahead"
    queue = "payments"
    order_id: OrderId
    cause: str


@dataclass(frozen=True, kw_only=True)
class KeepTombstone(Job):
    """Write down outside the database that somebody was erased, so that an older copy of it is recognised (E67)."""

    topic = "keep_tombstone"
    queue = "privacy"
    subject: UUID


@dataclass(frozen=True, kw_only=True)
class ErasePerson(Job):
    """Erase a customer whose request for it was verified (C10)."""

    topic = "erase_person"
    queue = "privacy"
    customer_id: CustomerId
    request_id: RequestId


@dataclass(frozen=True, kw_only=True)
class EraseOther(Job):
    """Erase somebody who is no customer and whose request for it was verified: no account, or no longer here (C10)."""

    topic = "erase_other"
    queue = "privacy"
    request_id: RequestId


@dataclass(frozen=True, kw_only=True)
class ForgetAtStripe(Job):
    """Have Stripe forget somebody who was erased here."""

    topic = "forget_at_stripe"
    queue = "privacy"
    erasure_id: UUID


@dataclass(frozen=True, kw_only=True)
class CompleteRequest(Job):
    """Make a package again that had to do without a source that did not answer (C10)."""

    topic = "complete_request"
    queue = "privacy"
    request_id: RequestId


@dataclass(frozen=True, kw_only=True)
class RemakePackage(Job):
    """Make a package again after something was decided about what is kept back; `number` counts the steps (C11)."""

    topic = "remake_package"
    queue = "privacy"
    request_id: RequestId
    number: int


@dataclass(frozen=True, kw_only=True)
class DestroySource(Job):
    """Destroy what reached the shop without consent before its day, as the manager asked (C4)."""

    topic = "destroy_source"
    queue = "privacy"
    source_id: UUID


@dataclass(frozen=True, kw_only=True)
class FulfilRequest(Job):
    """Put together what a person asked for (C10)."""

    topic = "fulfil_request"
    queue = "privacy"
    request_id: RequestId


@dataclass(frozen=True, kw_only=True)
class WatchRequests(Job):
    """Notice requests whose deadline nears, and let go of packages whose time is over."""

    topic = "watch_requests"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class CountHabits(Job):
    """Count what was bought on a day of the shop's calendar. `look` tells the first time from the later ones (C6)."""

    topic = "count_habits"
    queue = "analytics"
    day: str
    look: int

    @property
    def counted(self) -> date:
        return date.fromisoformat(self.day)


KINDS: Final[tuple[type[Job], ...]] = (
    ChargeOrder,
    SettleCancellation,
    SendRefund,
    CheckPayment,
    SettleEvent,
    SendMail,
    DetachMethod,
    LetAhead,
    LiftBars,
    TellExpiring,
    AskYearly,
    ReleaseUnpaid,
    CheckOpenPayments,
    BackfillEvents,
    Reconcile,
    ProveMoney,
    OpenWindows,
    ExpireCarts,
    PrepareCount,
    ProveFigures,
    ReleaseQuarter,
    AnswerShare,
    ReleaseSurvey,
    CountHabits,
    TendSurveys,
    MakeExport,
    TellPolicy,
    DestroySources,
    Prune,
    KeepTombstone,
    WatchTrail,
    ProveTrail,
    ProveRegister,
    CompleteRequest,
    RemakePackage,
    DestroySource,
    FulfilRequest,
    WatchRequests,
    WatchSafeguards,
    WatchComplaints,
    ReadMail,
    WatchTraining,
    WatchPaper,
    WatchAudits,
    ErasePerson,
    EraseOther,
    ForgetAtStripe,
    FinishErasures,
    KeepNoLonger,
)
JOBS: Final = {kind.topic: kind for kind in KINDS}
NEEDED: Final = tuple(kind.topic for kind in KINDS if kind.needed)
QUEUES: Final = tuple(sorted({kind.queue for kind in KINDS}))
