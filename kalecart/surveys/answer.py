"""Answer a survey: what one likes of it, under a number that is not the customer's (C6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kalecart import chance
from kalecart.clock import Clock, shop_date
from kalecart.consent import reads as consents
from kalecart.consent import store as consent
from kalecart.consent.purpose import Purpose
from kalecart.consent.record import entry, shown_version
from kalecart.customers import store as customers
from kalecart.database import Database, Tx
from kalecart.errors import Invalid, NotFound, Refused
from kalecart.ids import CustomerId, QuestionId, SurveyId
from kalecart.surveys import reads, store
from kalecart.surveys.answers import Answered, answered
from kalecart.surveys.randomised import TURNED_ONE_IN, said
from kalecart.surveys.survey import YES_OR_NO, Kind, Survey, SurveyState, period_of

PURPOSE = Purpose.ADDITIONAL_INFORMATION


class SurveyOver(Refused):
    """This survey takes no answers now."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a person gave: an option or typed words by question; left out or empty is skipped. `agrees` is their consent
    on the same page, with the version of the policy they were shown; `signal` is what their browser asked (Sec-GPC)."""

    given: Mapping[QuestionId, str] = field(repr=False)
    agrees: bool = False
    policy_version: str | None = None
    signal: bool = False


async def answer_survey(
    asked: Answers, *, survey_id: SurveyId, customer_id: CustomerId, db: Database, clock: Clock
) -> None:
    """Keep the answers in the place of those given before; nothing given at all is skipping all of it.

    A sensitive question is answered by chance once, and stays: drawn anew each time, the draws would tell the truth.
    Raises NotFound, SurveyOver, and Invalid for what cannot be kept, or where consent is missing.
    """
    async with db.transaction() as tx:
        if not await customers.lock(tx, customer_id) or await reads.leaving(tx, customer_id):
            raise NotFound("There is no such customer.")
        now = clock.now()
        survey = await _held(tx, survey_id, now)
        answers = answered(survey, asked.given)
        mine = await reads.mine_of(tx, customer_id, survey_id, today=shop_date(now))
        drawn = _sensitive(survey) & set(mine.answers)
        if not answers and not drawn:
            await consent.drop_pseudonyms(tx, period_of(survey_id), customer_id=customer_id)
            await store.skip(tx, survey_id, customer_id, now=now)
            return
        await _agree(tx, asked, customer_id, clock)
        pseudonym = await consent.pseudonym_for(tx, customer_id, PURPOSE, period_of(survey_id), now=now)
        await store.keep_answers(tx, pseudonym, _randomised(answers, drawn), untouched=sorted(drawn))


async def _held(tx: Tx, survey_id: SurveyId, now: datetime) -> Survey:
    state = await store.hold_open(tx, survey_id)
    if state in {None, SurveyState.DRAFT}:
        raise NotFound("There is no such survey.")
    survey = await reads.survey_of(tx, survey_id)
    if not survey.takes_answers(shop_date(now)):
        raise SurveyOver("It is over, or has not begun.")
    return survey


async def _agree(tx: Tx, asked: Answers, customer_id: CustomerId, clock: Clock) -> None:
    held = {state.purpose: state for state in await consents.consents_of(tx, customer_id)}
    if held[PURPOSE].given:
        return
    if not asked.agrees:
        raise Invalid({"/agrees": "Without your consent we may not keep your answers. Agree, or skip the survey."})
    version = await shown_version(tx, asked.policy_version, clock=clock)
    given = entry(PURPOSE, customer_id, version, given=True, source="account_page", signal=asked.signal)
    await consent.add(tx, given, now=clock.now())


def _sensitive(survey: Survey) -> set[QuestionId]:
    return {question.id for question in survey.questions if question.kind is Kind.SENSITIVE}


def _randomised(answers: Sequence[Answered], drawn: Collection[QuestionId]) -> list[Answered]:
    """The true answer to a sensitive question ends here."""
    return [
        replace(each, value=_by_chance(each.value)) if each.question.kind is Kind.SENSITIVE else each
        for each in answers
        if each.question.id not in drawn
    ]


def _by_chance(value: str) -> str:
    yes, no = YES_OR_NO
    return yes if said(truth=value == yes, drawn=chance.drawn(TURNED_ONE_IN)) else no
