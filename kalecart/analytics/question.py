"""What may be asked about many people: each question has one key, one price and one answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from kalecart.analytics.budget import QUARTERLY, TYPED_DELTA, Purse, id_of
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.rules import Told

# Changes whenever what is drawn for a question does, so that an old answer says how it was made.
CODE_VERSION: Final = "2"

# The most that one person adds to an answer: each thing once, and so many things. Aisles are few, so a person adds to
# all of them; to how many products is for what is told of people's breadth to say (`breadth.bound_of`).
AISLES_MAX: Final = 256
PAIRS_EACH_MAX: Final = 20
# Pairs are looked for among as many products as were bought by most people, by the published figures.
PAIRED_PRODUCTS: Final = 20
# How a survey's question is answered that nobody listed the answers to.
TYPED: Final = "text"


class Kind(StrEnum):
    """What kind of release; `release.kind`."""

    COUNT = "count"
    BREADTH = "breadth"
    PRODUCTS = "products"
    AISLES = "aisles"
    BASKETS = "baskets"
    SHARE = "share"
    SURVEY = "survey"


@dataclass(frozen=True, kw_only=True)
class Question:
    """`period` is a quarter's text. `about` becomes JSON: a `sku`, or a `survey` and its `question`, or of how many
    products one person counts in (`each_max`).
    """

    key: str
    kind: Kind
    period: str
    envelope_id: str
    microrho: int
    delta: float = 0.0
    about: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.microrho > 0  # a price below nothing would refill the envelope

    @property
    def quarter(self) -> Quarter:
        return Quarter.parse(self.period)


def count(quarter: Quarter) -> Question:
    """How many people bought anything, of those who agreed to be counted: the denominator of all shares."""
    return _of_quarter(Kind.COUNT, quarter, Purse.COUNT)


def told(what: Told, quarter: Quarter) -> Question:
    """What the calendar asks beside products. A small shop's aisles get what a large one spends on those."""
    assert what is not Told.PRODUCTS  # which asks for a bound
    if what is Told.AISLES_ONLY:
        return _of_quarter(Kind.AISLES, quarter, Purse.PRODUCTS)
    return _of_quarter(Kind(what.value), quarter, Purse(what.value))


def products(quarter: Quarter, *, each_max: int) -> Question:
    """What share bought each product, of which one person counts in `each_max` at most. The database knows the same
    numbers, and takes no answer that was drawn for another one.
    """
    return _of_quarter(Kind.PRODUCTS, quarter, Purse.PRODUCTS, {"each_max": str(each_max)})


def share_key(quarter: Quarter, sku: str) -> str:
    return f"{Kind.SHARE}:{quarter}:{sku}"


def share(quarter: Quarter, sku: str, *, envelope_id: str, microrho: int) -> Question:
    """What share bought one product; the questions of the year in which it is asked pay for it."""
    return Question(
        key=share_key(quarter, sku),
        kind=Kind.SHARE,
        period=str(quarter),
        envelope_id=envelope_id,
        microrho=microrho,
        about={"sku": sku},
    )


@dataclass(frozen=True, kw_only=True)
class SurveyQuestion:
    """What is kept of a survey's question to show its answer by: `answered` is how, `text` where it is typed."""

    id: UUID
    title: str
    words: str
    answered: str


def survey(survey_id: UUID, questions: Sequence[SurveyQuestion], *, quarter: Quarter) -> tuple[Question, ...]:
    """All questions of a survey in their order, which share a quarter's envelope evenly."""
    each = QUARTERLY[Purse.SURVEY] // len(questions)
    return tuple(
        Question(
            key=f"{Kind.SURVEY}:{survey_id}:{question.id}",
            kind=Kind.SURVEY,
            period=str(quarter),
            envelope_id=id_of(Purse.SURVEY, str(quarter)),
            microrho=each,
            delta=TYPED_DELTA if question.answered == TYPED else 0.0,
            about={
                "survey": str(survey_id),
                "question": str(question.id),
                "position": str(position),
                "title": question.title,
                "words": question.words,
                "as": question.answered,
            },
        )
        for position, question in enumerate(questions, 1)
    )


def _of_quarter(kind: Kind, quarter: Quarter, purse: Purse, about: Mapping[str, str] | None = None) -> Question:
    return Question(
        key=f"{kind}:{quarter}",
        kind=kind,
        period=str(quarter),
        envelope_id=id_of(purse, str(quarter)),
        microrho=QUARTERLY[purse],
        about=about or {},
    )
