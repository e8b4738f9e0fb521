"""People without an account ask for what is held about them, and to be erased (C4, C10, E53, E66, E67)."""

import asyncio
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.correspondents.store import keep
from kalecart.database import Database
from kalecart.errors import Invalid, NotYet
from kalecart.ids import CorrespondentId, RequestId, new_id
from kalecart.mail.compose import compose
from kalecart.mail.message import MailState, Message
from kalecart.mail_kinds import MailKind
from kalecart.privacy import reads
from kalecart.privacy.codes import code_of
from kalecart.privacy.erase import LETTER_WAITS, erase_again, erase_person
from kalecart.privacy.erase_other import erase_other
from kalecart.privacy.fulfil import fulfil_request
from kalecart.privacy.hand_over import NoSuchPackage, hand_over_by_code
from kalecart.privacy.keep_no_longer import keep_no_longer
from kalecart.privacy.proofs import CODE_OPENS, Proofs
from kalecart.privacy.reads_erasure import erasure_of
from kalecart.privacy.receive import Received, ask_on_page
from kalecart.privacy.request import CannotVerify, Kind, Level, Request, State
from kalecart.privacy.restrict import Asked, restrict
from kalecart.privacy.restriction import Ground
from kalecart.privacy.retention import CORRESPONDENCE
from kalecart.privacy.subject import Person
from kalecart.privacy.verify import verify
from kalecart.privacy.watch import watch_requests
from kalecart.sources.record import Received as Sent
from kalecart.sources.record import record_source
from kalecart.sources.source import SourceId
from kalecart.staff.rights import Role
from kalecart.tasks import task
from kalecart.vault import CannotOpen, key_of
from tests.askers import Stripe
from tests.integration.privacy.test_verify import a_member
from tests.people import EMAIL, Door
from tests.waiting import somebody_waits

SENDER = "rosa.reyes@example.org"


async def a_sender(door: Door, email: str = SENDER) -> CorrespondentId:
    """Somebody who sent a list of people who had not agreed to it."""
    came = Sent(id=SourceId(new_id()), channel="import", sender=email, received_at=door.clock.now(), content=b"Bea,LA")
    await record_source(came, by=None, db=door.db, vault=door.vault, clock=door.clock)
    async with door.db.snapshot() as tx:
        found = await tx.scalar(sa.text("SELECT sender_id FROM unconsented_source ORDER BY recorded_at DESC LIMIT 1"))
    return CorrespondentId(found)


async def asks(door: Door, kind: Kind = Kind.ACCESS, email: str = SENDER) -> Request:
    return await ask_on_page(Received(kind=kind, email=email), "203.0.113.7", **door.verbs)  # ty: ignore[invalid-argument-type]  # what a door has


async def code(door: Door, request: Request) -> str | None:
    async with door.db.snapshot() as tx:
        return await code_of(tx, request.id, request.person.id, vault=door.vault, now=door.clock.now())


async def proves(door: Door, request: Request, **but: Any) -> Request:
    proofs = Proofs(**({"code": await code(door, request) or "AAAAAAAAAA", "declared": True} | but))
    return await verify(request.id, proofs, db=door.db, vault=door.vault, clock=door.clock)


async def gets(door: Door, request: Request, as_privacy: Database) -> dict[str, Any]:
    """What the worker makes of a request, opened with the code of the letter."""
    await fulfil_request(request.id, None, db=as_privacy, vault=door.vault, clock=door.clock, gateway=Stripe())
    got = await hand_over_by_code(
        request.id, await code(door, request) or "", db=door.db, vault=door.vault, clock=door.clock
    )
    with zipfile.ZipFile(io.BytesIO(got.content)) as packed:
        return json.loads(packed.read("package.json"))


async def letters(db: Database) -> list[str]:
    async with db.snapshot() as tx:
        found = sa.select(task.c.arguments["kind"].astext).where(task.c.topic == "send_mail").order_by(task.c.id)
        return [kind for kind in (await tx.execute(found)).scalars() if kind.startswith(("request", "erasure"))]


async def state(door: Door, request_id: RequestId) -> State:
    async with door.db.snapshot() as tx:
        return (await reads.shown(tx, request_id)).request.state


async def test_a_known_sender_without_an_account_gets_everything_held_about_them(
    door: Door, as_privacy: Database
) -> None:
    """Both that they sent a list, and that they asked: two reasons to know one address."""
    sender = await a_sender(door)
    request = await asks(door)
    assert (await proves(door, request)).level is Level.SPECIFICS

    package = await gets(door, request, as_privacy)

    parts = {part["table"]: part for part in package["parts"]}
    assert {"correspondent", "unconsented_source", "privacy_request"} <= set(parts)
    assert {record["email_sealed"] for record in parts["correspondent"]["records"]} == {SENDER}
    assert {record["source"] for record in parts["correspondent"]["records"]} == {"unconsented_source", "request"}
    assert [record["sender_id"] for record in parts["unconsented_source"]["records"]] == [str(sender)]
    assert "Bea" not in json.dumps(package)
    kept = {column["retention"] for part in package["parts"] for column in part["columns"]}
    assert [words for words in kept if "account" in words] == []
    told = "SELECT count(*) FROM disclosure WHERE person_id = :person AND recipient = 'download'"
    async with door.db.snapshot() as tx:
        left = await tx.scalar(sa.text(told), {"person": request.person.id})
    assert left == 1


async def test_a_customer_who_proves_the_mailbox_gets_what_they_wrote_before_they_had_an_account(
    door: Door, as_privacy: Database
) -> None:
    """Whoever signed up with an address has not shown that they read its mail: the code shows it."""
    sender = await a_sender(door, EMAIL)
    await door.signs_up()
    packages = []
    for proofs in ({"code": ""}, {}):
        request = await asks(door, email=EMAIL)
        known = {"postal_code": "90013", "phone": "(213) 555-0123", "order_total": "$24.99"}
        await proves(door, request, **known, **proofs)
        packages.append(await gets(door, request, as_privacy))
    tables = [{part["table"] for part in package["parts"]} for package in packages]
    assert ["unconsented_source" in each for each in tables] == [False, True]
    whole = next(part for part in packages[1]["parts"] if part["table"] == "unconsented_source")
    assert whole["records"][0]["sender_id"] == str(sender)


async def test_only_the_mailbox_learns_that_we_hold_something_and_a_first_letter_holds_nothing(door: Door) -> None:
    """E53."""
    await a_sender(door)
    known, unknown = await asks(door), await asks(door, email="nobody@example.org")

    assert await letters(door.db) == ["request_code", "request_unknown"]
    said = []
    for request in (known, unknown):
        with pytest.raises(CannotVerify) as refused:
            await proves(door, request, code="AAAAAAAAAA")
        said.append((refused.value.detail, refused.value.members))
    assert said[0] == said[1]
    assert {await state(door, known.id), await state(door, unknown.id)} == {State.UNVERIFIED}
    assert await code(door, unknown) is None


async def test_who_asked_before_is_known_and_who_asks_twice_joins_and_gets_a_code_that_is_good(door: Door) -> None:
    """E57."""
    first = await asks(door)
    second = await asks(door)
    third = await asks(door)

    assert await letters(door.db) == ["request_unknown", "request_code", "request_code"]
    assert [await state(door, each.id) for each in (first, second, third)] == [
        State.UNVERIFIED,
        State.JOINED,
        State.JOINED,
    ]
    assert (await proves(door, first)).state is State.VERIFIED


async def test_without_the_declaration_or_the_code_nobody_is_told_anything(door: Door) -> None:
    await a_sender(door)
    request = await asks(door)

    with pytest.raises(CannotVerify):
        await proves(door, request, declared=False)
    with pytest.raises(CannotVerify):
        await proves(door, request, code="")
    with pytest.raises(NoSuchPackage):
        await hand_over_by_code(request.id, "AAAAAAAAAA", db=door.db, vault=door.vault, clock=door.clock)


async def test_no_case_can_be_open_about_somebody_without_an_account_so_none_is_a_ground(door: Door) -> None:
    """C11."""
    await a_sender(door)
    request = await proves(door, await asks(door))
    admin = await a_member(door, Role.PRIVACY)
    for ground in (Ground.OPEN_DISPUTE, Ground.LEGAL_HOLD):
        with pytest.raises(Invalid):
            asked = Asked(what="unconsented_source", ground=ground)
            await restrict(request.id, asked, by=admin, db=door.db, clock=door.clock)


async def test_a_sender_who_asks_to_be_erased_is_and_the_letter_goes_before_the_key(
    door: Door, as_privacy: Database
) -> None:
    """E66, E67: nothing sealed is left under either number, and the same address is somebody new."""
    sender = await a_sender(door)
    request = await proves(door, await asks(door, Kind.ERASURE))
    assert await _promised(door.db) == 1
    people = [Person.correspondent(sender), request.person]

    with pytest.raises(NotYet):
        await erase_other(request.id, None, db=as_privacy, clock=door.clock)
    assert "erasure" in await letters(door.db)
    async with door.db.snapshot() as tx:
        for person in people:
            await key_of(tx, person.id, door.vault)
    door.clock.advance(seconds=LETTER_WAITS.total_seconds() + 1)
    await erase_other(request.id, None, db=as_privacy, clock=door.clock)

    assert await state(door, request.id) is State.ANSWERED
    async with door.db.snapshot() as tx:
        for person in people:
            with pytest.raises(CannotOpen):
                await key_of(tx, person.id, door.vault)
        sealed = await tx.scalar(sa.text("SELECT count(*) FROM correspondent WHERE email_sealed <> ''"))
        stones = (await tx.execute(sa.text("SELECT scope FROM vault.tombstone"))).scalars().all()
        ended = await erasure_of(tx, request.person.id)
    assert (sealed, list(stones)) == (0, ["correspondent"] * 2)
    assert ended is not None
    assert ended.ended_at is not None
    assert (await asks(door)).person.id != request.person.id
    assert (await letters(door.db))[-1] == "request_unknown"


async def _promised(db: Database) -> int:
    async with db.snapshot() as tx:
        return await tx.scalar(sa.select(sa.func.count()).where(task.c.topic == "erase_other")) or 0


async def test_whoever_a_restored_backup_brought_back_is_emptied_whatever_they_were(door: Door) -> None:
    """E67: fingerprints lie beside the keys."""
    sender = await a_sender(door)
    async with door.db.snapshot() as tx:
        before = await tx.scalar(sa.text("SELECT email_index FROM correspondent"))

    assert await erase_again(Person.correspondent(sender), db=door.db, clock=door.clock)

    async with door.db.snapshot() as tx:
        row = (await tx.execute(sa.text("SELECT email_index, email_sealed FROM correspondent"))).one()
    assert row.email_index != before
    assert row.email_sealed == b""


async def test_a_code_that_is_too_old_is_not_kept_sealed(door: Door, as_privacy: Database) -> None:
    await a_sender(door)
    await asks(door)
    sealed = sa.text("SELECT count(*) FROM privacy_request WHERE code_sealed IS NOT NULL OR code_until IS NOT NULL")
    async with door.db.snapshot() as tx:
        assert await tx.scalar(sealed) == 1
    door.clock.advance(seconds=CODE_OPENS.total_seconds())

    await watch_requests(None, db=as_privacy, clock=door.clock)

    async with door.db.snapshot() as tx:
        assert await tx.scalar(sealed) == 0


async def test_the_last_letter_says_what_is_erased_of_somebody_who_had_no_account(door: Door) -> None:
    sender = await a_sender(door)
    with pytest.raises(NotYet):
        await erase_person(Person.correspondent(sender), None, db=door.db, clock=door.clock)
    async with door.db.snapshot() as tx:
        erasure = await erasure_of(tx, sender)
        assert erasure is not None
        message = Message(
            id=new_id(),
            kind=MailKind.ERASURE,
            subject_id=sender,
            occasion=str(erasure.id),
            customer_id=None,
            staff_id=None,
            correspondent_id=sender,
            order_id=None,
            state=MailState.WAITING,
            attempts=0,
            due_at=door.clock.now(),
        )
        letter = await compose(tx, message, vault=door.vault, public_url="http://shop", now=door.clock.now())
    assert letter is not None
    assert letter.to == SENDER
    assert "That somebody wrote to us" in letter.text
    assert "account" not in letter.text.partition("Your certificate")[0]


async def test_whoever_writes_while_they_are_being_forgotten_is_not_forgotten(door: Door) -> None:
    """One of the two waits: either the letter finds nobody, or nobody is silent any more."""
    sender = await a_sender(door)
    door.clock.advance(seconds=(CORRESPONDENCE + timedelta(days=1)).total_seconds())
    async with door.db.transaction() as tx:
        again = await keep(tx, SENDER, source="unconsented_source", vault=door.vault, now=door.clock.now())
        forgetting = asyncio.ensure_future(keep_no_longer(None, db=door.db, clock=door.clock))
        await somebody_waits(door.db)
        await tx.execute(
            sa.text("UPDATE unconsented_source SET received_at = :now, recorded_at = :now"), {"now": door.clock.now()}
        )
    await forgetting

    assert again == sender
    async with door.db.snapshot() as tx:
        assert await tx.scalar(sa.text("SELECT email_sealed FROM correspondent WHERE id = :id"), {"id": sender})
