"""All SQL that changes orders, by id and under lock."""

import json
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.chance import token_hash
from kalecart.database import Pg, Tx
from kalecart.errors import NotFound
from kalecart.ids import AddressId, CustomerId, OrderId, PaymentMethodId, WindowId, new_id
from kalecart.orders.order import Order, OrderMovedOn, OrderStatus, PlaceOrder
from kalecart.orders.refusals import KeyReused
from kalecart.orders.tables import customer_order, order_event
from kalecart.tasks import Promise
from kalecart.terms import Terms

# A payment method `m` that may be charged: a card, or a bank account that its owner proved to be theirs and whose
# payment record allows it (C1, C14).
_USABLE: Final = "m.removed_at IS NULL AND (m.kind = 'card' OR m.verified_at IS NOT NULL AND m.barred_at IS NULL)"

# Placing an order, whole, in one statement (docs/decisions/0002-one-statement.md). Either every row below is written
# or none is.
#
# Rules that compare are in `accepted`: where they do not hold, it is empty and nothing follows. Rules that two shoppers
# can race for are constraints: the stock and the places in the window are simply taken, and the database refuses to go
# below zero or above capacity, which undoes the statement. A foreign card or address breaks a foreign key.
#
# `open_cart` locks the cart, so that of two tabs one waits and then finds the cart placed. Stock rows are locked in the
# order of their sku: two orders for the same products cannot wait for each other (E15). The window is one hot row,
# taken last so that its lock is held the shortest.
#
# LIMIT and ANY instead of joins: the planner takes any JSON for a hundred lines and would read the whole of `stock` for
# them, with every version that the orders of the last minute left there.
#
# Whether delivery to the buyer has ended (C5) is a date in a row that is read anyway.
#
# `buyer` is a customer somebody already found, or the one whose log-in the request carries: asking for that first would
# cost this path a quarter of its time.
PLACE: Final = f"""
    WITH buyer AS MATERIALIZED (
        SELECT id, address_id, delivery_ends_at FROM customer
         WHERE id = coalesce($5, (SELECT customer_id FROM session WHERE token_hash = $21 AND expires_at > $16))
    ), open_cart AS MATERIALIZED (
        SELECT id, lines FROM cart
         WHERE token_hash = $1 AND version = $2 AND placed_at IS NULL AND expires_at > $16
           AND (customer_id IS NULL OR customer_id = (SELECT id FROM buyer))
           FOR UPDATE
    ), line AS MATERIALIZED (
        SELECT p.sku, p.name, (l.value ->> 'quantity')::int AS quantity, p.price_cents, p.tax_category
          FROM open_cart, jsonb_each(open_cart.lines) AS l,
               LATERAL (SELECT * FROM product WHERE sku = l.key AND active LIMIT 1) AS p
    ), goods AS MATERIALIZED (
        SELECT sum(quantity * price_cents) AS cents,
               (coalesce(sum(quantity * price_cents) FILTER (WHERE tax_category = 'taxable'), 0) * $13 + 5000)
                   / 10000 AS tax,
               count(*) AS lines
          FROM line
    ), quoted AS MATERIALIZED (
        SELECT cents AS goods, tax, lines, CASE WHEN cents >= $12 THEN 0 ELSE $11 END AS delivery FROM goods
         WHERE cents >= $10
    ), accepted AS MATERIALIZED (
        SELECT quoted.*, goods + tax + delivery AS total, open_cart.id AS cart_id, buyer.id AS buyer_id,
               buyer.address_id
          FROM quoted, open_cart, buyer
         WHERE goods + tax + delivery = $6 AND (delivery_ends_at IS NULL OR delivery_ends_at > $16)
           AND quoted.lines = (SELECT count(*) FROM jsonb_object_keys(open_cart.lines))
           AND EXISTS (SELECT FROM delivery_window AS w WHERE w.id = $7 AND w.cutoff_at > $16)
           AND EXISTS (SELECT FROM payment_method AS m
                        WHERE m.id = $8 AND m.customer_id = buyer.id AND {_USABLE})
    ), shelf AS MATERIALIZED (
        SELECT s.sku FROM accepted, (SELECT sku FROM line ORDER BY sku) AS l,
               LATERAL (SELECT sku FROM stock WHERE sku = l.sku LIMIT 1 FOR UPDATE) AS s
    ), reserved AS (
        UPDATE stock SET on_hand = on_hand - ((SELECT lines FROM open_cart) -> sku ->> 'quantity')::int
         WHERE sku = ANY (ARRAY(SELECT sku FROM shelf)) RETURNING sku
    ), placed AS (
        INSERT INTO customer_order (id, number, customer_id, cart_id, idempotency_key, fingerprint, address_id,
                                    window_id, payment_method_id, goods_cents, delivery_cents, tax_cents, total_cents,
                                    placed_at)
        SELECT $3, $4, buyer_id, cart_id, $9, $14, address_id, $7, $8, goods, delivery, tax, total, $16
          FROM accepted WHERE (SELECT count(*) FROM reserved) = accepted.lines
     RETURNING *
    ), agreed AS (
        INSERT INTO order_line (order_id, sku, name, quantity, unit_price_cents, tax_category)
        SELECT placed.id, sku, name, quantity, price_cents, tax_category FROM placed, line
    ), told AS (
        INSERT INTO order_event (id, order_id, kind, at) SELECT $15, placed.id, 'placed', $16 FROM placed
    ), promised AS (
        INSERT INTO task (id, topic, key, arguments, due_at, promised_at, pushed_at)
        SELECT $17, $18, $19, $20::jsonb, $16, $16, $16 FROM placed
    ), closed AS (
        UPDATE cart SET placed_at = $16, customer_id = buyer_id FROM accepted WHERE cart.id = accepted.cart_id
    ), seated AS (
        UPDATE delivery_window SET taken = taken + 1 FROM placed WHERE delivery_window.id = $7
    )
    SELECT id, number, customer_id, status, address_id, window_id, payment_method_id, total_cents, placed_at
      FROM placed
"""  # noqa: S608  # built from constants only


async def place(pg: Pg, asked: PlaceOrder, *, number: str, task: Promise, terms: Terms, now: datetime) -> Order | None:
    """Write the order and everything that goes with it; None where a comparing rule did not hold.

    Raises ConstraintBroken where a racing rule was lost: out of stock, window full, key or cart used.
    """
    if asked.cart_token is None:
        return None
    row = await pg.fetchrow(
        PLACE,
        token_hash(asked.cart_token),
        asked.cart_version,
        asked.order_id,
        number,
        asked.customer_id,
        asked.expected_total_cents,
        asked.window_id,
        asked.payment_method_id,
        asked.idempotency_key,
        terms.minimum_order_cents,
        terms.delivery_fee_cents,
        terms.free_delivery_from_cents,
        terms.tax_rate_basis_points,
        asked.fingerprint,
        new_id(),
        now,
        task.id,
        task.job.topic,
        task.job.key,
        json.dumps(task.job.arguments()),
        asked.session_hash,
    )
    return _order(row) if row else None


_COLUMNS: Final = "id, number, customer_id, status, address_id, window_id, payment_method_id, total_cents, placed_at"

_REPEATED: Final = f"""
    SELECT {_COLUMNS}, fingerprint, idempotency_key FROM customer_order
     WHERE customer_id = $1
       AND (idempotency_key = $2 OR cart_id = (SELECT id FROM cart WHERE token_hash = $3 AND placed_at IS NOT NULL))
     ORDER BY (idempotency_key = $2) DESC LIMIT 1
"""  # noqa: S608  # built from constants only


async def repeated(pg: Pg, asked: PlaceOrder) -> Order | None:
    """The order that this request, or this cart, has already made (E1, E2, E4). Raises KeyReused (E3)."""
    cart = token_hash(asked.cart_token) if asked.cart_token else b""
    row = await pg.fetchrow(_REPEATED, asked.customer_id, asked.idempotency_key, cart)
    if row is None:
        return None
    if row["idempotency_key"] == asked.idempotency_key and row["fingerprint"] != asked.fingerprint:
        raise KeyReused("Use a new Idempotency-Key for a different order. Nothing was charged.")
    return _order(row)


def _order(row: Any) -> Order:
    return Order(
        id=OrderId(row["id"]),
        number=row["number"],
        customer_id=CustomerId(row["customer_id"]),
        status=OrderStatus(row["status"]),
        address_id=AddressId(row["address_id"]),
        window_id=WindowId(row["window_id"]),
        payment_method_id=PaymentMethodId(row["payment_method_id"]),
        total_cents=row["total_cents"],
        placed_at=row["placed_at"],
        goes_ahead=row.get("goes_ahead", False),
    )


async def lock(tx: Tx, order_id: OrderId) -> Order:
    """The order, locked until the transaction ends. Raises NotFound."""
    row = (await tx.execute(_LOCK, {"id": order_id})).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no order {order_id}.")
    return _order(row)


_LOCK: Final = sa.select(customer_order).where(customer_order.c.id == sa.bindparam("id")).with_for_update()


async def move(tx: Tx, before: Order, status: OrderStatus, **values: Any) -> Order:
    """Follow an arrow, compare-and-set. Raises OrderMovedOn."""
    after = before.become(status)
    mine = sa.update(customer_order).where(customer_order.c.id == before.id, customer_order.c.status == before.status)
    changed = await tx.execute(mine.values(status=after.status, **values))
    if changed.rowcount != 1:
        raise OrderMovedOn(f"Order {before.number} is no longer {before.status}.")
    return after


async def note_paid(tx: Tx, order_id: OrderId, *, now: datetime) -> None:
    """Its money came, whatever the order has become meanwhile."""
    await tx.execute(sa.update(customer_order).where(customer_order.c.id == order_id).values(paid_at=now))


_CHOOSE: Final = sa.text(
    f"""
    UPDATE customer_order AS o SET payment_method_id = m.id FROM payment_method AS m
     WHERE o.id = :order_id AND m.id = :method_id AND m.customer_id = o.customer_id AND {_USABLE}
"""  # noqa: S608  # built from constants only
).bindparams(sa.bindparam("order_id", type_=sa.Uuid), sa.bindparam("method_id", type_=sa.Uuid))


async def choose_method(tx: Tx, order_id: OrderId, method_id: PaymentMethodId) -> bool:
    """Another method for the same order; False where it is somebody else's or cannot be used."""
    return (await tx.execute(_CHOOSE, {"order_id": order_id, "method_id": method_id})).rowcount == 1


async def let_ahead(tx: Tx, order_id: OrderId, *, goes_ahead: bool) -> None:
    """Whether the order may be picked before its money is here (C15). The caller has locked it."""
    await tx.execute(sa.update(customer_order).where(customer_order.c.id == order_id).values(goes_ahead=goes_ahead))


async def tell(tx: Tx, order_id: OrderId, kind: str, *, now: datetime, **detail: str | int) -> None:
    """Add to the order's timeline."""
    await tx.execute(sa.insert(order_event).values(id=new_id(), order_id=order_id, kind=kind, detail=detail, at=now))


async def told_since(tx: Tx, order_id: OrderId, kind: str, *, since: datetime) -> bool:
    """Whether its timeline has such an event later than that."""
    e = order_event.c
    found = sa.select(e.id).where(e.order_id == order_id, e.kind == kind, e.at > since).limit(1)
    return await tx.scalar(found) is not None


# In the order of their sku, as placing locks them: giving back and taking cannot wait for each other (E15).
_LOCK_SHELF: Final = sa.text("""
    SELECT sku FROM stock WHERE sku IN (SELECT sku FROM order_line WHERE order_id = :id) ORDER BY sku FOR UPDATE
""").bindparams(sa.bindparam("id", type_=sa.Uuid))
_RESTOCK: Final = sa.text("""
    UPDATE stock SET on_hand = on_hand + l.quantity FROM order_line AS l WHERE l.order_id = :id AND stock.sku = l.sku
""").bindparams(sa.bindparam("id", type_=sa.Uuid))
_LEAVE_WINDOW: Final = sa.text("""
    UPDATE delivery_window SET taken = taken - 1 FROM customer_order AS o
     WHERE o.id = :id AND delivery_window.id = o.window_id
""").bindparams(sa.bindparam("id", type_=sa.Uuid))


async def give_back(tx: Tx, order_id: OrderId) -> None:
    """What a cancelled order had taken: the goods to the shelf, the place in the window to whoever comes next."""
    for statement in (_LOCK_SHELF, _RESTOCK, _LEAVE_WINDOW):
        await tx.execute(statement, {"id": order_id})


async def bring_to(tx: Tx, order_id: OrderId, address_id: AddressId, *, now: datetime) -> None:
    """To another address of the same customer. The caller has locked the order and seen that it is not picked yet."""
    await tx.execute(sa.update(customer_order).where(customer_order.c.id == order_id).values(address_id=address_id))
    await tell(tx, order_id, "address_corrected", now=now)
