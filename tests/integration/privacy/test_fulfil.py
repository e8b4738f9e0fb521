"""A package is whole, as of one instant, made once, and opens once for the person it is about (C10, C11)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart import steps, tasks
from kalecart.accounts.amend import Amendment, amend
from kalecart.audit import audit_entry
from kalecart.customers.tables import customer
from kalecart.database import Database
from kalecart.errors import Invalid, Unavailable
from kalecart.jobs import FulfilRequest
from kalecart.privacy import reads
from kalecart.privacy.hand_over import NoSuchPackage
from kalecart.privacy.remake import complete_request
from kalecart.privacy.request import Kind, State
from kalecart.privacy.subject import Person
from kalecart.privacy.tables import privacy_package
from kalecart.privacy.watch import watch_requests
from kalecart.steps import Step
from kalecart.vault import data_key
from tests.askers import BEA, Asker
from tests.builders import a_card
from tests.people import Door

SECRETS = ("argon2", 'password_hash"', 'token_hash"', 'email_index"')


@pytest_asyncio.fixture
async def ana(door: Door) -> Asker:
    entered = await door.signs_up()
    await a_card(door.db, door.vault, entered.customer_id, now=door.clock.now())
    return Asker(door, entered.customer_id)


def part(files: dict[str, bytes], table: str) -> list[dict[str, Any]]:
    parts = json.loads(files["package.json"])["parts"]
    return next((each["records"] for each in parts if each["table"] == table), [])


async def test_a_package_holds_what_is_known_of_the_person_and_nothing_that_is_secret(ana: Asker, door: Door) -> None:
    """E50, E59, E60: two people at one address; numbers in full, hashes and tokens are told of and not given."""
    await door.signs_up(**BEA)
    request = await ana.asks()

    await ana.works(request.id)
    files = await ana.gets(request.id)

    assert set(files) == {"package.json", "report.html", "report.pdf", "manifest.json"}
    assert part(files, "customer")[0]["name_sealed"] == "Ana Lima"
    assert part(files, "address")[0]["sealed"]["street"] == "460 S. Spring St."
    assert part(files, "payment_method")[0]["sealed"]["last4"] == "4242"
    assert {row["purpose"] for row in part(files, "consent")} == {"payment_and_delivery", "improve_service"}
    for name in ("package.json", "report.html"):
        text = files[name].decode()
        assert "Ana Lima" in text
        assert not [found for found in (*BEA.values(), *SECRETS) if found in text]
    assert files["report.pdf"].startswith(b"%PDF")
    document = json.loads(files["package.json"])
    (number,) = [item for item in document["withheld"] if item["what"].endswith(": Full number")]
    assert (number["reason"], number["count"], "Stripe has it" in number["words"]) == ("security", 1, True)
    described = " ".join(item["words"] for item in json.loads(files["package.json"])["described"])
    assert "hash" in described


async def test_a_package_is_as_of_one_instant_which_it_states(ana: Asker, door: Door) -> None:
    """E58."""
    request = await ana.asks()
    await ana.works(request.id)
    made_at = door.clock.now()
    door.clock.advance(seconds=5)
    change = Amendment(name="Ana Maria Lima")
    await amend(change, customer_id=ana.id, terms=door.terms, **door.verbs)  # ty: ignore[invalid-argument-type]

    files = await ana.gets(request.id)

    assert json.loads(files["manifest.json"])["snapshot_at"] == made_at.isoformat()
    assert part(files, "customer")[0]["name_sealed"] == "Ana Lima"


async def test_a_second_request_joins_the_open_one(ana: Asker, door: Door) -> None:
    """E57."""
    first = await ana.asks()
    door.clock.advance(days=2)

    second = await ana.asks()

    assert second.id == first.id
    assert second.due_at == first.due_at
    async with door.db.snapshot() as tx:
        states = [shown.request.state for shown in await reads.requests_of(tx, Person.customer(ana.id))]
    assert sorted(states) == [State.JOINED, State.VERIFIED]


async def test_without_the_password_nothing_is_asked(ana: Asker, door: Door) -> None:
    with pytest.raises(Invalid):
        await ana.asks(password="not this one")

    async with door.db.snapshot() as tx:
        assert await reads.requests_of(tx, Person.customer(ana.id)) == []


async def test_an_opt_out_is_done_at_once_and_needs_no_password(ana: Asker) -> None:
    """E55."""
    request = await ana.asks(Kind.OPT_OUT, password="")

    assert request.state is State.ANSWERED


@pytest.mark.parametrize("misuse", ["used twice", "too late", "somebody else", "made up"])
async def test_a_link_that_is_not_good_opens_nothing_and_is_on_record(ana: Asker, door: Door, misuse: str) -> None:
    """E61."""
    bea = Asker(door, (await door.signs_up(**BEA)).customer_id)
    request = await ana.asks()
    await ana.works(request.id)
    token = await ana.link(request.id)
    if misuse == "used twice":
        await ana.opens(request.id, token)
    if misuse == "too late":
        door.clock.advance(minutes=16)

    who = bea if misuse == "somebody else" else ana
    with pytest.raises(NoSuchPackage):
        await who.opens(request.id, token if misuse != "made up" else "x" * 43)

    assert await _acts(door.db, "package_refused") == 1


async def test_a_package_is_gone_for_good_when_its_time_is_over(ana: Asker, door: Door) -> None:
    request = await ana.asks()
    await ana.works(request.id)
    door.clock.advance(days=8)

    await watch_requests(None, db=door.db, clock=door.clock)

    async with door.db.snapshot() as tx:
        package_id, sealed = (await tx.execute(sa.select(privacy_package.c.id, privacy_package.c.sealed))).one()
        key = await tx.scalar(sa.select(data_key.c.wrapped).where(data_key.c.customer_id == package_id))
    assert (sealed, key) == (None, None)
    with pytest.raises(NoSuchPackage):
        await ana.link(request.id)


async def test_what_stripe_holds_is_asked_of_stripe_and_gone_after_where_it_is_away(ana: Asker, door: Door) -> None:
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(customer).where(customer.c.id == ana.id).values(stripe_customer_id="cus_1"))
    request = await ana.asks()
    ana.stripe.away = True
    with pytest.raises(Unavailable):
        await ana.works(request.id)
    async with door.db.transaction() as tx:  # four more tries later
        waited = {"state": "pending", "lease": None, "lease_until": None, "attempts": 4}
        await tx.execute(sa.update(tasks.task).where(tasks.task.c.topic == "fulfil_request").values(**waited))

    await ana.works(request.id)

    first = await ana.gets(request.id)
    assert "Stripe" in json.loads(first["manifest.json"])["unread"][0]
    assert "Not in here" in first["report.html"].decode()
    ana.stripe.away = False
    await complete_request(request.id, None, db=door.db, vault=door.vault, clock=door.clock, gateway=ana.stripe)
    whole = await ana.gets(request.id)
    assert json.loads(whole["manifest.json"])["unread"] == []
    assert part(whole, "stripe")[1]["last4"] == "4242"


STEPS: tuple[Step, ...] = ("fulfil.begun", "fulfil.gathered", "fulfil.packed", "fulfil.kept")


class Crash(BaseException):
    """The worker is gone."""


@pytest.fixture
def dies_at() -> Any:
    def listen(wanted: Step) -> None:
        def die_once(reached: Step) -> None:
            if reached == wanted:
                steps.listen(None)
                raise Crash

        steps.listen(die_once)

    yield listen
    steps.listen(None)


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_while_it_fulfils_has_it_fulfilled_once(
    ana: Asker, door: Door, dies_at: Callable[[Step], None], step: Step
) -> None:
    request = await ana.asks()
    dies_at(step)
    with pytest.raises(Crash):
        await ana.works(request.id)
    door.clock.advance(minutes=1)
    async with door.db.transaction() as tx:  # what a sweeper does once the lease has lapsed
        lapsed = sa.update(tasks.task).where(tasks.task.c.state == "running")
        await tx.execute(lapsed.values(state="pending", lease=None, lease_until=None))

    if step != "fulfil.kept":  # there its task was finished already
        await ana.works(request.id)

    assert await _acts(door.db, "package_made") == 1
    assert (await ana.sees(request.id)).request.state is State.ANSWERED
    assert await ana.gets(request.id)


async def test_stages_are_noticed_once_each_however_late(ana: Asker, door: Door) -> None:
    """E80: nobody looks for a month, and all of them are noted; the request was late all the same."""
    request = await ana.asks(Kind.CORRECTION)
    door.clock.advance(days=16)
    await watch_requests(None, db=door.db, clock=door.clock)
    door.clock.advance(days=20)
    assert (await ana.sees(request.id)).request.overdue(door.clock.now())

    await watch_requests(None, db=door.db, clock=door.clock)
    await watch_requests(None, db=door.db, clock=door.clock)

    assert await _acts(door.db, "request_stage") == 2
    async with door.db.snapshot() as tx:
        late = sa.select(sa.func.count()).select_from(tasks.alert).where(tasks.alert.c.kind == "request_late")
        assert await tx.scalar(late) == 1


async def _acts(db: Database, act: str) -> int:
    async with db.snapshot() as tx:
        return await tx.scalar(sa.select(sa.func.count()).where(audit_entry.c.act == act)) or 0


def test_the_job_names_the_request_only() -> None:
    assert list(FulfilRequest.__annotations__) == ["request_id"]
