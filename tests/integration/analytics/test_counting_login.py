"""The log-in that counts tries to read what it may not, in every way PostgreSQL offers (C6, C8)."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.engine import make_url

from kalecart import tasks
from kalecart.grants import ANALYTICS, COLUMNS, LENT, MATRIX, ROLES, VIEWS, WORKER
from kalecart.ids import OrderId, new_id
from kalecart.jobs import ChargeOrder, CountHabits
from kalecart.schema import metadata
from kalecart.sweep import sweep
from tests.habits import Habits
from tests.server import Clone

DAY: Final = date(2026, 11, 2)
HIDDEN: Final = "hidden-oats"
REFUSED: Final = (asyncpg.InsufficientPrivilegeError, asyncpg.FeatureNotSupportedError)
OURS: Final = {table for table, cells in MATRIX.items() if "r" in cells[ROLES.index(ANALYTICS)]}
SPY: Final = """
    CREATE FUNCTION {schema}.spy(sku text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
    AS $$ BEGIN RAISE NOTICE '%', sku; RETURN true; END $$
"""
PROMISE: Final = """
    INSERT INTO task (id, topic, key, arguments, due_at, promised_at)
    VALUES (gen_random_uuid(), $1, $2, '{}', now(), now()) ON CONFLICT (key) DO NOTHING
"""
SEEN: Final = "SELECT sku FROM purchase_seen WHERE day = '2026-11-02'"


async def connected(clone: Clone, role: str | None) -> asyncpg.Connection:
    url = make_url(clone.url(role)).set(drivername="postgresql")
    return await asyncpg.connect(url.render_as_string(hide_password=False))


@pytest_asyncio.fixture
async def spy(clone: Clone, habits: Habits) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the counting log-in, in a shop where one of two agreed to be counted."""
    agreed, declined = await habits.agrees(), await habits.agrees(given=False)
    await habits.buys(agreed, "kale")
    await habits.buys(declined, HIDDEN)
    habits.door.clock.advance(hours=14.5)
    await habits.prepares()
    connection = await connected(clone, ANALYTICS)
    yield connection
    await connection.close()


async def refused(spy: asyncpg.Connection, *statements: str) -> list[str]:
    """Those of the statements that were let through; whatever they did is undone."""
    through = []
    for statement in statements:
        attempt = spy.transaction()
        await attempt.start()
        try:
            await spy.execute(statement)
        except REFUSED:
            continue
        finally:
            await attempt.rollback()
        through.append(statement)
    return through


async def test_no_column_of_any_table_is_read_but_of_those_that_hold_no_person(spy):
    tables: dict[str, Any] = {name: metadata.tables[name] for name in MATRIX if name in metadata.tables}
    columns = [
        f"SELECT {column.name} FROM {name} LIMIT 0"
        for name, table in tables.items()
        if name not in OURS
        for column in table.columns
    ]

    assert len(columns) > 200
    assert await refused(spy, *columns) == []
    people = {"customer", "address", "consent", "customer_order", "order_line", "pseudonym", "payment_method", "staff"}
    assert not people & OURS
    assert not {name for name in OURS if "customer_id" in tables.get(name, metadata.tables["product"]).columns}


async def test_no_whole_row_no_join_no_lock_and_no_count_is_a_way_round(spy):
    tables = [name for name in MATRIX if name not in OURS]

    for attack in (
        "SELECT count(*) FROM {}",
        "SELECT EXISTS (SELECT FROM {})",
        "SELECT t FROM {} AS t LIMIT 1",
        "SELECT habit.sku FROM habit, {} AS t",
        "SELECT 1 FROM {} FOR KEY SHARE",
        "TABLE {}",
        "EXPLAIN SELECT 1 FROM {}",
        "EXPLAIN (GENERIC_PLAN) SELECT 1 FROM {}",
        "DECLARE peek CURSOR FOR SELECT 1 FROM {}",
        "SELECT query_to_xml('SELECT 1 FROM {}', true, true, '')",
        "SELECT table_to_xml('{}', true, true, '')",
        "DO 'BEGIN PERFORM 1 FROM {}; END'",
        "MERGE INTO habit USING {} AS t ON false WHEN MATCHED THEN DO NOTHING",
    ):
        assert await refused(spy, *(attack.format(table) for table in tables)) == [], attack


@pytest.mark.parametrize("table", ["customer", "consent", "pseudonym", "order_line", "vault.data_key"])
async def test_nothing_of_it_is_copied_out(spy, table):
    schema, _, name = table.rpartition(".")
    with pytest.raises(REFUSED):
        await spy.copy_from_table(name, schema_name=schema or None, output=BytesIO())
    with pytest.raises(REFUSED):
        await spy.copy_from_query(f"SELECT * FROM {table}", output=BytesIO())


async def test_it_becomes_nobody_but_who_writes_figures_for_others(spy):
    others = (*ROLES, *LENT, "pg_read_all_data", "pg_monitor", "pg_read_all_stats")
    lent = [f"SET ROLE {role}" for role, of in LENT.items() if of.to == ANALYTICS]
    asked = [f"SET ROLE {role}" for role in others if role != ANALYTICS]

    assert await refused(spy, *asked, "RESET ROLE; SET SESSION AUTHORIZATION kale_web") == lent


async def test_other_windows_and_other_functions_stay_shut(spy):
    windows = [f"SELECT * FROM {view} LIMIT 0" for view, readers in VIEWS.items() if ANALYTICS not in readers]

    assert await refused(spy, *windows, "SELECT vault.forget_books(gen_random_uuid(), now())") == []


async def test_what_is_seen_is_who_agreed_and_nobody_else(spy):
    assert [row["sku"] for row in await spy.fetch(SEEN)] == ["kale"]
    assert [row["sku"] for row in await spy.fetch("SELECT sku FROM purchases_seen('2026-11-02')")] == ["kale"]


async def test_no_function_of_ones_own_can_be_slipped_in_before_the_barrier(spy):
    """A cheap one would be called for rows the view does not show."""
    places = ("pg_temp", "public", "vault", "pg_catalog")
    operator = "CREATE OPERATOR public.=== (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text)"

    assert await refused(spy, *(SPY.format(schema=place) for place in places), operator) == []
    assert await refused(spy, "CREATE TEMPORARY TABLE peek (sku text)", "CREATE VIEW peek AS SELECT 1") == []


async def test_an_error_says_nothing_of_who_did_not_agree(spy):
    for broken in ("sku::int", "1 / (length(sku) - length(sku))", "sku::date", "sku::uuid"):
        for source in ("purchase_seen", "purchases_seen('2026-11-02')"):
            with pytest.raises(asyncpg.DataError) as raised:
                await spy.fetch(f"SELECT {broken} FROM {source} WHERE {broken} IS NOT NULL")
            assert HIDDEN not in f"{raised.value} {raised.value.as_dict()}"


async def test_no_plan_and_no_estimate_tells_of_the_orders_behind_it(spy, habits):
    """Estimates come from statistics over everybody, and a plan that was run says how many rows it left out."""
    plans = ("EXPLAIN (VERBOSE)", "EXPLAIN (ANALYZE, VERBOSE, TIMING OFF, SUMMARY OFF, BUFFERS OFF)")
    asked = [f"{plan} {SEEN} AND sku = '{HIDDEN}'" for plan in plans]
    before = [[row[0] for row in await spy.fetch(each)] for each in asked]
    declined = await habits.agrees(given=False)
    at = habits.door.clock.now().replace(day=2, hour=20)
    for _ in range(40):
        await habits.buys(declined, HIDDEN, at=at)
    async with habits.door.db.direct() as pg:
        await pg.execute("ANALYZE order_line, customer_order, consent")

    after = [[row[0] for row in await spy.fetch(each)] for each in asked]

    assert after == before
    assert not [
        line for plan in after for line in plan if any(name in line for name in ("order", "consent", "customer"))
    ]


async def test_no_setting_makes_the_server_print_the_plan_behind_it(spy):
    said: list[str] = []
    spy.add_log_listener(lambda _, message: said.append(f"{message} {message.as_dict()}"))
    for name in ("debug_print_parse", "debug_print_rewritten", "debug_print_plan"):
        await spy.execute(f"SET {name} = on")
    await spy.execute("SET client_min_messages = log")

    await spy.fetch(SEEN)

    assert said  # of the statement itself the server does tell
    assert not [each for each in said if "paid_at" in each or "customer_order" in each]


async def test_statistics_hold_nothing_of_tables_it_may_not_read(spy, habits):
    async with habits.door.db.direct() as pg:
        await pg.execute("ANALYZE")

    seen = {row["tablename"] for row in await spy.fetch("SELECT DISTINCT tablename FROM pg_stats")}
    assert not {name for name in seen if name in MATRIX} - OURS
    assert "task" not in seen  # of rows it sees only some of
    assert await spy.fetchval("SELECT count(*) FROM pg_stats_ext") == 0
    assert await refused(spy, "SELECT * FROM pg_statistic", "SELECT * FROM pg_statistic_ext_data") == []


async def test_the_catalogue_shows_columns_of_what_it_may_use_and_nobody_elses_statements(spy, habits):
    shown = await spy.fetch("SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'")
    mine = {table for table, cells in MATRIX.items() if cells[ROLES.index(ANALYTICS)]}
    windows = {view for view, readers in VIEWS.items() if ANALYTICS in readers}
    assert {row["table_name"] for row in shown} <= mine | windows | {table for table, _ in COLUMNS}

    async with habits.door.db.direct() as pg:
        await pg.execute("SELECT 'a-secret-in-a-statement'")
        running = await spy.fetch("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert not [row["query"] for row in running if "a-secret-in-a-statement" in (row["query"] or "")]


async def test_of_the_tasks_it_sees_those_of_its_own_queue(spy, habits):
    other = ChargeOrder(order_id=OrderId(new_id()), attempt=1)
    async with habits.door.db.transaction() as tx:
        await tasks.promise(tx, other, now=habits.door.clock.now())

    assert {row["topic"] for row in await spy.fetch("SELECT topic FROM task")} == {CountHabits.topic}
    copied = BytesIO()
    await spy.copy_from_query("SELECT * FROM task", output=copied)
    assert str(other.order_id).encode() not in copied.getvalue()
    for act in ("UPDATE task SET attempts = attempts", "UPDATE task SET state = 'done' WHERE topic = 'charge_order'"):
        assert await spy.execute(f"{act} RETURNING 1") in {"UPDATE 0", await only_mine(spy)}
    async with habits.door.db.direct() as pg:
        assert await pg.fetchval("SELECT state FROM task WHERE topic = 'charge_order'") == "pending"


async def only_mine(spy: asyncpg.Connection) -> str:
    return f"UPDATE {await spy.fetchval('SELECT count(*) FROM task')}"


async def test_a_conflict_does_not_tell_whose_work_was_promised(spy, habits):
    """The key of a task is there once: without a rule, adding it would say whether it is there."""
    there, not_there = (ChargeOrder(order_id=OrderId(new_id()), attempt=1) for _ in range(2))
    async with habits.door.db.transaction() as tx:
        await tasks.promise(tx, there, now=habits.door.clock.now())

    for topic in ("count_habits", "charge_order"):
        for job in (there, not_there):
            with pytest.raises(asyncpg.InsufficientPrivilegeError) as refusal:
                await spy.execute(PROMISE, topic, job.key)
            assert str(job.order_id) not in str(refusal.value.as_dict())


async def test_the_sweeper_of_the_one_that_counts_leaves_others_work_alone(habits):
    now = habits.door.clock.now()
    async with habits.door.db.transaction() as tx:
        await tasks.promise(tx, ChargeOrder(order_id=OrderId(new_id()), attempt=1), now=now, hinted=False)
        await tasks.promise(tx, CountHabits(day="2026-11-01", look=0), now=now, hinted=False)

    hints = Hints()
    assert await sweep(db=habits.as_analytics, clock=habits.door.clock, dispatcher=hints) == 1  # ty: ignore[invalid-argument-type]
    assert hints.topics == [CountHabits.topic]


class Hints:
    """Valkey is there, and what is pushed is kept."""

    def __init__(self) -> None:
        self.topics: list[str] = []
        self.pulse = self
        self.away = False
        self.waiting: dict[str, int] = {}

    def hint(self, _task_id: object, topic: str) -> None:
        self.topics.append(topic)


async def test_the_rules_about_rows_change_no_plan_of_the_queue(clone):
    """The owner is under none of them: whoever works for shoppers gets the same plan."""
    now, lease = datetime.now(UTC), new_id()
    statements = {
        tasks._CLAIM: (new_id(), lease, now, now),
        tasks._CLAIM_DUE: (now, 5, lease, now, ["charge_order"]),
        PROMISE: ("charge_order", "charge_order:1"),
    }
    worker, owner = await connected(clone, WORKER), await connected(clone, None)
    try:
        for statement, given in statements.items():
            explained = [await each.fetch(f"EXPLAIN (VERBOSE) {statement}", *given) for each in (worker, owner)]
            plans = [[sorted(row[0]) for row in plan] for plan in explained]
            assert plans[0] == plans[1], statement
    finally:
        await worker.close()
        await owner.close()
