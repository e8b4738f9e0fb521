"""Two people who share an address, planted with a value of their own in every personal column (C10, C11, E50, E60)."""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest_asyncio
import sqlalchemy as sa

from kalecart.customers.tables import customer
from kalecart.database import Database, Tx
from kalecart.ids import CustomerId
from kalecart.privacy.package import shown_columns
from kalecart.privacy.register import REGISTER, about
from kalecart.privacy.register.entry import Described, Opened, Withheld
from kalecart.schema import metadata
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.view import record_view
from kalecart.vault import Place, key_of
from tests.askers import BEA, Asker
from tests.bare_rows import a_bare_row
from tests.builders import Shopper, a_card, a_paid_order, a_product, a_refund, a_window
from tests.people import PASSWORD, Door
from tests.planted import unpacked

# What would keep a package back, or end its person; what is in them is looked for where there is one.
UNPLANTED = frozenset({"dispute", "erasure", "erasure_wait", "legal_hold", "privacy_restriction"}) | frozenset(
    {"privacy_package", "privacy_link"}
)


def _ruled(now: datetime) -> dict[str, dict[str, Any]]:
    """Where a table asks for more than any word or number."""
    return {
        "suspension": {"effective_at": now + timedelta(days=1), "lifted_at": now},
        "pseudonym": {"period": "2026-Q4"},
        "habit": {"quarter": "2026-Q4", "days": sa.literal_column("repeat('1', 92)::bit(92)")},
        "complaint": {"explanation_sealed": b"x", "explained_at": now},
        "complaint_step": {"step": "day_15"},
    }


class Planted:
    """What was put into the rows of one person: what must come out, and what must not."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.hidden: dict[str, str] = {}


def as_stored(name: str, value: str) -> Iterator[str]:
    """A value as somebody could find it: plain, and in the encodings things hide in."""
    raw = value.encode()
    yield from (value, raw.hex(), quote(value, safe=""), json.dumps(value)[1:-1])
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def plant(tx: Tx, person: CustomerId, tag: str, door: Door) -> Planted:
    """Into every text, sealed or hashed column of every row about the person that takes one."""
    planted = Planted()
    key = await key_of(tx, person, door.vault)
    for table in REGISTER.values():
        which = about(table)
        live = metadata.tables.get(table.name)
        if which is None or live is None:
            continue
        for name, entry in table.personal().items():
            value = f"{tag}-{table.name}-{name}"
            row = live.c[table.key]
            target = (await tx.execute(sa.select(row).where(sa.text(which)).limit(1), {"person": person})).scalar()
            if table.name in UNPLANTED:
                continue
            assert target is not None, f"{table.name} has no row to plant in"
            stored: Any = None
            if isinstance(entry.disclose, Opened) and isinstance(target, UUID):
                stored = key.seal(value, Place(table.name, name, target))
            elif isinstance(entry.disclose, Described | Withheld) and isinstance(live.c[name].type, sa.LargeBinary):
                stored = value.encode() if not live.c[name].primary_key and name != "wrapped" else None
            elif isinstance(live.c[name].type, sa.Text) and not _checked(live, name):
                stored = value
            if stored is None:
                continue
            await tx.execute(sa.update(live).where(row == target).values({name: stored}))
            where = planted.shown if name in shown_columns(table) else planted.hidden
            where[f"{table.name}.{name}"] = value
    return planted


def _checked(live: sa.Table, name: str) -> bool:
    """Whether the database takes only words of its own there."""
    ruled = any(name in str(check.sqltext) for check in live.constraints if isinstance(check, sa.CheckConstraint))
    return ruled or bool(live.c[name].foreign_keys) or live.c[name].primary_key


@pytest_asyncio.fixture
async def two(door: Door) -> tuple[Asker, Asker]:
    ana = Asker(door, (await door.signs_up()).customer_id)
    bea = Asker(door, (await door.signs_up(**BEA)).customer_id)
    return ana, bea


async def test_each_package_holds_all_of_ones_own_and_nothing_of_the_others(
    two: tuple[Asker, Asker], door: Door, as_privacy: Database
) -> None:
    await _live(door, two)
    async with door.db.snapshot() as tx:
        kept = (await tx.execute(sa.select(customer.c.id, customer.c.password_hash))).all()
    requests = [await asker.asks() for asker in two]
    async with door.db.transaction() as tx:
        await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
        for asker in two:
            await _fill_up(tx, asker.id, now=door.clock.now())
        planted = [
            await plant(tx, asker.id, tag, door) for asker, tag in zip(two, ("kohlrabi", "tamarind"), strict=True)
        ]

    packages = []
    for asker, request in zip(two, requests, strict=True):
        await asker.works(request.id, as_privacy)
        await _knows_the_password_again(door.db, asker.id, kept)
        packages.append(await asker.gets(request.id))

    assert _sealed() <= set(planted[0].shown)
    assert {"customer.password_hash", "customer.email_index"} <= set(planted[0].hidden)
    for own, other, files in ((planted[0], planted[1], packages[0]), (planted[1], planted[0], packages[1])):
        for name, content in files.items():
            text = b"\n".join(unpacked(content)).decode(errors="replace")
            if name != "manifest.json":
                assert (name, {place for place, value in own.shown.items() if value not in text}) == (name, set())
            secret = [value for value in own.hidden.values() if any(f in text for f in as_stored(name, value))]
            strange = [
                value
                for value in (*other.shown.values(), *other.hidden.values())
                if any(form in text for form in as_stored(name, value))
            ]
            assert (name, secret, strange) == (name, [], [])


def _sealed() -> set[str]:
    """Every column that is sealed with a customer's key and opened for them."""
    tables = [table for table in REGISTER.values() if about(table) and table.name not in UNPLANTED]
    found = {
        f"{table.name}.{name}"
        for table in tables
        for name, entry in shown_columns(table).items()
        if isinstance(entry.disclose, Opened)
    }
    assert {"customer.name_sealed", "past_detail.sealed", "complaint_concern.text_sealed"} <= found
    return found


async def _fill_up(tx: Tx, person: CustomerId, *, now: datetime) -> None:
    """A row in every table that has none about them."""
    for table in REGISTER.values():
        which = about(table)
        if which is None or table.name in UNPLANTED or table.name not in metadata.tables:
            continue
        there = sa.text(f"SELECT EXISTS (SELECT FROM {table.name} WHERE {which})")
        if not await tx.scalar(there, {"person": person}):
            await a_bare_row(tx, table, person, now=now, **_ruled(now).get(table.name, {}))


async def _knows_the_password_again(db: Database, person: CustomerId, kept: Sequence[Any]) -> None:
    """What was planted where the hash of the password belongs is in the package or not by now."""
    async with db.transaction() as tx:
        right = next(row.password_hash for row in kept if row.id == person)
        await tx.execute(sa.update(customer).where(customer.c.id == person).values(password_hash=right))


async def _live(door: Door, two: tuple[Asker, Asker]) -> None:
    """Something in most tables for both of them: a card, an order with its money, a refund, a look by staff."""
    now = door.clock.now()
    await a_product(door.db, "kale", price_cents=600)
    window = await a_window(door.db, now=now)
    new = NewStaff(name="Sam Staff", email="sam@example.com", password=PASSWORD, role=Role.ORDERS)
    member = StaffMember(id=await add_staff(new, db=door.db, vault=door.vault, clock=door.clock), role=Role.ORDERS)
    for asker in two:
        card = await a_card(door.db, door.vault, asker.id, now=now)
        shopper = Shopper(door.db, asker.id, card, window)
        await shopper.puts("kale", 3, now=now)
        order = await a_paid_order(shopper, 2_299, clock=door.clock)
        await a_refund(door.db, order, "quality", {"kale": 600}, now=now)
        await record_view(asker.id, purpose="question", by=member, db=door.db, vault=door.vault, clock=door.clock)
