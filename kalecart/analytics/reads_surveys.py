"""What was released of surveys, as pages show it: shares of who answered a question, and what many typed.

A release holds the words of its question, so nothing else has to be read to show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kalecart.analytics import reads
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.reads import Released
from kalecart.analytics.share import Noisy, Share, share_of, total, unrandomised
from kalecart.database import Tx
from kalecart.ids import SurveyId
from kalecart.surveys.randomised import KEPT_PROBABILITY
from kalecart.surveys.survey import Kind


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One question of a survey. `people` answered it; `shares` are by option, in the order it offers them. Of a typed
    one there are only `typed`: each text that many wrote, the most frequent first, with how many did.
    """

    key: str
    title: str
    words: str
    kind: Kind
    people: Noisy | None
    shares: Sequence[tuple[str, Share]]
    typed: Sequence[tuple[str, Noisy]]


async def of_survey(tx: Tx, survey_id: SurveyId) -> Sequence[Answered]:
    """Its questions in their order; those that are not answered yet are not there."""
    return _answered(list((await reads.of_survey(tx, survey_id)).values()))


async def of_quarter(tx: Tx, quarter: Quarter) -> Sequence[Answered]:
    """Of the survey that closed in a quarter, if there was one."""
    return _answered(await reads.of_surveys_in(tx, quarter))


def _answered(released: Sequence[Released]) -> Sequence[Answered]:
    ordered = sorted(released, key=lambda each: (each.about["survey"], int(each.about["position"])))
    return [_question(each) for each in ordered if each.answer is not None]


def _question(released: Released) -> Answered:
    answer, kind = released.answer, Kind(released.about["as"])
    assert answer is not None
    said = [(key[0], noisy) for key, noisy in answer.by_key().items()]
    shown = {"key": released.key, "title": released.about["title"], "words": released.about["words"], "kind": kind}
    if kind is Kind.TEXT:
        often = sorted(said, key=lambda each: (-each[1].count, each[0]))
        return Answered(**shown, people=None, shares=(), typed=often)
    people = total(answer.counts, answer.scale)
    return Answered(
        **shown, people=people, shares=[(option, _share(kind, noisy, people)) for option, noisy in said], typed=()
    )


def _share(kind: Kind, noisy: Noisy, people: Noisy) -> Share:
    if kind is Kind.SENSITIVE:
        return unrandomised(noisy, people, truthful=KEPT_PROBABILITY)
    return share_of(noisy, people)
