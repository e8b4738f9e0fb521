"""What each kind of message is about: the facts its words need, read when it is written, not when promised."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from kalecart import tombstones
from kalecart.clock import shop_date
from kalecart.complaints import reads as complaints
from kalecart.complaints.reads_told import told_of
from kalecart.consent import reads as consents
from kalecart.correspondents import reads as correspondents
from kalecart.customers import reads as customers
from kalecart.customers.profile import Reach
from kalecart.database import Tx
from kalecart.disclosures import Field
from kalecart.errors import NotFound
from kalecart.ids import ComplaintId, OrderId, PaymentMethodId, RequestId, StaffId
from kalecart.jobs import MailKind
from kalecart.mail import at_work
from kalecart.mail.letter import Letter
from kalecart.mail.message import Message
from kalecart.mail.words import written
from kalecart.orders.order import OrderStatus
from kalecart.orders.reads import OrderView, order_view
from kalecart.paper import reads as paper
from kalecart.paper.item import SHRED_WITHIN
from kalecart.payments import reads as payments
from kalecart.payments import reads_money as money
from kalecart.payments.refund import RefundState
from kalecart.policy import reads as policy
from kalecart.privacy import reads as privacy
from kalecart.privacy import reads_erasure as erasures
from kalecart.privacy.codes import code_of
from kalecart.privacy.hold import KEPT
from kalecart.staff import reads as staff
from kalecart.surveys import reads as surveys
from kalecart.vault import Vault

# The facts of one kind of message, or None where there is nothing to tell any more.
Facts = dict[str, Any] | None


async def compose(
    tx: Tx, message: Message, *, vault: Vault, public_url: str, now: datetime, secrets: bool = True
) -> Letter | None:
    """The letter as it would be sent now; None where events have overtaken it, or the person was erased.

    Without `secrets` a code in it is left out: that is for its owner, and not for whoever looks at the letter here.
    """
    if await tombstones.is_erased(tx, message.person_id):
        return None
    facts = await FACTS[message.kind](tx, message, vault)
    if facts is None:
        return None
    if not secrets and facts.get("code"):
        facts["code"] = "(not shown here)"
    whom = await reach(tx, message, vault)
    links = {"order": f"{public_url}/orders/{message.order_id}", "account": f"{public_url}/account"}
    links |= {"policy": f"{public_url}/policy", "console": f"{public_url}/staff"}
    links["surveys"] = f"{public_url}/account/surveys"
    about = message.occasion.partition(":")[0]
    links["erasure"] = f"{public_url}/privacy/erasures/{about}"
    links |= {"requests": f"{public_url}/staff/requests", "proof": f"{public_url}/privacy/requests/{about}"}
    links["data"] = links["proof"] if message.correspondent_id else f"{public_url}/{_OWN_DATA[bool(message.staff_id)]}"
    links["log_ins"] = f"{public_url}/staff/log-ins"
    links |= {"complaints": f"{public_url}/complaints", "board": f"{public_url}/staff/complaints"}
    words = written(message.kind, {**facts, "name": whom.name, "links": links, "now": now})
    return Letter(id=message.id, to=whom.email, **words, written_at=now)


# What a letter says beside its name and address, by its kind: for the disclosure ledger.
_TOLD: Final[Mapping[MailKind, tuple[Field, ...]]] = {
    MailKind.ORDER_RECEIPT: (Field.ORDER_LINES, Field.CARD_LAST4),
    MailKind.REFUND_RECEIPT: (Field.AMOUNT, Field.ORDER_LINES, Field.CARD_LAST4),
    MailKind.PAYMENT_DECLINED: (Field.ORDER_ID, Field.AMOUNT),
    MailKind.PAYMENT_ACTION_NEEDED: (Field.ORDER_ID, Field.AMOUNT),
    MailKind.ORDER_CANCELLED: (Field.ORDER_ID, Field.AMOUNT),
    MailKind.CARD_EXPIRING: (Field.CARD_LAST4,),
}


def told_by(kind: MailKind) -> tuple[Field, ...]:
    """What whoever carries a letter of this kind learns of its person (C10)."""
    return (Field.NAME, Field.EMAIL, Field.LETTER, *_TOLD.get(kind, ()))


# Where somebody with a log-in reads what became of their request: a customer, and who works here.
_OWN_DATA: Final = {False: "account/data", True: "staff/data"}


async def reach(tx: Tx, message: Message, vault: Vault) -> Reach:
    """Whom a message goes to, as they can be reached now."""
    if message.kind is MailKind.EMAIL_CHANGED:
        return await customers.reach_before(tx, message.subject_id, vault)
    if message.customer_id is not None:
        return await customers.reach_of(tx, message.customer_id, vault)
    if message.staff_id is not None:
        return await staff.reach_of(tx, message.staff_id, vault)
    assert message.correspondent_id is not None
    return await correspondents.reach_of(tx, message.correspondent_id, vault)


async def _paid(tx: Tx, message: Message, vault: Vault) -> Facts:
    """Nothing where the order was cancelled since: that has letters of its own."""
    order = await _order(tx, message)
    card = await payments.paid_with(tx, order.id, vault)
    if card is None or order.status is OrderStatus.CANCELLED:
        return None
    return {"order": order, "card": card}


async def _refunded(tx: Tx, message: Message, vault: Vault) -> Facts:
    """Nothing where the refund failed after all. `occasion` is its id."""
    order = await _order(tx, message)
    found = [refund for refund in await money.refunds_of(tx, order.id) if str(refund.id) == message.occasion]
    card = await payments.paid_with(tx, order.id, vault)
    if not found or found[0].state is RefundState.FAILED or card is None:
        return None
    return {"order": order, "refund": found[0], "card": card}


async def _cancelled(tx: Tx, message: Message, _vault: Vault) -> Facts:
    order = await _order(tx, message)
    if order.status is not OrderStatus.CANCELLED:
        return None
    return {"order": order, "paid": (await payments.payment_of(tx, order.id)).state == "paid"}


async def _declined(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where the order is paid by now, or another try is on its way."""
    order = await _order(tx, message)
    payment = await payments.payment_of(tx, order.id)
    if order.status is OrderStatus.CANCELLED or payment.state != "declined":
        return None
    return {"order": order, "why": payment.decline_words}


async def _action_needed(tx: Tx, message: Message, _vault: Vault) -> Facts:
    order = await _order(tx, message)
    payment = await payments.payment_of(tx, order.id)
    if order.status is OrderStatus.CANCELLED or payment.state != "action_needed":
        return None
    return {"order": order}


async def _expiring(tx: Tx, message: Message, vault: Vault) -> Facts:
    """Nothing where the card was removed, or its bank has renewed it."""
    card = await payments.card_of(tx, PaymentMethodId(message.subject_id), vault)
    if card is None or (message.occasion and card.expires != message.occasion):
        return None
    return {"card": card}


async def _delivery_ends(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """The notice in the words it was given in. Nothing where they have agreed again since."""
    suspension = await consents.standing(tx, message.subject_id)
    return None if suspension is None else {"told": suspension.text.splitlines()[1:], "suspension": suspension}


async def _nothing_but_words(_tx: Tx, _message: Message, _vault: Vault) -> Facts:
    return {}


async def _policy_changed(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """`occasion` is the version."""
    return {"policy": await policy.version(tx, message.occasion), "works_here": message.staff_id is not None}


async def _request(tx: Tx, message: Message, vault: Vault) -> Facts:
    """`occasion` begins with the request's id."""
    shown = await privacy.shown(tx, _request_id(message))
    code = await _code(tx, message, vault)
    return {"request": shown.request, "package": shown.package, "code": code}


async def _request_code(tx: Tx, message: Message, vault: Vault) -> Facts:
    """Nothing where the code is used up, or the request went on without one."""
    facts = await _request(tx, message, vault)
    return facts if facts and facts["code"] else None


async def _code(tx: Tx, message: Message, vault: Vault) -> str | None:
    return await code_of(tx, _request_id(message), message.person_id, vault=vault, now=message.due_at)


def _request_id(message: Message) -> RequestId:
    """An occasion begins with it; what follows tells one letter about it from the next."""
    return RequestId(UUID(message.occasion.partition(":")[0]))


async def _request_cost(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """`occasion` is the request's id, and where only one thing would cost too much, the step that says so."""
    request_id, _, number = message.occasion.partition(":")
    shown = await privacy.shown(tx, RequestId(UUID(request_id)))
    if not number:
        return {"request": shown.request, "thing": None, "cents": shown.request.cost_cents}
    last = next((each for each in shown.restrictions if each.number == int(number) and each.undecided), None)
    return {"request": shown.request, "thing": last.title, "cents": last.estimate_cents} if last else None


async def _request_due(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where it is answered by now. `occasion` is the request's id and how near the end is."""
    shown = await privacy.shown(tx, _request_id(message))
    if not shown.request.open:
        return None
    return {"request": shown.request}


async def _erasure(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """`occasion` is the erasure's number: all that leads to its certificate, once the address is gone."""
    erasure = await erasures.certificate(tx, UUID(message.occasion))
    if erasure is None:
        return None
    lying = await paper.lying_about(tx, erasure.person.kind.column, erasure.person.id)
    return {"erasure": erasure, "kept": KEPT, "papers": lying, "shred_within": SHRED_WITHIN.days}


async def _complaint(tx: Tx, message: Message, vault: Vault) -> Facts:
    """`occasion` is the complaint's id, and whether something that came with it was too large."""
    complaint_id, _, rest = message.occasion.partition(":")
    case = await complaints.find(tx, ComplaintId(UUID(complaint_id)))
    code = await complaints.code_of(tx, case, vault)
    return {"complaint": case, "code": code, "left_out": rest.startswith("left_out")}


async def _complaint_answered(tx: Tx, message: Message, vault: Vault) -> Facts:
    """`occasion` is the answer's id."""
    case_id = await complaints.of_answer(tx, UUID(message.occasion))
    if case_id is None:
        return None
    case = await complaints.find(tx, case_id)
    return {"complaint": case, "answer": await complaints.answer_in(tx, case, UUID(message.occasion), vault)}


async def _complaint_due(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where all of them are answered by now. `occasion` says which steps it is about."""
    at = message.due_at
    told = await told_of(tx, StaffId(message.subject_id), message.occasion, now=at)
    return {"told": told, "at": at} if told.count else None


async def _still_right(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where they have answered."""
    why = await customers.check_why(tx, message.subject_id)
    return None if why is None else {"why": why.value}


async def _survey_reminder(tx: Tx, message: Message, _vault: Vault) -> Facts:
    """Nothing where they have answered, or the survey is over."""
    found = await surveys.reminder(tx, message.subject_id, today=shop_date(message.due_at))
    return None if found is None else {"survey": found}


FACTS: Final[Mapping[MailKind, Callable[[Tx, Message, Vault], Awaitable[Facts]]]] = {
    MailKind.ORDER_RECEIPT: _paid,
    MailKind.REFUND_RECEIPT: _refunded,
    MailKind.ORDER_CANCELLED: _cancelled,
    MailKind.PAYMENT_DECLINED: _declined,
    MailKind.PAYMENT_ACTION_NEEDED: _action_needed,
    MailKind.CARD_EXPIRING: _expiring,
    MailKind.DELIVERY_ENDS: _delivery_ends,
    MailKind.POLICY_CHANGED: _policy_changed,
    MailKind.REQUEST_RECEIVED: _request,
    MailKind.REQUEST_ANSWERED: _request,
    MailKind.REQUEST_DUE: _request_due,
    MailKind.CEASE_NOTICE: _nothing_but_words,
    MailKind.REPEAT_SENDER: _nothing_but_words,
    MailKind.ERASURE: _erasure,
    MailKind.REQUEST_CODE: _request_code,
    MailKind.REQUEST_UNKNOWN: _request,
    MailKind.REQUEST_COST: _request_cost,
    MailKind.EMAIL_CHANGED: _nothing_but_words,
    MailKind.STILL_RIGHT: _still_right,
    MailKind.REQUEST_COMPLETED: _request,
    MailKind.SURVEY_REMINDER: _survey_reminder,
    MailKind.COMPLAINT_RECEIVED: _complaint,
    MailKind.COMPLAINT_ANSWERED: _complaint_answered,
    MailKind.COMPLAINT_DUE: _complaint_due,
    MailKind.TRAINING_DUE: at_work.training_due,
    MailKind.LOG_IN_CHANGED: at_work.log_in_changed,
    MailKind.PAPER_OVERDUE: at_work.paper_overdue,
    MailKind.AUDIT_DUE: at_work.audit_due,
}


async def _order(tx: Tx, message: Message) -> OrderView:
    order = await order_view(tx, OrderId(message.subject_id), None)
    if order is None:
        raise NotFound(f"There is no order {message.subject_id}.")
    return order
