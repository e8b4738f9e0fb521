"""A letter on paper says what was typed, all of it, and nothing of it is markup (C12, C13)."""

from datetime import UTC, datetime
from uuid import UUID

from kalecart.complaints.complaint import Channel, Complaint
from kalecart.complaints.letter import Letter, section
from kalecart.correspondents.source import NAMELESS
from kalecart.deadline import due_by
from kalecart.ids import ComplaintId, CorrespondentId
from kalecart.typeset import WORD_MAX
from tests.pdf_text import text_of

AT = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
CASE = Complaint(
    id=ComplaintId(UUID(int=1)),
    number="AB12-CD34",
    channel=Channel.POST,
    customer_id=None,
    correspondent_id=CorrespondentId(UUID(int=2)),
    received_at=AT,
    due_at=due_by(AT),
)
# Each of them would be a program, a label, an equation, a reference, a comment or the end of a page.
MARKUP = '#pagebreak() #panic("x") \\ $x^2$ @label <label> *b* _i_ `raw` // gone /* gone */ = h - i "q" [c] {d} ~ #sys'


def said(*, name: str = "Bea Quince", postal: str = "1 Main St.", text: str = "We looked.") -> tuple[str, str]:
    """As it is read, piece by piece; and with no space in it."""
    letter = Letter(case=CASE, what="answer", title="Our answer", name=name, postal=postal, parts=section(text, text))
    shown = text_of(letter.printed(AT).content).replace("\u200b", "")
    return "\n".join(shown.splitlines()[::2]), "".join(shown.split())


def test_whatever_is_typed_as_name_address_or_finding_is_printed_as_it_is() -> None:
    shown = said(name=MARKUP, postal=f"{MARKUP}\n{MARKUP}", text=f"{MARKUP}\n{MARKUP}")[1]

    assert shown.count("".join(MARKUP.split())) == 2 * (1 + 1 + 2 + 1 + 2)


def test_a_word_longer_than_a_line_goes_on_in_the_next_instead_of_leaving_the_page() -> None:
    word = "0123456789" * 40
    pieces, whole = said(postal=word, text=word)

    assert max(map(len, pieces.split())) <= WORD_MAX
    assert word in whole


def test_whoever_gave_no_name_is_greeted_without_one_and_their_address_begins_with_its_street() -> None:
    shown = said(name=NAMELESS)[1]

    assert NAMELESS not in shown
    assert ("Hello," in shown, "Dear" in shown) == (True, False)
