"""Where a message may go, and that every kind has its words."""

from kalecart.jobs import MailKind
from kalecart.mail.compose import FACTS
from kalecart.mail.message import TRANSITIONS, MailState, sources
from kalecart.mail.store import WHOM
from kalecart.mail.words import TEMPLATES
from kalecart.policy.contact import CONTACT
from kalecart.policy.versions import packaged


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


def test_the_footer_names_whom_the_policy_names() -> None:
    newest = packaged()[-1].text

    for line in (CONTACT.person, CONTACT.company, CONTACT.street, CONTACT.place, CONTACT.email):
        assert line in newest
