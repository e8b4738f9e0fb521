"""Carts as people see them: lines joined with what the products are and cost now."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from kalecart.carts.cart import Cart, CartLine
from kalecart.catalogue.product import Unit, size
from kalecart.chance import token_hash
from kalecart.database import Pg
from kalecart.ids import CartId, CustomerId

# What a line needs beside its quantity. Takes a cart's `lines` and gives one JSON array, in the order of the aisles.
# LIMIT says what the planner cannot know: it takes any JSON for a hundred lines, and would read whole tables for them.
LINES_WITH_PRODUCTS: Final = """
    coalesce((
        SELECT jsonb_agg(jsonb_build_array(p.sku, p.name, p.unit_amount::text, p.unit, p.picture,
                                           (l.value ->> 'quantity')::int, p.price_cents,
                                           (l.value ->> 'price_cents')::int, s.on_hand, p.tax_category, p.active)
                         ORDER BY p.position, p.sku)
          FROM jsonb_each(cart.lines) AS l,
               LATERAL (SELECT * FROM product WHERE sku = l.key LIMIT 1) AS p,
               LATERAL (SELECT on_hand FROM stock WHERE sku = l.key LIMIT 1) AS s
    ), '[]'::jsonb)
"""

_BY_TOKEN: Final = f"""
    SELECT cart.id, cart.version, cart.customer_id, {LINES_WITH_PRODUCTS} AS lines
      FROM cart WHERE token_hash = $1 AND placed_at IS NULL AND expires_at > $2
"""  # noqa: S608  # built from constants only


async def cart_of(pg: Pg, token: str | None, *, now: datetime) -> Cart | None:
    """The open cart a cookie names; None for no cookie, an unknown or expired one, or one whose order is placed."""
    if not token:
        return None
    row = await pg.fetchrow(_BY_TOKEN, token_hash(token), now)
    return cart_from(row) if row else None


def cart_from(row: Any) -> Cart:
    """A row of `id, version, customer_id, lines` as a cart."""
    lines = json.loads(row["lines"]) if isinstance(row["lines"], str) else row["lines"]
    return Cart(
        id=CartId(row["id"]),
        version=row["version"],
        customer_id=CustomerId(row["customer_id"]) if row["customer_id"] else None,
        lines=tuple(_line(*line) for line in lines),
    )


def _line(*fields: Any) -> CartLine:
    sku, name, unit_amount, unit, picture, quantity, price, shown, on_hand, tax_category, active = fields
    return CartLine(
        sku=sku,
        name=name,
        size=size(Decimal(unit_amount), Unit(unit)),
        picture=picture,
        quantity=quantity,
        price_cents=price,
        shown_cents=shown,
        on_hand=on_hand,
        tax_category=tax_category,
        active=active,
    )
