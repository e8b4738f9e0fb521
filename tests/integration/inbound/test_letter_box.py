"""The same mailbox on a server: removed once it is kept, flagged where it is not, and asked again where it is away."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from kalecart.complaints import reads
from kalecart.complaints.complaint import WHOLE_BYTES_MAX
from kalecart.inbound.imap import ImapMailbox
from kalecart.inbound.mailbox import MailboxAway
from kalecart.inbound.parcel import BEGINNING_BYTES
from tests.inbound_letters import a_message
from tests.integration.inbound.conftest import Counter
from tests.letter_box import LetterBox, running_letter_box


@pytest_asyncio.fixture
async def box() -> AsyncIterator[LetterBox]:
    async with running_letter_box() as box:
        yield box


@pytest.mark.parametrize("uidplus", [True, False])
async def test_complaints_are_read_from_a_server_removed_and_due_from_when_it_took_them(
    counter: Counter, box: LetterBox, uidplus: bool
) -> None:
    counter.mailbox, box.uidplus = ImapMailbox(box.url), uidplus
    counter.door.clock.advance(days=3)
    forged = a_message("The second.", Message_ID="<2@x>", Received="from x by y; Sun, 1 Nov 2026 10:00:00 -0800")
    box.put(a_message("The first."), forged, b"\xff no message")

    assert await counter.reads() == 3
    assert await counter.reads() == 0

    cases = await counter.cases()
    assert {case.received_at for case in cases} == {datetime(2026, 11, 2, 18, tzinfo=UTC)}
    assert len(cases) == 2
    assert (list(box.messages), box.flags[3]) == ([3], {r"\Flagged"})
    assert "UID EXPUNGE 1" in box.commands if uidplus else "EXPUNGE" in box.commands
    assert await counter.alerts() == {"mail_unread"}


async def test_of_a_message_that_is_too_large_the_beginning_is_read_and_the_sender_told(
    counter: Counter, box: LetterBox
) -> None:
    counter.mailbox = ImapMailbox(box.url)
    head = a_message("They read it out.", Content_Type_Note="x").replace(
        b"Content-Type: text/plain", b'Content-Type: multipart/mixed; boundary="b"\r\nX-Was: text/plain', 1
    )
    head = head.partition(b"\r\n\r\n")[0] + b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThey read it out.\r\n"
    picture = b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    box.put(head + picture + b"A" * WHOLE_BYTES_MAX)

    await counter.reads()
    await counter.sends_all()

    (case,) = await counter.cases()
    async with counter.door.db.snapshot() as tx:
        found = await reads.opened(tx, case, counter.door.vault)
    assert (list(found.concerns), found.scans) == (["They read it out."], [])
    assert f"(BODY.PEEK[]<0.{BEGINNING_BYTES}>)" in " ".join(box.commands)
    text = counter.office.letters[0].get_body(("plain",)).get_content()  # ty: ignore[unresolved-attribute]
    assert "too large to be kept whole" in text


@pytest.mark.parametrize("silent", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
async def test_a_server_that_hangs_up_is_asked_again(counter: Counter, box: LetterBox, silent: str) -> None:
    counter.mailbox, box.silent = ImapMailbox(box.url), silent
    box.put(a_message())
    await counter.reads()
    assert (await counter.alerts(), await counter.cases()) == ({"mailbox_away"}, [])

    box.silent = ""
    counter.door.clock.advance(minutes=1)
    await counter.reads()
    assert (await counter.alerts(), len(await counter.cases())) == (set(), 1)


async def test_a_password_that_is_refused_is_not_repeated_in_what_is_said(box: LetterBox) -> None:
    wrong = ImapMailbox(box.url.replace("radishes", "turnips"))

    with pytest.raises(MailboxAway) as caught:
        async with wrong.opened():
            pass
    assert "turnips" not in str(caught.value)
    assert caught.value.__cause__ is None
