"""What people, banks and networks do at Stripe itself: half of its webhooks follow no request of the shop's."""

from collections.abc import Callable, Mapping
from typing import Any

from stripesim import debits, disputing, payment_methods, refunds
from stripesim.errors import ApiError, InvalidParameters
from stripesim.world import Object, Transaction

Act = Callable[[Transaction, dict[str, Any], str], Object]


def read(given: Any, act: Act) -> dict[str, Any]:
    """The JSON members that this act knows."""
    if not isinstance(given, dict):
        raise InvalidParameters("The body is a JSON object.")
    if unknown := sorted(given.keys() - TAKES[act]):
        raise InvalidParameters(f"This takes no '{unknown[0]}'.", param=unknown[0])
    return given


def open_dispute(tx: Transaction, given: dict[str, Any], _: str) -> Object:
    """An owner disputes a charge at the bank; with an outcome, it is settled at once."""
    charge, reason = _charge(tx, given), disputing.check_reason(given.get("reason", "fraudulent"))
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = _whole(given, "amount", left)
    if charge["disputed"] or not charge["paid"] or not 0 < amount <= left:
        raise ApiError(400, "This charge is unpaid, refunded or disputed already, or the amount is not in it.")
    inquiry = given.get("inquiry", False) is True and charge["payment_method_details"]["type"] == "card"
    dispute = disputing.open_dispute(tx, charge, reason, amount=amount, inquiry=inquiry)
    if "outcome" not in given or not disputing.ARROWS[dispute["status"]]:
        return dispute
    return settle_dispute(tx, given, dispute["id"])


def settle_dispute(tx: Transaction, given: dict[str, Any], ident: str) -> Object:
    """The networks decide: won, lost, or an inquiry escalated. A lost inquiry is escalated first."""
    dispute, outcome = tx.require("dispute", ident), _choice(given, "outcome", ("won", "lost", "escalated"))
    disputing.check_open(dispute)
    if disputing.is_inquiry(dispute):
        if outcome == "won":
            return disputing.settle(tx, dispute, "warning_closed")
        dispute = disputing.escalate(tx, dispute)
        return dispute if outcome == "escalated" else disputing.settle(tx, dispute, "lost")
    if outcome == "escalated":
        raise ApiError(400, "Only an inquiry can be escalated.", param="outcome")
    return disputing.settle(tx, dispute, outcome)


def refund(tx: Transaction, given: dict[str, Any], _: str) -> Object:
    """A refund made in the dashboard: it carries nothing of the shop's."""
    amount = _whole(given, "amount", 0) or None
    reason = None if "reason" not in given else _choice(given, "reason", refunds.REASONS)
    return refunds.refunded(tx, _charge(tx, given), amount, metadata={}, reason=reason)


def settle_refund(tx: Transaction, given: dict[str, Any], ident: str) -> Object:
    outcome, known = _choice(given, "outcome", ("succeeded", "failed")), tx.require("refund", ident)
    if known["status"] == "failed" or known["status"] == outcome:
        raise ApiError(400, f"The refund is {known['status']} already.", param="outcome")
    return refunds.settle(tx, known, outcome)


def settle_debit(tx: Transaction, given: dict[str, Any], ident: str) -> Object:
    """The bank answers a debit now, whatever its account was published for."""
    outcome, code = _choice(given, "outcome", ("succeeded", "failed")), given.get("code", "insufficient_funds")
    return debits.settle_now(tx, tx.require("payment_intent", ident), outcome, code)


def renew(tx: Transaction, given: dict[str, Any], ident: str) -> Object:
    """The network's account updater tells of a card that was replaced."""
    face: dict[str, Any] = {name: _whole(given, name, 0) or None for name in ("exp_month", "exp_year")}
    return payment_methods.renewed(tx, ident, **face, last4=given.get("last4"))


def detach(tx: Transaction, _given: dict[str, Any], ident: str) -> Object:
    return payment_methods.detached(tx, ident)


def _charge(tx: Transaction, given: dict[str, Any]) -> Object:
    ident = given.get("charge")
    if ident is None:
        ident = tx.require("payment_intent", str(given.get("payment_intent")))["latest_charge"]
    return tx.require("charge", str(ident))


def _whole(given: dict[str, Any], name: str, default: int) -> int:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidParameters(f"'{name}' must be a whole number.", param=name)
    return value


def _choice(given: dict[str, Any], name: str, among: tuple[str, ...]) -> str:
    value = given.get(name)
    if not isinstance(value, str) or value not in among:
        raise InvalidParameters(f"'{name}' must be one of {', '.join(among)}.", param=name)
    return value


ACTS: Mapping[str, Act] = {
    "disputes": open_dispute,
    "disputes/{id}/settle": settle_dispute,
    "refunds": refund,
    "refunds/{id}/settle": settle_refund,
    "debits/{id}/settle": settle_debit,
    "payment_methods/{id}/update": renew,
    "payment_methods/{id}/detach": detach,
}
TAKES: Mapping[Act, frozenset[str]] = {
    open_dispute: frozenset({"amount", "charge", "inquiry", "outcome", "payment_intent", "reason"}),
    settle_dispute: frozenset({"outcome"}),
    refund: frozenset({"amount", "charge", "payment_intent", "reason"}),
    settle_refund: frozenset({"outcome"}),
    settle_debit: frozenset({"code", "outcome"}),
    renew: frozenset({"exp_month", "exp_year", "last4"}),
    detach: frozenset(),
}
