"""Whatever is sent to the shop is read or is said to be unreadable: nothing crashes, nothing is lost."""

from contextlib import suppress
from time import process_time
from uuid import UUID

import pytest

from kalecart.ids import new_id
from kalecart.inbound.incoming import Incoming, Unreadable, read
from kalecart.inbound.parcel import Parcel
from kalecart.inbound.wording import new_in, says_unresolved, text_of_html
from tests.inbound_letters import BEA, COMPLAINTS, a_message, a_report, with_files

LETTER = new_id()


def reads(content: bytes) -> Incoming:
    return read(Parcel(name="1", arrived_at=None, certain=True, whole=True, content=content))


def raw(body: str, **headers: str) -> bytes:
    told = {"From": BEA, "To": COMPLAINTS} | {name.replace("_", "-"): value for name, value in headers.items()}
    return ("".join(f"{name}: {value}\r\n" for name, value in told.items()) + "\r\n" + body).encode("utf-8")


def test_a_message_is_read_with_its_sender_its_words_and_when_our_server_took_it() -> None:
    message = reads(a_message(Received="from x by mail.shop.example with ESMTP; Mon, 2 Nov 2026 10:00:00 -0800"))

    assert (message.sender, message.name, message.subject) == (BEA, "Bea Quince", "Complaint")
    assert message.text == "My address was read out loud."
    assert message.addressed == {COMPLAINTS}
    assert str(message.received_at) == "2026-11-02 18:00:00+00:00"
    assert not message.automatic
    assert message.returned is None


@pytest.mark.parametrize(
    "content",
    [
        raw("Gr\u00fc\u00dfe aus M\u00fcnchen"),
        raw("Gr\u00fc\u00dfe aus M\u00fcnchen", Content_Type="text/plain; charset=no-such-set"),
        raw("<p>Gr\u00fc\u00dfe</p><style>p{}</style><p>aus M\u00fcnchen", Content_Type="text/html; charset=utf-8"),
        raw(
            "R3LDvMOfZSBhdXMgTcO8bmNoZW4", Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="base64"
        ),
    ],
    ids=["no character set", "a set nobody knows", "HTML", "base64 without its end"],
)
def test_words_are_read_however_they_are_written_down(content: bytes) -> None:
    assert "M\u00fcnchen" in reads(content).text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe" * 500,
        b"no header at all",
        b"From: \xff\xfe <\xff@\xff>\r\nTo: =?x?b?\xff?=\r\nSubject: =?utf-8?b?////?=\r\n\r\nhello",
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nwithout a boundary",
        b"From: a@b.example\r\nContent-Type: ;;;=\r\nReceived: ;\r\nDate: x\r\n\r\nhello",
        b"From: " + b"<" * 5_000 + b"\r\n\r\nhello",
    ],
)
def test_what_is_malformed_is_read_or_said_to_be_unreadable(content: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(reads(content), Incoming)


def test_a_message_nested_hundreds_deep_is_left_for_a_person() -> None:
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(400))
    deep = f"From: {BEA}\r\n".encode() + head.encode() + b"\r\nhello"

    with pytest.raises(Unreadable):
        reads(deep)


def test_files_are_kept_as_they_came_and_nobody_looks_into_them() -> None:
    bomb = b"PK\x03\x04" + b"\0" * 1_000

    message = reads(with_files(bomb, b"%PDF-1.7"))

    assert list(message.attachments) == [bomb, b"%PDF-1.7"]
    assert message.text == "See what I attach."


def test_text_after_a_picture_is_text_and_what_is_said_twice_is_read_once() -> None:
    parts = ["text/plain\r\n\r\nBefore it.", "image/png\r\n\r\nX", "text/plain\r\n\r\nAfter it."]
    mixed = "".join(f"--b\r\nContent-Type: {part}\r\n" for part in parts) + "--b--"
    twice = (
        "--b\r\nContent-Type: text/plain\r\n\r\nOnce.\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>Once.</b>\r\n--b--"
    )

    assert reads(raw(mixed, Content_Type='multipart/mixed; boundary="b"')).text == "Before it.\n\nAfter it."
    assert reads(raw(twice, Content_Type='multipart/alternative; boundary="b"')).text == "Once."


@pytest.mark.parametrize(
    "header", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "auto_reply"}, {"X_Autoreply": "yes"}]
)
def test_an_answering_machine_is_known_by_its_headers(header: dict[str, str]) -> None:
    assert reads(a_message(**header)).automatic
    assert not reads(a_message(Auto_Submitted="no")).automatic


def test_two_copies_of_a_message_are_one_whichever_way_they_came() -> None:
    first, second = reads(a_message(Received="a; x")), reads(a_message(Received="b; y"))

    assert first.key == second.key
    assert first.key != reads(a_message("Something else.")).key


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "message/rfc822-headers"])
def test_a_report_names_the_letter_its_recipient_and_why(kind: str) -> None:
    returned = reads(a_report(LETTER, kind=kind)).returned

    assert returned is not None
    assert returned.letter_id("shop.example") == LETTER
    assert (returned.final, returned.code, returned.recipients) == (True, "5.1.1", {BEA})


def test_a_letter_that_is_late_has_not_come_back_and_one_that_was_given_up_has() -> None:
    late = reads(a_report(LETTER, action="delayed", status="4.4.1")).returned
    given_up = reads(a_report(LETTER, status="4.4.7")).returned

    assert late is not None
    assert given_up is not None
    assert (late.final, late.code) == (False, "4.4.1")
    assert (given_up.final, given_up.code) == (True, "4.4.7")


@pytest.mark.parametrize(("letter", "domain"), [(LETTER, "evil.example"), ("7", "shop.example")])
def test_a_number_that_is_not_ours_names_no_letter(letter: UUID | str, domain: str) -> None:
    returned = reads(a_report(letter, domain=domain)).returned

    assert returned is not None
    assert returned.letter_id("shop.example") is None


def test_of_a_reply_only_what_is_new_counts() -> None:
    reply = "It is not resolved at all.\n\nOn Mon, Nov 2, 2026 at 6 PM KaleCart wrote:\n> Labels show a number.\n"

    assert new_in(reply) == "It is not resolved at all."
    assert new_in("> Labels.\nThey do not!\n") == "They do not!"
    assert says_unresolved(new_in(reply))
    assert not says_unresolved("Thank you, that helped.")


def test_a_page_becomes_the_lines_a_person_sees() -> None:
    page = "<head><title>x</title><body><p>One</p><script>alert(1)</script><p>Two&amp;<br>three</p>"

    assert text_of_html(page).split() == ["One", "Two&", "three"]


@pytest.mark.parametrize(
    "content",
    [
        raw("hello", Content_Type="text/plain" + "; a=b" * 200_000),
        raw("hello", Subject="word " * 200_000),
        raw("hello", Cc="a@b.example, " * 100_000),
        raw("hello" + "<a " * 100_000, Content_Type="text/html"),
        raw("hello" + '<a b="' * 100_000, Content_Type="text/html"),
        raw("hello" + "<!--" * 100_000, Content_Type="text/html"),
        raw("hello" + "</" * 100_000, Content_Type="text/html"),
        raw("hello<p>" + "<script>" * 100_000, Content_Type="text/html"),
    ],
    ids=["parameters", "words", "recipients", "tags", "quotes", "comments", "ends", "scripts"],
)
def test_reading_takes_time_with_the_length_of_a_message_and_not_with_its_square(content: bytes) -> None:
    begun = process_time()

    assert reads(content).text.startswith("hello")
    assert process_time() - begun < 3


def test_of_a_page_comments_and_what_looks_like_tags_are_told_apart() -> None:
    page = "<!--[if mso]>no<![endif]--><img alt='a > b'><p title=it's>2 < 3 &lt;b&gt;<style>p>a{}</style><br/>end <3"

    assert text_of_html(page).split("\n") == ["2 < 3 <b>", "end <3"]
