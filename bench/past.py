"""Years that have passed: customers who ordered every week, made by a few statements in the shop's own database.

Every order is delivered, paid and in the books, with its window, its timeline, its letters and its lines of the
disclosure ledger, as the shop would have written them.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from bench.prepare import ON_HAND, Parts

LINES: Final = 20
# Products of one order lie so far apart, and those of the next week begin a little further on.
STRIDE, NEXT_WEEK = 13, 7
_LAID: Final = (
    "customer_order, order_line, order_event, payment_intent, attempt, ledger_entry",
    "mail, disclosure, address, payment_method",
)


async def lay_past(parts: Parts, customers: Sequence[UUID], *, orders: int) -> None:
    """So many weekly orders of LINES products for each of them, the last one a week ago."""
    async with parts.db.direct() as pg, pg.transaction():
        await pg.execute(_WINDOWS, orders, ON_HAND)
        await pg.execute(_CHOSEN, list(customers), orders, LINES, STRIDE, NEXT_WEEK)
        for statement in _WRITTEN:
            await pg.execute(statement)
    async with parts.db.direct() as pg:
        # What is years old was tidied up long ago, and not while somebody measures.
        for tables in _LAID:
            await pg.execute(f"VACUUM (ANALYZE) {tables}")
        await pg.execute("CHECKPOINT")


# An odd second, because no window begins at the same time as another.
_WINDOWS: Final = """
    INSERT INTO delivery_window (id, starts_at, ends_at, cutoff_at, capacity)
    SELECT gen_random_uuid(), at, at + interval '2 hours', at - interval '2 hours', $2
      FROM generate_series(1, $1) AS week,
           LATERAL (SELECT date_trunc('minute', now()) + interval '1 second' - week * interval '7 days' AS at)
        ON CONFLICT (starts_at) DO NOTHING
"""
_CHOSEN: Final = """
    CREATE TEMPORARY TABLE past ON COMMIT DROP AS
    WITH shelf AS (SELECT *, row_number() OVER (ORDER BY sku) - 1 AS place, count(*) OVER () AS count FROM product),
         slot AS (SELECT *, row_number() OVER (ORDER BY starts_at DESC) AS week FROM delivery_window
                   WHERE ends_at < now() - interval '6 days'),
         placed AS (SELECT uuidv7(slot.cutoff_at - now()) AS order_id, customer.id AS customer_id, customer.address_id,
                           slot.id AS window_id, slot.week, slot.cutoff_at AS at
                      FROM unnest($1::uuid[]) AS person (id) JOIN customer USING (id) JOIN slot ON slot.week <= $2)
    SELECT placed.*, shelf.sku, shelf.name, shelf.price_cents, shelf.tax_category, 1 + line % 3 AS quantity
      FROM placed, generate_series(1, $3) AS line
      JOIN shelf ON true
     WHERE shelf.place = (placed.week * $5 + line * $4) % shelf.count
"""
_ORDERS: Final = """
    INSERT INTO customer_order (id, number, customer_id, cart_id, idempotency_key, fingerprint, status, address_id,
                                window_id, payment_method_id, goods_cents, delivery_cents, tax_cents, total_cents,
                                placed_at, paid_at, picking_at)
    SELECT order_id, 'past-' || order_id, past.customer_id, gen_random_uuid(), 'past-' || week, '\\x00', 'fulfilled',
           address_id, window_id, card.id, sum(quantity * price_cents), 0, 0, sum(quantity * price_cents),
           at, at, at + interval '1 hour'
      FROM past JOIN payment_method AS card ON card.customer_id = past.customer_id
     GROUP BY order_id, past.customer_id, week, address_id, window_id, at, card.id
"""
_LINES: Final = """
    INSERT INTO order_line (order_id, sku, name, quantity, unit_price_cents, tax_category)
    SELECT order_id, sku, name, quantity, price_cents, tax_category FROM past
"""
# What was sold is no longer on the shelf: the books are looked at when everything is measured.
_STOCK: Final = """
    UPDATE stock SET on_hand = on_hand - sold.quantity
      FROM (SELECT sku, sum(quantity) AS quantity FROM past GROUP BY sku) AS sold WHERE stock.sku = sold.sku
"""
_FROM: Final = "FROM customer_order AS o WHERE id IN (SELECT order_id FROM past)"
_EVENTS: Final = """
    INSERT INTO order_event (id, order_id, kind, at)
    SELECT uuidv7(at - now()), order_id, kind, at
      FROM (SELECT DISTINCT order_id, at FROM past) AS o,
           unnest(ARRAY['placed', 'paid', 'picking', 'fulfilled']) AS kind
"""
_INTENTS: Final = f"""
    INSERT INTO payment_intent (order_id, stripe_id, amount_cents, status, begun_at)
    SELECT id, 'pi_past_' || id, total_cents, 'succeeded', placed_at {_FROM}
"""
_ATTEMPTS: Final = f"""
    INSERT INTO attempt (id, order_id, number, payment_method_id, state, stripe_charge_id, sent_at, ended_at)
    SELECT uuidv7(), id, 1, payment_method_id, 'succeeded', 'ch_past_' || id, placed_at, placed_at {_FROM}
"""
_LEDGER: Final = f"""
    INSERT INTO ledger_entry (id, order_id, kind, amount_cents, stripe_id, at)
    SELECT uuidv7(), id, 'charge', total_cents, 'ch_past_' || id, placed_at {_FROM}
"""
_LETTERS: Final = f"""
    INSERT INTO mail (id, kind, subject_id, occasion, customer_id, order_id, state, attempts, due_at, sent_at)
    SELECT uuidv7(), 'receipt', id, '', customer_id, id, 'sent', 1, placed_at, placed_at {_FROM}
"""
_DISCLOSED: Final = f"""
    INSERT INTO disclosure (person_id, id, recipient, fields, ground, reference, at)
    SELECT customer_id, uuidv7(), recipient, ARRAY['name'], ground, id::text, placed_at
      FROM (VALUES ('stripe', 'payment'), ('mail', 'letter'), ('courier', 'delivery')) AS told (recipient, ground),
           LATERAL (SELECT * {_FROM}) AS o
"""  # noqa: S608  # of this file's own words
_WRITTEN: Final = (_ORDERS, _LINES, _STOCK, _EVENTS, _INTENTS, _ATTEMPTS, _LEDGER, _LETTERS, _DISCLOSED)
