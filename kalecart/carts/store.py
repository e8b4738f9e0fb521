"""All SQL that changes carts. Each change is one statement on one row."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.carts.cart import CART_TTL, LINES_MAX, QUANTITY_MAX, Cart
from kalecart.carts.reads import LINES_WITH_PRODUCTS, cart_from
from kalecart.carts.tables import cart
from kalecart.database import Pg, Tx
from kalecart.ids import CartId, CustomerId

# Quantity 0 takes the line out. The price written is the one the shopper sees in the answer.
_SET: Final = f"""
    UPDATE cart
       SET lines = CASE WHEN $3 = 0 THEN cart.lines - $2
                        ELSE cart.lines || jsonb_build_object(
                            $2::text, jsonb_build_object('quantity', $3::int, 'price_cents', product.price_cents))
                   END,
           version = version + 1,
           expires_at = $5
      FROM product
     WHERE cart.token_hash = $1 AND cart.placed_at IS NULL AND cart.expires_at > $4
       AND product.sku = $2 AND (product.active OR $3 = 0)
       AND ($6::int IS NULL OR cart.version = $6)
       AND ($3 = 0 OR cart.lines ? $2 OR (SELECT count(*) FROM jsonb_object_keys(cart.lines)) < {LINES_MAX})
 RETURNING cart.id, cart.version, cart.customer_id, {LINES_WITH_PRODUCTS} AS lines
"""  # noqa: S608  # built from constants only


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whoever is logged in, and whether a cart of theirs is open already, on another device."""

    id: CustomerId
    left_a_cart: bool


_OWNER: Final = """
    SELECT customer_id AS id, EXISTS (
               SELECT FROM cart
                WHERE cart.customer_id = session.customer_id AND placed_at IS NULL AND cart.expires_at > $2
           ) AS left_a_cart
      FROM session WHERE token_hash = $1 AND expires_at > $2
"""


async def owner_of(pg: Pg, session_hash: bytes, *, now: datetime) -> Owner | None:
    """Both in one look: the first product of every order passes here."""
    row = await pg.fetchrow(_OWNER, session_hash, now)
    return Owner(**row) if row else None


_OPEN: Final = f"""
    WITH fresh AS (
        INSERT INTO cart (id, token_hash, customer_id, lines, created_at, expires_at)
        SELECT $1, $2, $7::uuid, jsonb_build_object(product.sku, jsonb_build_object('quantity', $4::int,
                                                                          'price_cents', product.price_cents)), $5, $6
          FROM product WHERE product.sku = $3 AND product.active
     RETURNING id, version, customer_id, lines
    )
    SELECT cart.id, cart.version, cart.customer_id, {LINES_WITH_PRODUCTS} AS lines FROM fresh AS cart
"""  # noqa: S608  # built from constants only


async def set_line(
    pg: Pg, token_hash: bytes, *, sku: str, quantity: int, version: int | None, now: datetime
) -> Cart | None:
    """Change one line of an open cart; None where a rule forbids it, and the caller finds out which."""
    row = await pg.fetchrow(_SET, token_hash, sku, quantity, now, now + CART_TTL, version)
    return cart_from(row) if row else None


async def open_with(
    pg: Pg, cart_id: CartId, token_hash: bytes, *, sku: str, quantity: int, owner: CustomerId | None, now: datetime
) -> Cart | None:
    """A new cart with its first line; None where there is no such product."""
    row = await pg.fetchrow(_OPEN, cart_id, token_hash, sku, quantity, now, now + CART_TTL, owner)
    return cart_from(row) if row else None


async def lock_open(tx: Tx, *, token_hash: bytes | None, customer_id: CustomerId, now: datetime) -> list[Any]:
    """The open carts a log-in brings together, the cookie's and the customer's own, locked in the order of ids."""
    open_now = cart.c.placed_at.is_(None) & (cart.c.expires_at > now)
    own = cart.c.customer_id == customer_id
    guest = (cart.c.token_hash == token_hash) & (cart.c.customer_id.is_(None) | own)
    rows = sa.select(cart).where(open_now, own | guest if token_hash else own).order_by(cart.c.id).with_for_update()
    return list(await tx.execute(rows))


_MERGE: Final = sa.text(f"""
    SELECT coalesce(jsonb_object_agg(key, value), '{{}}'::jsonb) FROM (
        SELECT key, jsonb_build_object('quantity', least(sum((value ->> 'quantity')::int), {QUANTITY_MAX}),
                                       'price_cents', max((value ->> 'price_cents')::int)) AS value
          FROM cart, jsonb_each(cart.lines) WHERE cart.id = ANY(:ids) GROUP BY key
    ) AS merged
""").bindparams(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))  # noqa: S608  # built from constants only


async def merged_lines(tx: Tx, ids: list[CartId]) -> dict[str, Any]:
    """The lines of several carts as one: quantities added, up to what a line may hold."""
    lines = await tx.scalar(_MERGE, {"ids": ids})
    return json.loads(lines) if isinstance(lines, str) else lines


async def keep(tx: Tx, cart_id: CartId, **values: Any) -> None:
    await tx.execute(
        sa.update(cart).where(cart.c.id == cart_id).values(version=cart.c.version + 1, **values),
    )


async def drop(tx: Tx, ids: list[CartId]) -> None:
    await tx.execute(sa.delete(cart).where(cart.c.id.in_(ids)))


async def drop_expired(tx: Tx, *, now: datetime, limit: int) -> int:
    """Forget carts nobody came back for. A placed cart belongs to an order and stays (C2: none with money attached)."""
    expired = sa.select(cart.c.id).where(cart.c.placed_at.is_(None), cart.c.expires_at <= now).limit(limit)
    gone = await tx.execute(sa.delete(cart).where(cart.c.id.in_(expired.with_for_update(skip_locked=True))))
    return gone.rowcount
