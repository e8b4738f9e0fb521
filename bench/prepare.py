"""What has to be there before the clock runs: shoppers with cards and open log-ins, full shelves, roomy windows, carts.

Made through the centre's own stores, but for the hashing of passwords: that is meant to be slow, and would be most of a
run.
"""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bench.plan import Trade
from bench.shopper import Shopper
from kalecart.chance import new_token, token_hash
from kalecart.clock import Clock
from kalecart.customers import store as customers
from kalecart.customers.address import Address
from kalecart.customers.profile import seal, seal_address
from kalecart.database import Database
from kalecart.ids import AddressId, CustomerId, new_id
from kalecart.payments.gateway import Gateway
from kalecart.payments.save_card import save_card
from kalecart.vault import Vault, make_key

CARD: Final = "pm_card_visa"
NO_PASSWORD: Final = "none"  # noqa: S105  # nobody logs in by it
ON_HAND: Final = 1_000_000
SIDE_BY_SIDE: Final = 8
LOG_IN: Final = timedelta(hours=1)
# Baskets of the fixed carts take one product of each of the most common prices, so that all of them cost the same:
# pgbench has no way to look a total up.
PRICES: Final = 5
BASKETS: Final = 997
# With a price of at least this, any basket of a checkout is above the shop's minimum.
CENTS_LEAST: Final = 250


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What preparing works with: the owner's database, and Stripe."""

    db: Database
    vault: Vault
    gateway: Gateway
    clock: Clock


async def prepare(parts: Parts, *, shoppers: int, seed: int) -> Trade:
    """A shop in which a measurement cannot run out of anything."""
    async with parts.db.direct() as pg:
        await pg.execute("UPDATE stock SET on_hand = $1", ON_HAND)
        await pg.execute("UPDATE delivery_window SET capacity = $1", ON_HAND)
        skus = await pg.fetch("SELECT sku FROM product WHERE active AND price_cents >= $1 ORDER BY sku", CENTS_LEAST)
        windows = await pg.fetch(
            "SELECT id FROM delivery_window WHERE cutoff_at > $1 ORDER BY starts_at", parts.clock.now() + LOG_IN
        )
    people = await sign_up(parts, first=0, count=shoppers)
    return Trade(
        shoppers=people, skus=[row["sku"] for row in skus], windows=[str(row["id"]) for row in windows], seed=seed
    )


async def sign_up(parts: Parts, *, first: int, count: int) -> list[Shopper]:
    """Customers number `first` and on, each with an address, a card and an open log-in."""
    free = asyncio.Semaphore(SIDE_BY_SIDE)
    return list(await asyncio.gather(*(_shopper(parts, number, free) for number in range(first, first + count))))


async def _shopper(parts: Parts, number: int, free: asyncio.Semaphore) -> Shopper:
    async with free:
        now = parts.clock.now()
        customer_id, session = CustomerId(new_id()), new_token()
        await _sign_up(parts, customer_id, number, session, now)
        card = await save_card(
            CARD,
            customer_id=customer_id,
            db=parts.db,
            gateway=parts.gateway,
            vault=parts.vault,
            clock=parts.clock,
        )
        return Shopper(customer=str(customer_id), session=session, card=str(card.id))


async def _sign_up(parts: Parts, customer_id: CustomerId, number: int, session: str, now: datetime) -> None:
    email = f"bench-{number}@example.com"
    address_id = AddressId(new_id())
    address = Address(street="460 S Spring St", unit="", city="Los Angeles", state="CA", postal_code="90013")
    async with parts.db.transaction() as tx:
        key = await make_key(tx, customer_id, parts.vault, now=now)
        texts = {"name": "Bea Bench", "email": email, "phone": "+12135550123"}
        await customers.add(
            tx,
            customer_id,
            **seal(key, customer_id, texts),
            email_index=parts.vault.blind_index("email", email),
            password_hash=NO_PASSWORD,
            address_id=address_id,
            source="sign_up",
            signed_up_at=now,
        )
        sealed = seal_address(key, address_id, address)
        await customers.add_address(tx, address_id, customer_id=customer_id, sealed=sealed, now=now)
        await customers.start_session(
            tx, token_hash(session), customer_id=customer_id, now=now, expires_at=now + LOG_IN
        )


# Five strides without a common divisor: neighbours share few products, and every basket comes round again only late.
STRIDES: Final = (1, 7, 11, 13, 17)

_CARTS: Final = """
    INSERT INTO cart (id, token_hash, lines, created_at, expires_at)
    SELECT gen_random_uuid(), sha256(($1 || n)::bytea), b.lines, $2, $3
      FROM generate_series($4::bigint, $5::bigint) AS n
      JOIN unnest($6::jsonb[]) WITH ORDINALITY AS b (lines, place) ON b.place = 1 + n % cardinality($6::jsonb[])
"""

_ALIKE: Final = """
    SELECT price_cents, array_agg(sku ORDER BY sku) AS skus FROM product
     WHERE active AND tax_category = 'food' AND price_cents >= $1
     GROUP BY price_cents ORDER BY count(*) DESC, price_cents LIMIT $2
"""


async def fill_carts(parts: Parts, *, mark: str, first: int, count: int) -> None:
    """Guests' carts number `first` and on, five products each; the token of number n is `mark` and n."""
    now = parts.clock.now()
    async with parts.db.direct() as pg:
        shelves = [(row["price_cents"], row["skus"]) for row in await pg.fetch(_ALIKE, CENTS_LEAST, PRICES)]
        lines = [json.dumps(basket(shelves, number)) for number in range(BASKETS)]
        await pg.execute(_CARTS, mark, now, now + LOG_IN, first, first + count - 1, lines)
        await pg.execute("ANALYZE cart")


def basket(shelves: Sequence[tuple[int, Sequence[str]]], number: int) -> dict[str, dict[str, int]]:
    """One product of each shelf, where a shelf is a price and what costs that much."""
    picked = (
        (skus[number * stride % len(skus)], price) for (price, skus), stride in zip(shelves, STRIDES, strict=True)
    )
    return {sku: {"quantity": 1, "price_cents": price} for sku, price in picked}


def chosen(of: Sequence[Any], count: int, *, seed: int) -> list[Any]:
    """So many of them, the same ones for the same seed."""
    return random.Random(seed).sample(list(of), count)  # noqa: S311  # choices of a measurement, to be repeated
