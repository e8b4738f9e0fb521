"""Payments as people see them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.ids import CustomerId, OrderId, PaymentMethodId, RefundId
from kalecart.payments.method import PaymentMethodView, decline_words
from kalecart.payments.refund import WHY, RefundReason, RefundState
from kalecart.payments.tables import payment_method
from kalecart.vault import DataKey, Place, Vault


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    number: int
    brand: str
    funding: str
    state: str
    decline_code: str | None
    sent_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PaymentView:
    """What a page says about an order's payment.

    `state` is confirming, held, action_needed, processing, declined, paid or canceled. `held` is confirming while staff
    hold the charging of orders back.
    """

    state: str
    decline_code: str | None
    stripe_id: str | None
    attempts: tuple[AttemptView, ...] = ()

    @property
    def can_pay_again(self) -> bool:
        return self.state in {"declined", "action_needed"}

    @property
    def decline_words(self) -> str | None:
        return decline_words(self.decline_code) if self.state == "declined" else None


_STATES: Final = {
    "declined": "declined",
    "action_needed": "action_needed",
    "processing": "processing",
    "succeeded": "paid",
    "canceled": "canceled",
}

_PAYMENT: Final = sa.text("""
    SELECT i.status, i.stripe_id, a.number, a.state, a.decline_code, a.sent_at, a.ended_at, m.brand, m.funding,
           o.status = 'placed' AND EXISTS (SELECT FROM paused_topic WHERE topic = 'charge_order') AS held
      FROM customer_order AS o LEFT JOIN payment_intent AS i ON i.order_id = o.id
 LEFT JOIN attempt AS a ON a.order_id = i.order_id
 LEFT JOIN payment_method AS m ON m.id = a.payment_method_id
     WHERE o.id = :order_id ORDER BY a.number
""").bindparams(sa.bindparam("order_id", type_=sa.Uuid))


async def payment_of(tx: Tx, order_id: OrderId) -> PaymentView:
    """How far an order's payment is. Before a worker took it up it is `confirming` like after."""
    rows = (await tx.execute(_PAYMENT, {"order_id": order_id})).all()
    if not rows:
        return PaymentView(state="confirming", decline_code=None, stripe_id=None)
    attempts = tuple(
        AttemptView(
            number=row.number,
            brand=row.brand,
            funding=row.funding,
            state=row.state,
            decline_code=row.decline_code,
            sent_at=row.sent_at,
            ended_at=row.ended_at,
        )
        for row in rows
        if row.number is not None
    )
    return PaymentView(
        state=_said(rows[0].status, held=rows[0].held),
        decline_code=attempts[-1].decline_code if attempts else None,
        stripe_id=rows[0].stripe_id,
        attempts=attempts,
    )


_WATCHED: Final = """
    SELECT o.id, o.status, i.status AS payment,
           o.status = 'placed' AND EXISTS (SELECT FROM paused_topic WHERE topic = 'charge_order') AS held
      FROM customer_order AS o LEFT JOIN payment_intent AS i ON i.order_id = o.id
"""
_STATE: Final = f"{_WATCHED} WHERE o.id = $1 AND ($2::uuid IS NULL OR o.customer_id = $2)"
_STATE_OF_MANY: Final = f"{_WATCHED} WHERE o.id = ANY($1::uuid[])"


async def state_of(pg: Pg, order_id: OrderId, customer_id: CustomerId | None = None) -> tuple[str, str] | None:
    """`(order status, payment state)` in one cheap look, for a page that waits; of this customer where one is given."""
    row = await pg.fetchrow(_STATE, order_id, customer_id)
    return _state(row) if row else None


async def states_of(pg: Pg, order_ids: Sequence[OrderId]) -> dict[OrderId, tuple[str, str]]:
    """The same for all orders that are being watched, in one look."""
    return {OrderId(row["id"]): _state(row) for row in await pg.fetch(_STATE_OF_MANY, order_ids)}


def _state(row: Any) -> tuple[str, str]:
    return row["status"], _said(row["payment"], held=row["held"])


def _said(status: str | None, *, held: bool) -> str:
    """The state as people see it: a payment that would still come waits where staff hold payments back."""
    return _STATES.get(status or "", "held" if held else "confirming")


_METHODS: Final = sa.text("""
    SELECT m.id, m.brand, m.funding, m.sealed, k.wrapped FROM payment_method AS m
      JOIN vault.data_key AS k ON k.customer_id = m.customer_id
     WHERE m.customer_id = :customer_id AND m.removed_at IS NULL ORDER BY m.added_at DESC
""").bindparams(sa.bindparam("customer_id", type_=sa.Uuid))


async def methods_of(tx: Tx, customer_id: CustomerId, vault: Vault) -> Sequence[PaymentMethodView]:
    """A customer's saved cards, newest first."""
    rows = (await tx.execute(_METHODS, {"customer_id": customer_id})).all()
    return [method_view(row._mapping, vault.unwrap(row.wrapped)) for row in rows]  # noqa: SLF001  # a Row's public name


_METHOD: Final = """
    SELECT m.id, m.brand, m.funding, m.sealed, k.wrapped FROM payment_method AS m
      JOIN vault.data_key AS k ON k.customer_id = m.customer_id
"""
_CARD: Final = sa.text(f"{_METHOD} WHERE m.id = :id AND m.removed_at IS NULL").bindparams(
    sa.bindparam("id", type_=sa.Uuid)
)
_PAID_WITH: Final = sa.text(f"""{_METHOD} JOIN attempt AS a ON a.payment_method_id = m.id
     WHERE a.order_id = :id AND a.state = 'succeeded'
""").bindparams(sa.bindparam("id", type_=sa.Uuid))


async def card_of(tx: Tx, method_id: PaymentMethodId, vault: Vault) -> PaymentMethodView | None:
    """A saved card; None for one that was removed."""
    return await _method(tx, _CARD, method_id, vault)


async def paid_with(tx: Tx, order_id: OrderId, vault: Vault) -> PaymentMethodView | None:
    """The card whose charge went through, whatever was tried before and whether or not it is still saved."""
    return await _method(tx, _PAID_WITH, order_id, vault)


async def _method(tx: Tx, found: sa.TextClause, what: OrderId | PaymentMethodId, vault: Vault) -> Any:
    row = (await tx.execute(found, {"id": what})).one_or_none()
    return method_view(row._mapping, vault.unwrap(row.wrapped)) if row else None  # noqa: SLF001  # see above


@dataclass(frozen=True, kw_only=True)
class RefundLineView:
    """`amount_cents` is with the line's share of the tax."""

    name: str
    quantity: int
    amount_cents: int


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """Money on its way back, or back already, as its receiver reads of it."""

    id: RefundId
    amount_cents: int
    reason: RefundReason
    state: RefundState
    asked_at: datetime
    lines: tuple[RefundLineView, ...]

    @property
    def why(self) -> str:
        return WHY[self.reason]


_REFUNDS: Final = sa.text("""
    SELECT r.id, r.amount_cents, r.reason, r.state, r.asked_at, l.name, x.quantity, x.amount_cents AS line_cents
      FROM refund AS r
 LEFT JOIN refund_line AS x ON x.refund_id = r.id
 LEFT JOIN order_line AS l ON l.order_id = r.order_id AND l.sku = x.sku
     WHERE r.order_id = :order_id ORDER BY r.asked_at, r.id, l.name
""").bindparams(sa.bindparam("order_id", type_=sa.Uuid))


async def refunds_of(tx: Tx, order_id: OrderId) -> Sequence[RefundView]:
    """All refunds of an order, the oldest first, failed ones included."""
    rows = (await tx.execute(_REFUNDS, {"order_id": order_id})).all()
    return [_refund(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row.id)]


def _refund(rows: Sequence[Any]) -> RefundView:
    lines = [row for row in rows if row.name is not None]
    return RefundView(
        id=RefundId(rows[0].id),
        amount_cents=rows[0].amount_cents,
        reason=RefundReason(rows[0].reason),
        state=RefundState(rows[0].state),
        asked_at=rows[0].asked_at,
        lines=tuple(RefundLineView(name=x.name, quantity=x.quantity, amount_cents=x.line_cents) for x in lines),
    )


def method_place(method_id: PaymentMethodId) -> Place:
    return Place(payment_method.name, "sealed", method_id)


def method_view(row: Any, key: DataKey) -> PaymentMethodView:
    method_id = PaymentMethodId(row["id"])
    described = json.loads(key.open(row["sealed"], method_place(method_id)))
    return PaymentMethodView(
        id=method_id,
        brand=row["brand"],
        funding=row["funding"],
        last4=described["last4"],
        expires=described["expires"],
    )
