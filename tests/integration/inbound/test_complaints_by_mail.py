"""Complaints that come by e-mail: kept whole, acknowledged, due thirty days after they reached us (C12, E82)."""

import base64
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from kalecart.complaints import reads
from kalecart.complaints.complaint import PAPER_BYTES_MAX, Channel, Complaint
from kalecart.complaints.reads import Opened
from kalecart.deadline import due_by
from kalecart.ids import new_id
from kalecart.inbound.folder import FolderMailbox
from kalecart.inbound.take_in import ACKNOWLEDGED_A_DAY, LODGED_A_DAY
from kalecart.staff.rights import Role
from tests.complaining import a_member, answers, case_of
from tests.inbound_letters import BEA, COMPLAINTS, SENDER, a_message, a_report, with_files
from tests.integration.inbound.conftest import Counter
from tests.people import EMAIL


async def opened(counter: Counter, case: Complaint) -> Opened:
    async with counter.door.db.snapshot() as tx:
        return await reads.opened(tx, await reads.find(tx, case.id), counter.door.vault)


def subjects(counter: Counter) -> list[str]:
    return [str(letter["Subject"]) for letter in counter.office.letters]


async def test_a_complaint_by_mail_is_received_when_it_reached_us_and_acknowledged(counter: Counter) -> None:
    arrived = counter.door.clock.advance(hours=5)
    counter.door.clock.advance(days=2)
    counter.drops(a_message("They read my address out loud."), at=arrived)

    await counter.reads()
    await counter.sends_all()

    (case,) = await counter.cases()
    assert (case.channel, case.received_at, case.due_at) == (Channel.MAIL, arrived, due_by(arrived))
    assert case.specifics_asked_at is None
    found = await opened(counter, case)
    assert (list(found.concerns), found.text) == (["They read my address out loud."], "Subject: Complaint")
    assert subjects(counter) == [f"We have your complaint {case.number}"]
    assert counter.office.letters[0]["To"] == BEA
    assert (counter.left(), await counter.outcomes()) == ([], ["complaint"])


@pytest.mark.parametrize("stamp", ["Mon, 2 Nov 2099 10:00:00 -0800", "Mon, 2 Nov 1998 10:00:00 -0800", "soon"])
async def test_a_date_that_cannot_be_is_not_believed(counter: Counter, stamp: str) -> None:
    now = counter.door.clock.advance(days=1)
    await counter.gets(a_message(Received=f"from x by y; {stamp}", Date="Mon, 2 Nov 1998 10:00:00 -0800"))

    assert [case.received_at for case in await counter.cases()] == [now]


async def test_a_complaint_without_words_is_acknowledged_and_specifics_are_asked_for_once(counter: Counter) -> None:
    await counter.gets(a_message(" \n "))
    await counter.sends_all()

    (case,) = await counter.cases()
    assert case.specifics_asked_at == counter.door.clock.now()
    text = counter.office.letters[0].get_body(("plain",)).get_content()  # ty: ignore[unresolved-attribute]
    assert "You did not name a specific concern." in text


async def test_a_customers_message_is_a_complaint_of_theirs(counter: Counter) -> None:
    customer = (await counter.door.signs_up()).customer_id

    await counter.gets(a_message(From=EMAIL.upper()))

    assert [case.customer_id for case in await counter.cases()] == [customer]


async def test_files_are_kept_and_what_is_too_large_is_said_in_the_letter(counter: Counter) -> None:
    await counter.gets(with_files(b"%PDF-1.7 small", b"\0" * (PAPER_BYTES_MAX + 1)))
    await counter.sends_all()

    (case,) = await counter.cases()
    found = await opened(counter, case)
    async with counter.door.db.snapshot() as tx:
        kept = [base64.b64decode(await reads.scan(tx, case, each, counter.door.vault)) for _, each in found.scans]
    assert kept == [b"%PDF-1.7 small"]
    for part in counter.office.letters[0].iter_parts():
        assert "up to 10 MB" in part.get_content()
        assert "30 MB in all" in part.get_content()


async def test_a_complaint_of_100_kb_and_more_is_kept_whole(counter: Counter) -> None:
    text = "They read it out. " * 8_000
    await counter.gets(a_message(text))

    (case,) = await counter.cases()
    found = await opened(counter, case)
    async with counter.door.db.snapshot() as tx:
        whole = base64.b64decode(await reads.scan(tx, case, found.scans[0][1], counter.door.vault)).decode()
    assert "".join(whole.split()) == "".join(text.split())
    assert found.text.endswith("The rest is in the file beside it.")


async def test_a_message_counts_once_however_often_it_is_read(counter: Counter) -> None:
    """The first run died after it had kept the complaint and before the message was removed."""
    await counter.gets(a_message())
    await counter.gets(a_message())
    await counter.gets(a_message(Received="another way"), "2")

    assert len(await counter.cases()) == 1
    assert counter.left() == []


async def test_a_reply_with_the_number_is_an_addition_and_only_from_its_person(counter: Counter) -> None:
    await counter.gets(a_message())
    (case,) = await counter.cases()
    reply = f"Re: We have your complaint {case.number}"

    await counter.gets(a_message("It was on Monday.\n\n> Hello", reply, To=SENDER, Message_ID="<2@x>"))
    await counter.gets(a_message("I want to add too.", reply, From="eve@else.example", Message_ID="<3@x>"))

    found = await opened(counter, case)
    assert [text for _, text in found.additions] == ["It was on Monday."]
    assert len(await counter.cases()) == 2
    assert await counter.outcomes() == ["complaint", "added", "complaint"]


async def test_a_reply_that_says_it_is_not_resolved_opens_a_linked_case(counter: Counter) -> None:
    await counter.gets(a_message())
    (case,) = await counter.cases()
    member = await a_member(counter.door, Role.MANAGER)
    await answers(counter.door, case, member)
    await counter.sends_all()
    later = counter.door.clock.advance(days=3)
    subject = f"Re: Our answer to your complaint {case.number}"

    await counter.gets(a_message("Thank you, that helped.", subject, Message_ID="<2@x>"))
    assert (len(await counter.cases()), await counter.alerts()) == (1, {"complaint_replied"})

    await counter.gets(a_message("No. This is not resolved: it happened again.", subject, Message_ID="<3@x>"))
    await counter.gets(a_message("And again: it is not resolved.", subject, Message_ID="<4@x>"))

    _, again = await counter.cases()
    assert (again.previous_id, again.due_at) == (case.id, due_by(later))
    assert [text for _, text in (await opened(counter, again)).additions] == ["And again: it is not resolved."]
    assert (await case_of(counter.door, case)).answered_at is not None


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Precedence": "bulk", "In_Reply_To": "<7@shop.example>"}, "automatic"),
        ({"From": SENDER}, "own"),
    ],
)
async def test_machines_and_we_ourselves_do_not_complain(
    counter: Counter, headers: dict[str, str], outcome: str
) -> None:
    await counter.gets(a_message(**headers))

    assert (await counter.cases(), await counter.outcomes(), counter.left()) == ([], [outcome], [])


@pytest.mark.parametrize(
    "content",
    [
        a_message(To="orders@shop.example"),
        a_message(From="MAILER-DAEMON@x.example"),
        a_message(From="MAILER-DAEMON@x.example", Auto_Submitted="auto-replied", X_Failed_Recipients=BEA),
        a_message(List_Id="<privacy.shop.example>", Precedence="list"),
        a_message(Auto_Submitted="auto-generated"),
        a_message(From=f"KaleCart <{COMPLAINTS}>", Subject="Fwd: Complaint"),
        a_message(To=SENDER, Subject="Re: Receipt for order 23456-789A"),
        b"\xff\x00 nothing",
    ],
    ids=[
        "written to somebody else",
        "a machine's, and no report",
        "a report in a server's own words",
        "passed on by a list",
        "sent for somebody by a machine",
        "passed on by whoever has the mailbox",
        "about an order",
        "no message at all",
    ],
)
async def test_what_the_shop_cannot_place_is_left_for_a_person(counter: Counter, content: bytes) -> None:
    await counter.gets(content)
    await counter.gets(content, "2")

    assert await counter.cases() == []
    assert await counter.alerts() == {"mail_unread"}
    assert counter.left() == ["unread/1.eml", "unread/2.eml"]


async def test_a_complaint_that_brings_a_report_of_a_mail_server_is_a_complaint(counter: Counter) -> None:
    message = EmailMessage()
    message["From"], message["To"] = BEA, COMPLAINTS
    message.set_content("You keep writing to my old address.")
    message.add_attachment(message_from_bytes(a_report(new_id(), action="delayed"), policy=default))

    await counter.gets(message.as_bytes())

    assert await counter.outcomes() == ["complaint"]


async def test_two_machines_that_answer_each_other_stop_and_a_flood_waits_for_a_person(counter: Counter) -> None:
    for number in range(LODGED_A_DAY + 2):
        counter.drops(a_message(f"Complaint {number}.", Message_ID=f"<{number}@x>"), str(number))

    await counter.reads()
    await counter.sends_all()

    assert len(await counter.cases()) == LODGED_A_DAY
    assert len(counter.office.letters) == ACKNOWLEDGED_A_DAY
    assert len(counter.left()) == 2
    counter.door.clock.advance(days=1, minutes=1)
    await counter.gets(a_message("The day after.", Message_ID="<after@x>"), "after")
    await counter.sends_all()
    assert len(counter.office.letters) == ACKNOWLEDGED_A_DAY + 1


async def test_a_mailbox_that_is_away_is_told_and_looked_into_again(counter: Counter) -> None:
    here = counter.mailbox
    counter.mailbox = FolderMailbox(counter.path / "gone")
    assert (await counter.reads(), await counter.alerts()) == (0, {"mailbox_away"})

    counter.mailbox = here
    counter.door.clock.advance(minutes=1)
    await counter.gets(a_message())

    assert (len(await counter.cases()), await counter.alerts()) == (1, set())


async def test_without_a_mailbox_nothing_is_read_and_nobody_is_bothered(counter: Counter) -> None:
    counter.mailbox = None
    counter.drops(a_message())

    assert (await counter.reads(), await counter.alerts(), counter.left()) == (0, set(), ["1.eml"])


async def test_what_another_run_set_aside_is_no_mailbox_that_is_away(counter: Counter) -> None:
    counter.drops(b"\xff nothing")
    pile = FolderMailbox(counter.path)

    await pile.set_aside("1.eml")
    await pile.set_aside("1.eml")

    assert counter.left() == ["unread/1.eml"]
