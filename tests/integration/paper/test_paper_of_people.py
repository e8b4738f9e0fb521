"""Paper about somebody: shown to them when they ask, shredded when they are erased, then forgotten (C8, C10)."""

import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.complaints.enter import Paper as Came
from kalecart.complaints.enter import enter
from kalecart.database import Database
from kalecart.errors import Invalid, NotYet
from kalecart.grants import WORKER
from kalecart.ids import new_id
from kalecart.mail.compose import compose
from kalecart.mail.message import MailState, Message
from kalecart.mail_kinds import MailKind
from kalecart.paper.category import Category
from kalecart.paper.item import SHRED_WITHIN, Paper, Standing
from kalecart.paper.reads import Wanted, lying_about, papers
from kalecart.privacy.erase import erase_person
from kalecart.privacy.keep_no_longer import keep_no_longer
from kalecart.privacy.reads_erasure import erasure_of
from kalecart.privacy.retention import ON_RECORD
from kalecart.privacy.store_retention import overdue
from kalecart.privacy.subject import Person
from kalecart.staff.leave import leave
from tests.askers import Asker
from tests.clock import START
from tests.complaining import WRITTEN
from tests.filing import Office, passed
from tests.server import Clone

DAY = timedelta(days=1)


async def lying(office: Office) -> list[Paper]:
    async with office.door.db.snapshot() as tx:
        return list(await papers(tx, Wanted(), now=office.door.clock.now()))


async def erased(office: Office, person: Person) -> None:
    given = {"db": office.privacy, "clock": office.door.clock}
    with pytest.raises(NotYet):
        await erase_person(person, None, **given)
    office.door.clock.advance(hours=2)
    assert await erase_person(person, None, **given)


async def test_a_complaint_that_came_by_post_is_filed_with_it_and_only_into_a_cabinet_there_is(office: Office) -> None:
    came = {"channel": "post", "received_at": START - DAY, "written": WRITTEN, "name": "Bea Quince", "postal": "1 Main"}
    given = {"by": office.perry, "opened_at": START - 90 * DAY, "db": office.web, "vault": office.door.vault}
    with pytest.raises(Invalid) as caught:
        await enter(Came(**came, cabinet_id=new_id()), **given, clock=office.door.clock)
    assert set(caught.value.problems) == {"/cabinet_id"}
    assert await lying(office) == []

    lodged = await enter(Came(**came, cabinet_id=office.cabinet), **given, clock=office.door.clock)
    await enter(Came(**came), **given, clock=office.door.clock)
    (paper,) = await lying(office)
    assert (paper.what, paper.cabinet_id) == (Category.COMPLAINT, office.cabinet)
    async with office.door.db.snapshot() as tx:
        assert await lying_about(tx, "correspondent_id", lodged.complaint.person_id) == 1


async def test_a_package_tells_of_paper_what_it_is_and_until_when_and_not_where_it_lies(office: Office) -> None:
    ana = Asker(office.door, (await office.door.signs_up(email="ana@example.com")).customer_id)
    paper = await office.files("bank", about="ana@example.com")
    await office.files("bank")
    request = await ana.asks()
    await ana.works(request.id)
    document = json.loads((await ana.gets(request.id))["package.json"])

    (part,) = [each for each in document["parts"] if each["table"] == "paper_item"]
    (record,) = part["records"]
    assert (record["number"], record["what"]) == (paper.number, "bank")
    assert record["keep_until"] == paper.keep_until.isoformat()
    assert str(office.cabinet) not in json.dumps(document)
    assert str(office.perry.id) not in json.dumps(document)
    (described,) = [each for each in document["described"] if each["what"].startswith("Papers about you")]
    assert "you may see it at our office" in described["words"]


async def test_paper_about_somebody_who_is_erased_is_to_be_shredded_at_once_and_red_after_a_week(
    office: Office,
) -> None:
    ana = (await office.door.signs_up(email="ana@example.com")).customer_id
    paper, other = await office.files("bank", about="ana@example.com"), await office.files("bank")
    await erased(office, Person.customer(ana))

    now = office.door.clock.now()
    assert (await office.found(paper)).standing(now) is Standing.DUE
    assert (await office.found(other)).standing(now) is Standing.KEPT
    await office.watches()
    assert await passed(office.door.db)
    office.door.clock.advance(seconds=SHRED_WITHIN.total_seconds())
    await office.watches()
    assert not await passed(office.door.db)
    await office.shreds(await office.found(paper))
    await office.watches()
    assert await passed(office.door.db)


def a_letter(office: Office, kind: MailKind, occasion: object, **to: Any) -> Message:
    (number,) = to.values()
    facts = {"customer_id": None, "staff_id": None, "correspondent_id": None, "order_id": None, "attempts": 0} | to
    state, due_at = MailState.WAITING, office.door.clock.now()
    return Message(
        id=new_id(), kind=kind, subject_id=number, occasion=str(occasion), state=state, due_at=due_at, **facts
    )


async def test_the_last_letter_tells_of_paper_and_the_managers_of_what_is_late_over_the_log_in_that_writes(
    office: Office, clone: Clone
) -> None:
    ana, clock = (await office.door.signs_up(email="ana@example.com")).customer_id, office.door.clock
    await office.files("bank", about="ana@example.com")
    with pytest.raises(NotYet):
        await erase_person(Person.customer(ana), None, db=office.privacy, clock=clock)
    worker = Database(clone.url(WORKER), pool_size_max=2, application="test")
    async with worker.snapshot() as tx:
        erasure = await erasure_of(tx, ana)
        assert erasure is not None
        last = a_letter(office, MailKind.ERASURE, erasure.id, customer_id=ana)
        late = a_letter(office, MailKind.PAPER_OVERDUE, "2026-W45", staff_id=office.manager.id)
        given = {"vault": office.door.vault, "public_url": "http://shop"}
        letter = await compose(tx, last, **given, now=clock.now())
        assert letter is not None
        assert "paper about you (1) in a locked cabinet" in " ".join(letter.text.split())
        assert await compose(tx, late, **given, now=clock.now()) is None
    await leave(office.perry.id, by=office.manager, db=office.web, clock=clock)
    async with worker.snapshot() as tx:
        letter = await compose(tx, late, **given, now=clock.now())
        assert letter is not None
        assert "whose key nobody has, because whoever had it works here no longer: 1." in " ".join(letter.text.split())
        assert "http://shop/staff/paper" in letter.html
    await worker.close()


async def test_what_was_shredded_is_forgotten_two_years_later_and_not_before(office: Office) -> None:
    paper = await office.files()
    await office.shreds(paper, early="done")
    office.door.clock.advance(seconds=ON_RECORD.total_seconds())
    await keep_no_longer(None, db=office.privacy, clock=office.door.clock)
    assert (await office.found(paper)).shredded_at

    office.door.clock.advance(days=1, seconds=1)
    async with office.privacy.snapshot() as tx:
        assert ("paper", 1) in await overdue(tx, now=office.door.clock.now())
    await keep_no_longer(None, db=office.privacy, clock=office.door.clock)
    async with office.door.db.snapshot() as tx:
        assert await tx.scalar(sa.text("SELECT count(*) FROM paper_item")) == 0
