"""The page about the clock: whoever looks after the queue sees what is late, and which schedulers tick."""

from datetime import timedelta

from kalecart.scheduling import beat
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.stand_in import stand_in
from kalecart.vault import Vault
from scheduler.metronome import tick
from tests.clock import FakeClock
from tests.web.page import Browser
from tests.web.shop import PASSWORD, Shop


async def entered(shop: Shop, vault: Vault, clock: FakeClock, role: Role) -> Browser:
    newcomer = NewStaff(name="Sam Staff", email="sam@example.com", password=PASSWORD, role=role)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=clock)
    console = Browser(shop)
    form = (await console.open("/staff/clock")).form("/staff/log-in")
    await console.send(form, email="sam@example.com", password=PASSWORD)
    return console


async def test_the_timetable_shows_two_schedulers_that_tick_and_then_how_late_everything_is(
    shop: Shop, vault: Vault, clock: FakeClock
) -> None:
    console = await entered(shop, vault, clock, Role.MANAGER)
    assert "No scheduler ticks" in (await console.open("/staff/clock")).text

    await tick(db=shop.db, clock=clock, name="scheduler:a:1")
    assert "Only one scheduler ticks" in (await console.open("/staff/clock")).text
    await tick(db=shop.db, clock=clock, name="scheduler:b:2")
    well = await console.open("/staff/clock")
    assert "scheduler" not in well.text.partition("Processes")[0]
    assert "scheduler:b:2" in well.text
    assert "a:1" in well.text.partition("Timetable")[2]
    assert "Late" not in well.text

    await beat("worker:c:3", db=shop.db, now=clock.now() + timedelta(hours=2))
    clock.advance(minutes=7)
    late = await console.open("/staff/clock")
    assert "No scheduler ticks" in late.text
    assert "Watch complaints (6 minutes)" in late.text
    assert "its clock is wrong" in late.text
    api = (await shop.get("/api/v1/staff/clock")).body
    standings = {job["job"]: (job["standing"], job["late_s"]) for job in api["jobs"]}
    assert standings["watch_complaints"] == ("late", 360.0)
    assert standings["prune"][0] == "started"
    assert {job["taken_by"] for job in api["jobs"]} == {"scheduler:a:1"}
    clock.advance(minutes=1)
    await stand_in("web", db=shop.db, clock=clock)
    stood_in = await console.open("/staff/clock")
    assert "the web" in stood_in.text.partition("Timetable")[2].partition("Each slot")[0]
    assert [process["alive"] for process in api["processes"]] == [False, False, False]
    assert 'kalecart_heartbeat_age_seconds{kind="scheduler"} 480.0' in (await console.open("/metrics")).html
