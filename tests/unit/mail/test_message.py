"""Where a message may go, and that every kind has its words."""

import re

from kalecart.inbound.outcome import Outcome
from kalecart.jobs import MailKind
from kalecart.mail.compose import FACTS
from kalecart.mail.message import TRANSITIONS, MailState, sources
from kalecart.mail.store import WHOM
from kalecart.mail.words import TEMPLATES
from kalecart.policy.contact import CONTACT
from kalecart.policy.versions import packaged
from web.console.mail import KINDS, OUTCOMES


def test_a_message_that_was_sent_or_may_have_been_never_goes_out_again() -> None:
    """Sending begins where nothing has arrived; back to waiting leads what the server has certainly not taken."""
    assert sources(MailState.SENDING) == [MailState.WAITING]
    assert sources(MailState.WAITING) == [MailState.SENDING, MailState.UNKNOWN]
    assert {state for state, after in TRANSITIONS.items() if not after} == {
        MailState.HELD,
        MailState.SENT,
        MailState.FAILED,
        MailState.UNNEEDED,
    }


def test_every_state_has_its_arrows() -> None:
    assert set(TRANSITIONS) == set(MailState)


def test_every_kind_of_message_has_its_facts_and_its_words_twice() -> None:
    named = {path.name for path in TEMPLATES.iterdir()}

    assert set(WHOM) == set(FACTS) == set(MailKind)
    assert {f"{kind}.{form}" for kind in MailKind for form in ("txt", "html")} <= named


def test_every_letter_ends_with_the_policys_person_and_address_in_text_and_in_html() -> None:
    """Whoever gets one knows whom to complain to (C12)."""
    sheet = (TEMPLATES / "letter.html").read_text()
    assert all(part in (TEMPLATES / "footer.txt").read_text() for part in ("contact.email", "contact.person"))
    assert "contact.email" in sheet
    assert "contact.person" in sheet
    blocks = set(re.findall(r"block (\w+)", sheet))

    for kind in MailKind:
        text, page = ((TEMPLATES / f"{kind}.{form}").read_text() for form in ("txt", "html"))
        assert text.rstrip().endswith('{% include "footer.txt" %}'), kind
        assert page.startswith('{% extends "letter.html" %}'), kind
        assert set(re.findall(r"block (\w+)", page)) <= blocks == {"title", "words"}, kind


def test_the_console_has_a_name_for_every_kind_of_letter() -> None:
    assert set(KINDS) == set(MailKind)
    assert set(OUTCOMES) == set(Outcome)


def test_the_footer_names_whom_the_policy_names() -> None:
    newest = packaged()[-1].text

    for line in (CONTACT.person, CONTACT.company, CONTACT.street, CONTACT.place, CONTACT.email):
        assert line in newest
