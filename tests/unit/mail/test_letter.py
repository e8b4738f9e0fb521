"""What a letter is on the wire, and that nothing a person typed becomes a header."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from kalecart.customers.contact import mailable
from kalecart.ids import new_id
from kalecart.jobs import MailKind
from kalecart.mail.letter import Letter
from kalecart.mail.words import WIDTH, row, written
from kalecart.payments.method import PaymentMethodView

SENDER = "KaleCart <receipts@shop.example>"
LINKS = {"order": "https://shop.example/orders/1", "account": "https://shop.example/account", "policy": "https://x/p"}
CARD = PaymentMethodView(id=new_id(), brand="amex", funding="credit", last4="0005", expires="12/2030")  # ty: ignore[invalid-argument-type]
EVIL = "Ana\r\nBcc: eve@example.com\r\n\r\n<script>alert(1)</script>"


def a_letter(**but: object) -> Letter:
    words = written(MailKind.CARD_EXPIRING, {"name": "Ana", "links": LINKS, "card": CARD})
    facts = {"id": new_id(), "to": "ana@example.com", "written_at": datetime(2026, 11, 2, 18, tzinfo=UTC), **words}
    return Letter(**(facts | but))  # ty: ignore[invalid-argument-type]


def sent(letter: Letter) -> EmailMessage:
    received = message_from_bytes(letter.as_bytes(SENDER), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def test_a_name_with_line_breaks_adds_no_header_and_no_markup() -> None:
    words = written(MailKind.CARD_EXPIRING, {"name": EVIL, "links": LINKS, "card": CARD})

    letter = sent(a_letter(**words))

    assert set(letter.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"
    }  # fmt: skip
    assert "Ana Bcc: eve@example.com <script>" in words["text"]
    assert "<script>" not in words["html"]


@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_line_break_in_a_header_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)linefeed|newline|CR"):
        a_letter(**{field: "ana@example.com\r\nBcc: eve@example.com"}).as_bytes(SENDER)


def test_the_same_letter_has_the_same_id_however_often_it_is_tried() -> None:
    letter = a_letter()

    assert sent(letter)["Message-ID"] == sent(letter)["Message-ID"] == f"<{letter.id}@shop.example>"


def test_a_letter_does_not_show_itself() -> None:
    assert "ana" not in f"{a_letter()!r} {a_letter()}"


def test_a_letter_survives_the_wire_in_any_script_and_with_lone_dots() -> None:
    letter = sent(a_letter(text="Grüße, 山田\n.\n..end\n", html="<p>" + "long " * 400 + "</p>"))

    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Grüße, 山田\n.\n..end\n"  # ty: ignore[unresolved-attribute]
    assert all(len(line) <= 998 for line in a_letter(html="x" * 5000).as_bytes(SENDER).split(b"\r\n"))


def test_an_address_in_another_script_is_spelled_as_every_server_takes_it() -> None:
    assert mailable("ana@bücher.example") == "ana@xn--bcher-kva.example"
    assert mailable("Ana.Lima@example.com") == "Ana.Lima@example.com"


def test_amounts_stand_under_each_other_and_a_long_name_loses_no_letter() -> None:
    assert len(row("Kale", "$4.00")) == len(row("Grüne Bohnen", "$1,004.00")) == WIDTH
    assert row("x" * 80, "$4.00") == "x" * 80 + " $4.00"
