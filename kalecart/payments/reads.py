"""Payments as people see them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.ids import CustomerId, OrderId, PaymentMethodId
from kalecart.payments.decline import decline_words
from kalecart.payments.method import PaymentMethodView
from kalecart.payments.tables import payment_method
from kalecart.vault import DataKey, Place, Vault


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    """`kind` is card or bank; only a card has a brand and a funding."""

    number: int
    kind: str = "card"
    brand: str | None
    funding: str | None
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
    def kind(self) -> str:
        """What the last try was made with: card or bank."""
        return self.attempts[-1].kind if self.attempts else "card"

    @property
    def can_pay_again(self) -> bool:
        return self.state in {"declined", "action_needed"}

    @property
    def decline_words(self) -> str | None:
        return decline_words(self.decline_code, kind=self.kind) if self.state == "declined" else None


_STATES: Final = {
    "declined": "declined",
    "action_needed": "action_needed",
    "processing": "processing",
    "succeeded": "paid",
    "canceled": "canceled",
}

_PAYMENT: Final = sa.text("""
    SELECT i.status, i.stripe_id, a.number, a.state, a.decline_code, a.sent_at, a.ended_at, m.kind, m.brand, m.funding,
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
            kind=row.kind,
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
           o.status = 'placed' AND EXISTS (SELECT FROM paused_topic WHERE topic = 'charge_order') AS held,
           (SELECT string_agg(r.state, ' ' ORDER BY r.asked_at, r.id) FROM refund AS r
             WHERE r.order_id = o.id) AS refunds
      FROM customer_order AS o LEFT JOIN payment_intent AS i ON i.order_id = o.id
"""
_STATE: Final = f"{_WATCHED} WHERE o.id = $1 AND ($2::uuid IS NULL OR o.customer_id = $2)"
_STATE_OF_MANY: Final = f"{_WATCHED} WHERE o.id = ANY($1::uuid[])"


State = tuple[str, str, str]


async def state_of(pg: Pg, order_id: OrderId, customer_id: CustomerId | None = None) -> State | None:
    """`(order status, payment state, states of its refunds)` in one cheap look, for a page that waits; of this customer
    where one is given."""
    row = await pg.fetchrow(_STATE, order_id, customer_id)
    return _state(row) if row else None


async def states_of(pg: Pg, order_ids: Sequence[OrderId]) -> dict[OrderId, State]:
    """The same for all orders that are being watched, in one look."""
    return {OrderId(row["id"]): _state(row) for row in await pg.fetch(_STATE_OF_MANY, order_ids)}


def _state(row: Any) -> State:
    # Of a cancelled order that nobody has begun to collect for, nobody will.
    unbegun = row["payment"] is None and row["status"] == "cancelled"
    return row["status"], "canceled" if unbegun else _said(row["payment"], held=row["held"]), row["refunds"] or ""


def _said(status: str | None, *, held: bool) -> str:
    """The state as people see it: a payment that would still come waits where staff hold payments back."""
    return _STATES.get(status or "", "held" if held else "confirming")


async def waiting_for_customer(pg: Pg, order_id: OrderId) -> str | None:
    """The id at Stripe of a payment that waits for its customer's confirmation."""
    return await pg.fetchval(
        """
        SELECT i.stripe_id FROM payment_intent AS i JOIN customer_order AS o ON o.id = i.order_id
         WHERE o.id = $1 AND i.status = 'action_needed' AND o.status <> 'cancelled'
        """,
        order_id,
    )


_METHOD: Final = """
    SELECT m.id, m.kind, m.brand, m.funding, m.sealed, m.default_since IS NOT NULL AS is_default,
           m.verified_at IS NOT NULL AS verified, m.barred_at IS NOT NULL AS barred, k.wrapped, k.master_key
      FROM payment_method AS m JOIN vault.data_key AS k ON k.customer_id = m.customer_id
"""
_METHODS: Final = sa.text(f"""{_METHOD}
     WHERE m.customer_id = :customer_id AND m.removed_at IS NULL ORDER BY m.default_since NULLS LAST, m.added_at DESC
""").bindparams(sa.bindparam("customer_id", type_=sa.Uuid))


async def methods_of(tx: Tx, customer_id: CustomerId, vault: Vault) -> Sequence[PaymentMethodView]:
    """A customer's saved cards and bank accounts: the default first, then the newest."""
    rows = (await tx.execute(_METHODS, {"customer_id": customer_id})).all()
    return [_opened(row, vault) for row in rows]


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
    return _opened(row, vault) if row else None


def _opened(row: sa.Row, vault: Vault) -> PaymentMethodView:
    return method_view(row._mapping, vault.unwrap(row.wrapped, row.master_key))  # noqa: SLF001  # a Row's public name


def method_place(method_id: PaymentMethodId) -> Place:
    return Place(payment_method.name, "sealed", method_id)


def method_view(row: Any, key: DataKey) -> PaymentMethodView:
    method_id = PaymentMethodId(row["id"])
    described = json.loads(key.open(row["sealed"], method_place(method_id)))
    return PaymentMethodView(
        id=method_id,
        kind=row["kind"],
        brand=row["brand"],
        funding=row["funding"],
        last4=described["last4"],
        expires=described.get("expires"),
        bank=described.get("bank"),
        default=row["is_default"],
        verified=row["kind"] == "card" or row["verified"],
        barred=row["barred"],
    )
