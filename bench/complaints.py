"""(t) A hundred thousand open complaints: the board's first page, and the clock's looks at them (C13)."""

import json
import statistics
import time
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bench.connection import Connection, request
from bench.scene import BenchFailed, Scene
from kalecart.clock import SHOP_ZONE, Clock
from kalecart.complaints.watch import watch_complaints
from kalecart.database import Database
from kalecart.deadline import DAYS, day_begins
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from local.ports import HOST

EMAIL, PASSWORD = "complaints@example.com", "seven slow carrots"
LOOKS: Final = 20
FEW: Final = 100
OK: Final = 200
# Received within the last thirty days, one after the other; each step that has begun was taken when it did.
_COMPLAINTS: Final = """
    INSERT INTO complaint (id, number, channel, customer_id, code_sealed, code_hash, text_sealed, received_at,
                           recorded_at, due_at, look_at)
    SELECT gen_random_uuid(), 'bench-' || n, 'web', $1, '', '', convert_to(repeat('x', 400), 'UTF8'), at, at,
           (date_trunc('day', at AT TIME ZONE $5) + interval '31 days') AT TIME ZONE $5, $4
      FROM generate_series($2::int, $3::int) AS n, LATERAL (
           SELECT $6::timestamptz - n::bigint * 43000 / $3 * interval '1 minute' AS at) AS arrived
"""
_FEW: Final = """
    UPDATE complaint SET look_at = $2, received_at = received_at - interval '1 day', due_at = due_at - interval '1 day'
     WHERE id IN (SELECT id FROM complaint WHERE answered_at IS NULL AND look_at <= $3 ORDER BY look_at LIMIT $1)
"""
_BEGINNING: Final = "SELECT count(*) FROM complaint WHERE answered_at IS NULL AND look_at <= $1"


class At(Clock):
    """A clock that is put forward."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


async def complaints(scene: Scene) -> dict[str, Any]:
    """The background stands still meanwhile: it would take the steps before they are measured."""
    with scene.background_paused():
        person = UUID(scene.trade.shoppers[0].customer)
        newcomer = NewStaff(name="Bea Bench", email=EMAIL, password=PASSWORD, role=Role.MANAGER)
        await add_staff(newcomer, db=scene.parts.db, vault=scene.parts.vault, clock=scene.parts.clock)
        now = scene.parts.clock.now()
        await lay_complaints(scene.parts.db, person, count=scene.extent.complaints, now=now)
        watched = await looked_at(scene.parts.db, now)
        return {"open": scene.extent.complaints, "board_ms": await _board(scene), **watched}


async def lay_complaints(db: Database, person: UUID, *, count: int, now: datetime) -> None:
    async with db.direct() as pg:
        await pg.execute(_COMPLAINTS, person, 1, count, now, SHOP_ZONE.key, now)
        await pg.execute("ANALYZE complaint")


async def looked_at(db: Database, now: datetime) -> dict[str, Any]:
    """Seconds: everything at once, as after an outage; nothing to do; a few; and midnight, when steps begin."""
    all_at_once, every = await _tick(db, now)
    idle, none = await _tick(db, now)
    midnight = day_begins(now, DAYS + 2)
    async with db.direct() as pg:
        await pg.execute(_FEW, FEW, now, midnight)
    few_s, few = await _tick(db, now)
    async with db.direct() as pg:
        await pg.execute("ANALYZE complaint")
        beginning = int(await pg.fetchval(_BEGINNING, midnight))
    night_s, night = await _tick(db, midnight)
    if none or few > FEW or night != beginning:
        raise BenchFailed(f"{none}, {few} and {night} complaints were looked at")
    return {
        "all": every,
        "all_s": all_at_once,
        "idle_s": idle,
        "few": few,
        "few_s": few_s,
        "midnight": night,
        "midnight_s": night_s,
    }


async def _tick(db: Database, now: datetime) -> tuple[float, int]:
    begun = time.monotonic()
    looked = await watch_complaints(None, db=db, clock=At(now))
    return round(time.monotonic() - begun, 3), looked


async def _board(scene: Scene) -> dict[str, float]:
    """Milliseconds of the first page, as the manager's browser waits for it."""
    headers = {"Host": scene.origin, "Origin": f"http://{scene.origin}", "Accept": "text/html"}
    connection = await Connection.open(HOST, scene.port)
    try:
        typed = json.dumps({"email": EMAIL, "password": PASSWORD}).encode()
        entering = request("POST", "/api/v1/staff/session", headers | {"Content-Type": "application/json"}, typed)
        session = (await connection.ask(entering)).cookie("kale_staff")
        took = []
        for _ in range(LOOKS):
            begun = time.perf_counter()
            page = await connection.ask(
                request("GET", "/staff/complaints", headers | {"Cookie": f"kale_staff={session}"})
            )
            took.append((time.perf_counter() - begun) * 1000)
            if page.status != OK:
                raise BenchFailed(f"the board was answered with {page.status}")
    finally:
        connection.close()
    return {"p50": round(statistics.median(took), 1), "most": round(max(took), 1)}
