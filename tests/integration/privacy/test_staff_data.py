"""Who works or worked here asks for what is held about them, and to be erased (C10, C11, E51, E53, E68)."""

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart import audit
from kalecart.accounts.log_in import LogIn
from kalecart.database import Database
from kalecart.errors import Invalid, NotYet
from kalecart.privacy import reads
from kalecart.privacy.ask_at_work import StillHere, ask_at_work
from kalecart.privacy.codes import code_of
from kalecart.privacy.erase import LETTER_WAITS, erase_person
from kalecart.privacy.erase_other import erase_other
from kalecart.privacy.fulfil import fulfil_request
from kalecart.privacy.hand_over import Download, NoSuchPackage, hand_over, hand_over_by_code, open_link_at_work
from kalecart.privacy.proofs import Proofs
from kalecart.privacy.receive import Received, ask_on_page
from kalecart.privacy.register import REGISTER
from kalecart.privacy.register.entry import Reason
from kalecart.privacy.request import Kind, Request, State
from kalecart.privacy.review import release
from kalecart.privacy.store_erasure import same_person
from kalecart.privacy.subject import Person
from kalecart.privacy.verify import verify
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.leave import leave
from kalecart.staff.log_in import log_in_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.view import record_view
from kalecart.vault import CannotOpen, key_of
from tests.askers import Stripe
from tests.people import EMAIL, PASSWORD, Door, a_visit

SAM = "sam@example.com"


async def hired(door: Door, name: str, email: str, role: Role) -> StaffMember:
    new = NewStaff(name=name, email=email, password=PASSWORD, role=role)
    return StaffMember(id=await add_staff(new, db=door.db, vault=door.vault, clock=door.clock), role=role)


@pytest_asyncio.fixture
async def manager(door: Door) -> StaffMember:
    return await hired(door, "Maya Ortiz", "maya@example.com", Role.MANAGER)


@pytest_asyncio.fixture
async def sam(door: Door, manager: StaffMember) -> StaffMember:
    """Somebody who looked at a customer, logged in, and is not the only one who did."""
    sam = await hired(door, "Sam Staff", SAM, Role.ORDERS)
    customer = (await door.signs_up()).customer_id
    for by in (sam, manager):
        await record_view(customer, purpose="delivery", by=by, db=door.db, vault=door.vault, clock=door.clock)
    await log_in_staff(LogIn(email=SAM, password=PASSWORD), a_visit(), **door.verbs)  # ty: ignore[invalid-argument-type]  # what a door has
    return sam


async def asks(door: Door, sam: StaffMember, kind: Kind = Kind.ACCESS, password: str = PASSWORD) -> Request:
    of: dict[str, Any] = {"db": door.db, "clock": door.clock, "allowances": door.allowances}
    return await ask_at_work(kind, staff_id=sam.id, password=password, **of)


async def made(door: Door, request: Request, as_privacy: Database) -> None:
    await fulfil_request(request.id, None, db=as_privacy, vault=door.vault, clock=door.clock, gateway=Stripe())


async def code(door: Door, request: Request) -> str:
    async with door.db.snapshot() as tx:
        found = await code_of(tx, request.id, request.person.id, vault=door.vault, now=door.clock.now())
    assert found is not None
    return found


async def asks_by_mailbox(door: Door, kind: Kind, **known: str) -> Request:
    """On the public page, with the code that came to the address."""
    request = await ask_on_page(Received(kind=kind, email=SAM), "203.0.113.7", **door.verbs)  # ty: ignore[invalid-argument-type]
    proofs = Proofs(code=await code(door, request), declared=True, **known)
    return await verify(request.id, proofs, db=door.db, vault=door.vault, clock=door.clock)


async def state(door: Door, request: Request) -> State:
    async with door.db.snapshot() as tx:
        return (await reads.shown(tx, request.id)).request.state


def opened(got: Download) -> tuple[dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        return json.loads(packed.read("package.json")), packed.read("report.html").decode()


async def test_who_works_here_gets_what_is_held_of_them_and_what_they_did_without_whom_it_was_done_to(
    door: Door, sam: StaffMember, manager: StaffMember, as_privacy: Database
) -> None:
    """E51: the customer's number is nowhere in it."""
    with pytest.raises(Invalid):
        await asks(door, sam, password="not the password")
    request = await asks(door, sam)
    await made(door, request, as_privacy)
    assert await state(door, request) is State.ANSWERED
    of: dict[str, Any] = {"db": door.db, "clock": door.clock}
    token = await open_link_at_work(request.id, staff_id=sam.id, password=PASSWORD, allowances=door.allowances, **of)
    whose = Person.staff(sam.id)
    package, report = opened(await hand_over(request.id, token, person=whose, vault=door.vault, **of))

    dids = {table.did for table in REGISTER.values() if table.did}
    own = [part for part in package["parts"] if part["says"] not in dids]
    done = {part["table"]: part for part in package["parts"] if part not in own}
    assert {"staff", "staff_session", "privacy_request"} <= {part["table"] for part in own}
    assert own[0]["records"][0]["name_sealed"] == "Sam Staff"
    assert [record["purpose"] for record in done["staff_view"]["records"]] == ["delivery"]
    assert "customer_viewed" in [record["act"] for record in done["audit_entry"]["records"]]
    async with door.db.snapshot() as tx:
        customer = await tx.scalar(sa.text("SELECT id FROM customer"))
    whole = json.dumps(package) + report
    assert [text for text in (str(customer), str(manager.id), "Maya Ortiz", "Ana Lima", EMAIL) if text in whole] == []
    held_back = {item["reason"] for item in package["withheld"] if "done to" in item["what"]}
    assert held_back == {"other_individual"}
    kept = {column["retention"] for part in own for column in part["columns"]}
    assert [words for words in kept if "account" in words] == []
    with pytest.raises(NoSuchPackage):
        await hand_over(request.id, token, person=whose, vault=door.vault, **of)
    async with door.db.snapshot() as tx:
        lines = await audit.lines_about(tx, ("privacy_request", request.id), limit=10)
    assert [(line.act, line.actor_kind) for line in lines][:2] == [
        ("package_refused", "staff"),
        ("package_downloaded", "staff"),
    ]


async def test_who_works_here_is_not_erased_however_they_ask(
    door: Door, sam: StaffMember, as_privacy: Database
) -> None:
    with pytest.raises(StillHere):
        await asks(door, sam, Kind.ERASURE)
    request = await asks_by_mailbox(door, Kind.ERASURE)

    await erase_other(request.id, None, db=as_privacy, clock=door.clock)

    async with door.db.snapshot() as tx:
        refused = (await reads.shown(tx, request.id)).request
        await key_of(tx, sam.id, door.vault)
    assert (refused.state, refused.refusal) == (State.REFUSED, Reason.LEGAL)


async def test_who_left_is_erased_on_request_and_the_trail_keeps_a_number(
    door: Door, sam: StaffMember, manager: StaffMember, as_privacy: Database
) -> None:
    """E68."""
    await leave(sam.id, by=manager, db=door.db, clock=door.clock)
    request = await asks_by_mailbox(door, Kind.ERASURE)
    with pytest.raises(NotYet):
        await erase_other(request.id, None, db=as_privacy, clock=door.clock)
    door.clock.advance(seconds=LETTER_WAITS.total_seconds() + 1)

    await erase_other(request.id, None, db=as_privacy, clock=door.clock)

    assert await state(door, request) is State.ANSWERED
    async with door.db.snapshot() as tx:
        with pytest.raises(CannotOpen):
            await key_of(tx, sam.id, door.vault)
        row = (await tx.execute(sa.text("SELECT * FROM staff WHERE id = :id"), {"id": sam.id})).one()
        views = await tx.scalar(sa.text("SELECT count(*) FROM staff_view WHERE staff_id = :id"), {"id": sam.id})
        acts = await tx.scalar(sa.text("SELECT count(*) FROM audit_entry WHERE actor_id = :id"), {"id": sam.id})
    assert (row.name_sealed, row.email_sealed, row.password_hash) == (b"", b"", "")
    assert (views, acts) == (1, 1)


async def test_what_who_left_asks_for_is_looked_at_by_somebody_who_knew_them(
    door: Door, sam: StaffMember, manager: StaffMember, as_privacy: Database
) -> None:
    """A mailbox alone opens nothing of a colleague's."""
    await leave(sam.id, by=manager, db=door.db, clock=door.clock)
    request = await asks_by_mailbox(door, Kind.ACCESS)
    await made(door, request, as_privacy)
    assert await state(door, request) is State.REVIEW
    of: dict[str, Any] = {"db": door.db, "vault": door.vault, "clock": door.clock}
    with pytest.raises(NoSuchPackage):
        await hand_over_by_code(request.id, await code(door, request), **of)

    await release(request.id, by=manager, db=door.db, clock=door.clock)

    package, _ = opened(await hand_over_by_code(request.id, await code(door, request), **of))
    assert package["person"] == str(sam.id)


async def test_who_leaves_while_their_request_is_open_asks_by_letter_and_is_answered_by_letter(
    door: Door, sam: StaffMember, manager: StaffMember, as_privacy: Database
) -> None:
    """What was asked at the console is fetched there, where they no longer get in."""
    at_console = await asks(door, sam)
    await leave(sam.id, by=manager, db=door.db, clock=door.clock)

    request = await asks_by_mailbox(door, Kind.ACCESS)
    await made(door, request, as_privacy)
    await release(request.id, by=manager, db=door.db, clock=door.clock)

    of: dict[str, Any] = {"db": door.db, "vault": door.vault, "clock": door.clock}
    package, _ = opened(await hand_over_by_code(request.id, await code(door, request), **of))
    assert (package["person"], await state(door, at_console)) == (str(sam.id), State.VERIFIED)


async def test_who_left_and_shops_here_under_one_address_is_one_person_to_whoever_proves_the_mailbox(
    door: Door, sam: StaffMember, manager: StaffMember, as_privacy: Database
) -> None:
    """C10: both parts are in the package, which a colleague looks at first, and both go."""
    shopper = (await door.signs_up(email=SAM)).customer_id
    assert [each.kind for each in await _one_with(door, shopper)] == ["customer"], "who works here asks at the console"
    await leave(sam.id, by=manager, db=door.db, clock=door.clock)
    known = {"postal_code": "90013", "phone": "(213) 555-0123"}
    request = await asks_by_mailbox(door, Kind.ACCESS, **known)
    assert request.person == Person.customer(shopper)
    await made(door, request, as_privacy)
    assert await state(door, request) is State.REVIEW
    await release(request.id, by=manager, db=door.db, clock=door.clock)
    of: dict[str, Any] = {"db": door.db, "vault": door.vault, "clock": door.clock}
    package, _ = opened(await hand_over_by_code(request.id, await code(door, request), **of))
    parts = {part["says"]: part["records"] for part in package["parts"]}
    assert parts["You, as somebody who works here"][0]["name_sealed"] == "Sam Staff"
    assert len(parts["When you looked at a customer's details"]) == 1

    asked = await asks_by_mailbox(door, Kind.ERASURE, **known)
    with pytest.raises(NotYet):
        await erase_person(request.person, None, request_id=asked.id, db=as_privacy, clock=door.clock)
    door.clock.advance(seconds=LETTER_WAITS.total_seconds() + 1)
    await erase_person(request.person, None, request_id=asked.id, db=as_privacy, clock=door.clock)

    async with door.db.snapshot() as tx:
        for person_id in (shopper, sam.id):
            with pytest.raises(CannotOpen):
                await key_of(tx, person_id, door.vault)
        await key_of(tx, manager.id, door.vault)


async def _one_with(door: Door, customer_id: UUID) -> Sequence[Person]:
    async with door.db.snapshot() as tx:
        return await same_person(tx, Person.customer(customer_id), by_mailbox=True)
