"""Orders as people see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.errors import KaleCartError
from kalecart.ids import AddressId, CustomerId, OrderId, PaymentMethodId
from kalecart.orders import refusals
from kalecart.orders.order import REDIRECTABLE, OrderStatus, PlaceOrder
from kalecart.orders.tables import customer_order, order_event, order_line

HISTORY_PAGE: Final = 50


@dataclass(frozen=True, kw_only=True)
class OrderLineView:
    sku: str
    name: str
    quantity: int
    unit_price_cents: int
    tax_category: str

    @property
    def amount_cents(self) -> int:
        return self.unit_price_cents * self.quantity


@dataclass(frozen=True, kw_only=True)
class OrderEventView:
    kind: str
    detail: dict[str, Any]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OrderSummary:
    """One order in a list."""

    id: OrderId
    number: str
    status: OrderStatus
    total_cents: int
    placed_at: datetime
    units: int


@dataclass(frozen=True, kw_only=True)
class OrderView:
    """One order whole, with its lines and its timeline."""

    id: OrderId
    number: str
    customer_id: CustomerId
    status: OrderStatus
    address_id: AddressId
    payment_method_id: PaymentMethodId
    goods_cents: int
    delivery_cents: int
    tax_cents: int
    total_cents: int
    placed_at: datetime
    paid_at: datetime | None
    goes_ahead: bool
    window_starts_at: datetime
    window_ends_at: datetime
    cutoff_at: datetime
    lines: tuple[OrderLineView, ...]
    events: tuple[OrderEventView, ...]


_ORDER: Final = sa.text("""
    SELECT o.id, o.number, o.customer_id, o.status, o.address_id, o.payment_method_id, o.goods_cents, o.delivery_cents,
           o.tax_cents, o.total_cents, o.placed_at, o.paid_at, o.goes_ahead, w.starts_at AS window_starts_at,
           w.ends_at AS window_ends_at, w.cutoff_at
      FROM customer_order AS o JOIN delivery_window AS w ON w.id = o.window_id
     WHERE o.id = :order_id AND (:customer_id IS NULL OR o.customer_id = :customer_id)
""").bindparams(sa.bindparam("order_id", type_=sa.Uuid), sa.bindparam("customer_id", type_=sa.Uuid))


_l, _e = order_line.c, order_event.c
_LINES: Final = (
    sa.select(_l.sku, _l.name, _l.quantity, _l.unit_price_cents, _l.tax_category)
    .where(_l.order_id == sa.bindparam("order"))
    .order_by(_l.name)
)
_EVENTS: Final = sa.select(_e.kind, _e.detail, _e.at).where(_e.order_id == sa.bindparam("order")).order_by(_e.at, _e.id)


async def order_view(tx: Tx, order_id: OrderId, customer_id: CustomerId | None) -> OrderView | None:
    """An order of this customer (of anybody, where None); None for another's as for one that never was."""
    found = (await tx.execute(_ORDER, {"order_id": order_id, "customer_id": customer_id})).mappings().one_or_none()
    if found is None:
        return None
    lines = await tx.execute(_LINES, {"order": order_id})
    events = await tx.execute(_EVENTS, {"order": order_id})
    order: dict[str, Any] = {**found, "status": OrderStatus(found["status"])}
    return OrderView(
        **order,
        lines=tuple(OrderLineView(**line) for line in lines.mappings()),
        events=tuple(OrderEventView(**event) for event in events.mappings()),
    )


_o = customer_order.c
_UNITS: Final = (
    sa.select(sa.func.coalesce(sa.func.sum(order_line.c.quantity), 0))
    .where(order_line.c.order_id == _o.id)
    .scalar_subquery()
)
_SUMMARY: Final = sa.select(_o.id, _o.number, _o.status, _o.total_cents, _o.placed_at, _UNITS.label("units")).order_by(
    _o.placed_at.desc(), _o.id.desc()
)


async def orders_of(
    tx: Tx, customer_id: CustomerId, *, limit: int = HISTORY_PAGE, before: datetime | None = None
) -> Sequence[OrderSummary]:
    """A customer's orders, newest first. `before` is the last `placed_at` of the page before."""
    found = _SUMMARY.where(_o.customer_id == customer_id).limit(limit)
    return await _summaries(tx, found.where(_o.placed_at < before) if before else found)


async def redirectable_of(tx: Tx, customer_id: CustomerId) -> Sequence[OrderSummary]:
    """Orders of a customer that nobody has begun to pack: they can still be brought to another address."""
    open_ones = _o.status.in_(REDIRECTABLE)
    return await _summaries(tx, _SUMMARY.where(_o.customer_id == customer_id, open_ones).limit(HISTORY_PAGE))


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """What a member of staff looks for. `before` is the last `placed_at` of the page before."""

    status: OrderStatus | None = None
    number: str | None = None
    since: datetime | None = None
    before: datetime | None = None


async def staff_orders(tx: Tx, wanted: OrderFilter, *, limit: int = HISTORY_PAGE) -> Sequence[OrderSummary]:
    """All orders that match, newest first. Carries no personal data."""
    found = _SUMMARY.limit(limit)
    if wanted.status:
        found = found.where(_o.status == wanted.status)
    if wanted.number:
        found = found.where(_o.number.startswith(wanted.number.strip().upper(), autoescape=True))
    if wanted.since:
        found = found.where(_o.placed_at >= wanted.since)
    if wanted.before:
        found = found.where(_o.placed_at < wanted.before)
    return await _summaries(tx, found)


async def _summaries(tx: Tx, found: sa.Select[*tuple[Any, ...]]) -> Sequence[OrderSummary]:
    rows = (await tx.execute(found)).mappings()
    facts: Sequence[dict[str, Any]] = [{**row, "status": OrderStatus(row["status"])} for row in rows]
    return [OrderSummary(**fact) for fact in facts]


_WHY_NOT: Final = """
    SELECT w.id IS NOT NULL AS window_known, w.cutoff_at > $2 AS window_open, w.taken < w.capacity AS window_free,
           m.id IS NOT NULL AS known, m.kind = 'bank' AND m.verified_at IS NULL AS unconfirmed,
           m.kind = 'bank' AND m.barred_at IS NOT NULL AS barred, c.delivery_ends_at <= $2 AS ended
      FROM (SELECT 1) AS one LEFT JOIN delivery_window AS w ON w.id = $1 LEFT JOIN customer AS c ON c.id = $4
 LEFT JOIN payment_method AS m ON m.id = $3 AND m.customer_id = $4 AND m.removed_at IS NULL
"""


async def why_not(pg: Pg, asked: PlaceOrder, *, now: datetime) -> KaleCartError | None:
    """What the customer's own decision, the window or the card say against an order; None where nothing does now."""
    row = await pg.fetchrow(_WHY_NOT, asked.window_id, now, asked.payment_method_id, asked.customer_id)
    if row["ended"]:
        return refusals.DeliveryEnded("You were told why it is needed. Agree again in your account to order at once.")
    if not row["window_known"]:
        return refusals.UnknownWindow("Choose one of the delivery windows offered.")
    if not row["window_open"]:
        return refusals.WindowClosed("Choose another delivery window: the cut-off of this one has passed.")
    if not row["window_free"]:
        return refusals.WindowFull("Choose another delivery window: somebody else took the last place.")
    return _unusable(row)


_METHOD: Final = sa.text("""
    SELECT m.id IS NOT NULL AS known, m.kind = 'bank' AND m.verified_at IS NULL AS unconfirmed,
           m.kind = 'bank' AND m.barred_at IS NOT NULL AS barred
      FROM (SELECT 1) AS one
 LEFT JOIN payment_method AS m ON m.id = :method_id AND m.customer_id = :customer_id AND m.removed_at IS NULL
""").bindparams(sa.bindparam("method_id", type_=sa.Uuid), sa.bindparam("customer_id", type_=sa.Uuid))


async def why_not_with(tx: Tx, method_id: PaymentMethodId, customer_id: CustomerId) -> KaleCartError:
    """Why an order cannot be paid with this."""
    found = await tx.execute(_METHOD, {"method_id": method_id, "customer_id": customer_id})
    return _unusable(found.mappings().one()) or refusals.UnknownCard("Choose another. Nothing was charged.")


def _unusable(row: Any) -> KaleCartError | None:
    if not row["known"]:
        return refusals.UnknownCard("Choose one of your saved cards or enter another.")
    if row["unconfirmed"]:
        return refusals.AccountNotConfirmed("Confirm the small deposit in your account first, or choose a card.")
    if row["barred"]:
        return refusals.AccountBarred("Choose a card. Your account says what happened, and until when this holds.")
    return None


async def last_event(pg: Pg) -> UUID | None:
    """The last thing that happened to any order: while it is the same, so are all orders."""
    return await pg.fetchval("SELECT id FROM order_event ORDER BY id DESC LIMIT 1")


async def placed_since(tx: Tx, instant: datetime) -> bool:
    """Whether anybody placed an order after it that nobody packs yet."""
    fresh = customer_order.c.status.in_(("placed", "paid")) & (customer_order.c.placed_at > instant)
    return bool(await tx.scalar(sa.select(sa.exists().where(fresh))))
