"""A grocery of any size, made by a few statements in a database of its own: the same one for the same seed.

Foreign keys are not asked while it is made; every key is that of a row all the same.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from kalecart.analytics.quarter import Quarter

AISLES: Final = 12
# Some things nearly everybody buys, and most things few do.
SKEW: Final = 2.5
# Days that are laid in one statement: orders of half a year at most.
DAYS_AT_ONCE: Final = 180

_NUMBER: Final = "(hashint8extended({of}, $1) & 9223372036854775807)"
_SKU: Final = "'p-' || floor({products} * power((hashint8extended({of}, $1) & 1048575) / 1048576.0, {skew}))::int"


@dataclass(frozen=True, kw_only=True)
class Grocery:
    """`pg` is a connection of the database's owner, with all the time it needs."""

    pg: Any
    seed: int
    products: int

    async def open(self) -> None:
        await self.pg.execute("SET session_replication_role = replica; SET statement_timeout = 0")
        await self.pg.execute(_PRODUCTS, self.products, AISLES)

    async def lay_people(self, *, first: int, count: int, since: datetime) -> None:
        """Who agreed to be counted, each on the same day."""
        await self.pg.execute(_PEOPLE, first, count, since)
        await self.pg.execute(_AGREED, first, count, since)

    async def lay_days(self, begin: date, *, days: int, orders: int, lines: int, people: int) -> int:
        """So many orders each day, with up to so many products each; returns the lines there are."""
        laid = 0
        for at in range(0, days, DAYS_AT_ONCE):
            async with self.pg.transaction():
                many = min(DAYS_AT_ONCE, days - at)
                await self.pg.execute(_PLACED, self.seed, begin, at, many, orders, people)
                await self.pg.execute(_ORDERS)
                put = _LINES.format(sku=_SKU.format(products=self.products, of="place * 64 + line", skew=SKEW))
                laid += int((await self.pg.execute(put, self.seed, lines)).split()[-1])
                await self.pg.execute("DROP TABLE placed")
        await self.pg.execute("ANALYZE customer, consent, customer_order, order_line")
        return laid

    async def lay_habits(self, quarter: Quarter, *, first: int, people: int, lines: int) -> None:
        """What a quarter's days left once each was counted: `lines` bought by each, some of them again."""
        await self.pg.execute(_PSEUDONYMS, self.seed, first, people, str(quarter))
        sku = _SKU.format(products=self.products, of=f"person::bigint * {lines} + line", skew=SKEW)
        await self.pg.execute("SET work_mem = '512MB'")
        await self.pg.execute(_HABITS.format(sku=sku), self.seed, first, people, str(quarter), lines)
        await self.pg.execute("RESET work_mem")
        await self.pg.execute("UPDATE counted_day SET counted_at = ends_at WHERE quarter = $1", str(quarter))
        await self.pg.execute("ANALYZE pseudonym, habit")


_PRODUCTS: Final = """
    INSERT INTO product (sku, name, aisle, description, price_cents, unit_amount, unit, tax_category, picture, keywords,
                         position, search)
    SELECT 'p-' || n, 'Product ' || n, 'Aisle ' || n % $2, '', 500, 1, 'each', 'food', '', '', n, ''
      FROM generate_series(0, $1 - 1) AS n
"""
_PEOPLE: Final = """
    INSERT INTO customer (id, email_sealed, email_index, name_sealed, phone_sealed, password_hash, address_id, source,
                          signed_up_at)
    SELECT md5('person ' || n)::uuid, '', sha256(n::text::bytea), '', '', '', gen_random_uuid(), 'sign_up', $3
      FROM generate_series($1::int, $1::int + $2::int - 1) AS n
"""
_AGREED: Final = """
    INSERT INTO consent (id, customer_id, purpose, decision, policy_version, words_sha256, source, decided_at)
    SELECT gen_random_uuid(), md5('person ' || n)::uuid, 'improve_service', 'given', '2026-11-01', '', 'sign_up', $3
      FROM generate_series($1::int, $1::int + $2::int - 1) AS n
"""
# An order's id begins with its time, as the shop's do: years of orders lie in their order in every index.
_PLACED: Final = f"""
    CREATE TEMPORARY TABLE placed AS
    SELECT overlay(md5('order ' || $1::bigint || ' ' || place)
                   PLACING lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') FROM 1 FOR 12)::uuid AS id,
           place, at, md5('person ' || {_NUMBER.format(of="place")} % $6::bigint)::uuid AS customer_id
      FROM generate_series($3::int, $3::int + $4::int - 1) AS day, generate_series(1, $5::int) AS n,
           LATERAL (SELECT ($2::date - date '2000-01-01' + day) * 1000000::bigint + n AS place,
                           ($2::date + day + time '20:00') AT TIME ZONE 'UTC' + n % 7200 * interval '1 second' AS at
                   ) AS numbered
"""  # noqa: S608  # of this file's own words
_ORDERS: Final = """
    INSERT INTO customer_order (id, number, customer_id, cart_id, idempotency_key, fingerprint, status, address_id,
                                window_id, payment_method_id, goods_cents, delivery_cents, tax_cents, total_cents,
                                placed_at, paid_at, picking_at)
    SELECT id, id::text, customer_id, id, id::text, '', 'fulfilled', id, id, id, 500, 0, 0, 500, at, at, at
      FROM placed ORDER BY at
"""
_LINES: Final = """
    INSERT INTO order_line (order_id, sku, name, quantity, unit_price_cents, tax_category)
    SELECT id, {sku}, 'A product', 1, 500, 'food' FROM placed, generate_series(1, $2::int) AS line
        ON CONFLICT DO NOTHING
"""
_PSEUDONYMS: Final = """
    INSERT INTO pseudonym (id, customer_id, purpose, period, made_at)
    SELECT md5($1::bigint || 'pseudonym ' || $4 || n)::uuid, md5('person ' || n)::uuid, 'improve_service', $4, now()
      FROM generate_series($2::int, $2::int + $3::int - 1) AS n
"""
_HABITS: Final = """
    INSERT INTO habit (pseudonym, sku, quarter, draw, days)
    SELECT pseudonym, sku, $4, substr(sha256(uuid_send(pseudonym) || convert_to(sku, 'UTF8')), 1, 8)::bigint, days
      FROM (SELECT md5($1::bigint || 'pseudonym ' || $4 || person)::uuid AS pseudonym, {sku} AS sku,
                   bit_or(set_bit(0::bit(92), (person + line) % 90, 1)) AS days
              FROM generate_series($2::int, $2::int + $3::int - 1) AS person, generate_series(1, $5::int) AS line
             GROUP BY 1, 2) AS bought
     ORDER BY pseudonym, sku
"""
