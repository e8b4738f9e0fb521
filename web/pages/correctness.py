"""What the account shows about keeping details right: what is asked, what was corrected, which orders wait (C7)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from kalecart.accounts.still_right import confirm_details
from kalecart.customers import reads as customers
from kalecart.customers.address import Address
from kalecart.customers.contact import phone_label
from kalecart.customers.correction import CheckWhy, Effect, Outcome, PastDetail, Place, questions
from kalecart.customers.profile import Profile
from kalecart.database import Tx
from kalecart.ids import CustomerId, OrderId
from kalecart.orders.reads import redirectable_of
from web.keys import RUNTIME
from web.pages.frame import signed_in

ASKED: Final[Mapping[CheckWhy, str]] = {
    CheckWhy.MAIL_FAILED: "A letter to your e-mail address came back.",
    CheckWhy.DELIVERY_FAILED: "We could not deliver to you: your address or phone number may have changed.",
    CheckWhy.YEARLY: "It is a year since you told us that your details are right.",
}
_BRING: Final = "bring-"


async def confirmed(request: web.Request) -> web.Response:
    """The one press: yes, still right."""
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    await confirm_details(customer, db=runtime.db, clock=runtime.clock)
    raise web.HTTPSeeOther("/account?done=right")


async def correctness_of(request: web.Request, tx: Tx, customer: CustomerId, profile: Profile) -> dict[str, Any]:
    """For `still_right.html` and `corrections.html`."""
    runtime = request.app[RUNTIME]
    asked = await customers.open_checks(tx, customer)
    now = runtime.clock.now()
    return {
        "asked": [ASKED[why] for why in questions(asked, last_confirmed_at=profile.last_confirmed_at, now=now)],
        "last_confirmed_at": profile.last_confirmed_at,
        "corrections": [_shown(past) for past in await customers.corrections_of(tx, customer, runtime.vault)],
        "redirectable": await redirectable_of(tx, customer),
    }


def orders_in(form: Mapping[str, str]) -> tuple[OrderId, ...]:
    """The orders whose boxes are ticked; what is no id names none."""
    chosen = []
    for name in form:
        try:
            chosen += [OrderId(UUID(name.removeprefix(_BRING)))] if name.startswith(_BRING) else []
        except ValueError:
            continue
    return tuple(chosen)


def _shown(past: PastDetail) -> dict[str, Any]:
    return {"field": past.field, "before": _before(past), "at": past.changed_at, "effects": _effects(past.effects)}


def _before(past: PastDetail) -> str:
    match past.field:
        case "address":
            return ", ".join(Address.from_text(past.text).lines)
        case "phone":
            return phone_label(past.text)
        case _:
            return past.text


def _effects(effects: Sequence[Effect]) -> list[str]:
    return [words for effect in effects if (words := _words(effect))]


def _words(effect: Effect) -> str:
    match effect.place, effect.outcome:
        case Place.ORDER, Outcome.APPLIED:
            return f"Order {effect.order_number} comes to the new address."
        case Place.ORDER, _:
            return f"Order {effect.order_number} was being packed already and keeps the address it had."
        case Place.STRIPE, Outcome.KEPT:
            return "Stripe keeps the name you gave it with your bank account; add the account again to change it there."
        case _:
            return "Stripe was never told it."
