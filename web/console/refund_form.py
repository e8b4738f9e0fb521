"""The refund form of the console: what was filled in, as what is asked; what cannot be read is named."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from kalecart.catalogue.cells import BadCell, price
from kalecart.errors import Invalid
from kalecart.ids import OrderId, RefundId, StaffId
from kalecart.orders.order import Asker
from kalecart.payments.refund import STAFF_REASONS, AskRefund, RefundReason

UNITS: Final = "units:"
UNITS_DIGITS_MAX: Final = 4


def asked_of(form: Mapping[str, str], order_id: OrderId, *, by: StaffId) -> AskRefund:
    """The id was made when the form was rendered, so that pressing twice is asking once. Raises Invalid."""
    what, problems = form.get("what", ""), {}
    amount_cents, lines = None, None
    if what == "amount":
        try:
            amount_cents = price(form.get("amount", ""))
        except BadCell:
            problems["/amount"] = "Write the amount in dollars, such as 3.49."
    elif what == "lines":
        lines = _lines(form)
        if not lines:
            problems["/lines"] = "Say how many of which line."
    elif what != "whole":
        problems["/what"] = "Choose what to refund."
    if form.get("reason") not in STAFF_REASONS:
        problems["/reason"] = "Choose a reason."
    try:
        refund_id = RefundId(UUID(form.get("refund_id", "")))
    except ValueError:
        raise Invalid({"": "Load the page again and use its form."}) from None
    if problems:
        raise Invalid(problems)
    return AskRefund(
        refund_id=refund_id,
        order_id=order_id,
        reason=RefundReason(form["reason"]),
        by=Asker.STAFF,
        staff_id=by,
        amount_cents=amount_cents,
        lines=lines,
    )


def _lines(form: Mapping[str, str]) -> dict[str, int]:
    """Units by SKU, of the lines somebody wrote a number to. What is none becomes -1, which no order has."""
    typed = {name.removeprefix(UNITS): value.strip() for name, value in form.items() if name.startswith(UNITS)}
    return {sku: _whole(value) for sku, value in typed.items() if value not in {"", "0"}}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= UNITS_DIGITS_MAX else -1
