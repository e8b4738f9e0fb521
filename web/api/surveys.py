"""Voluntary questions: read them with why each is asked, answer what you like, skip, take answers back (C6)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.clock import shop_date
from kalecart.errors import Invalid, NotFound
from kalecart.ids import QuestionId, SurveyId
from kalecart.surveys import reads
from kalecart.surveys.answer import Answers, SurveyOver, answer_survey
from kalecart.surveys.survey import Kind, Question, SurveyState
from kalecart.surveys.withdraw import skip_survey, withdraw_answers
from web.api.operation import SURVEY_ID, Operation, operation
from web.api.shapes import Body, ShownVersion, View, answer, nothing
from web.identity import require_customer
from web.keys import RUNTIME
from web.signal import asks_not_to_be_counted

PATH = {"survey_id": SURVEY_ID}


class AnswersBody(Body):
    """What is left out or empty is skipped, and takes the place of what was answered before."""

    answers: Annotated[
        dict[UUID, Annotated[str, Field(max_length=200)]],
        Field(max_length=10, description="By the question's id: one of its options, or a few words where it has none."),
    ]
    agrees: Annotated[bool, Field(description="Your consent to additional information, where it is not given yet.")] = (
        False
    )
    policy_version: ShownVersion | None = None


class QuestionView(View):
    id: UUID
    kind: Kind
    words: str
    why: str
    options: Annotated[list[str], Field(description="Every answer there is; empty where it is typed.")]


class SurveyView(View):
    id: UUID
    title: str
    state: SurveyState
    opens_on: date
    closes_on: Annotated[date, Field(description="The last day, in the shop's time zone.")]
    takes_answers: bool
    questions: list[QuestionView]
    answers: Annotated[
        dict[UUID, str], Field(description="As they are kept: to a sensitive question, what chance made of it.")
    ]
    skipped: bool


class SurveysView(View):
    surveys: list[SurveyView]


class WithdrawnView(View):
    figures_stand: Annotated[bool, Field(description="Figures about many people are out already, and stand.")]


@operation(Operation(summary="Read what you are asked, and what you answered", who="customer", ok=(200, SurveysView)))
async def list_surveys(request: web.Request) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    today = shop_date(runtime.clock.now())
    async with runtime.db.snapshot() as tx:
        found = await reads.mine(tx, customer, today=today)
    return answer(SurveysView(surveys=[_mine(each, today) for each in found]))


@operation(Operation(summary="Read one survey", who="customer", path=PATH, ok=(200, SurveyView)))
async def get_survey(request: web.Request, *, survey_id: UUID) -> web.Response:
    return await _survey(request, SurveyId(survey_id))


@operation(
    Operation(
        summary="Answer what you like of a survey",
        who="customer",
        path=PATH,
        body=AnswersBody,
        ok=(200, SurveyView),
        errors=(Invalid, SurveyOver),
    )
)
async def put_answers(request: web.Request, *, survey_id: UUID, body: AnswersBody) -> web.Response:
    runtime = request.app[RUNTIME]
    await answer_survey(
        Answers(
            given={QuestionId(question): value for question, value in body.answers.items()},
            agrees=body.agrees,
            policy_version=body.policy_version,
            signal=asks_not_to_be_counted(request),
        ),
        survey_id=SurveyId(survey_id),
        customer_id=await require_customer(request),
        db=runtime.db,
        clock=runtime.clock,
    )
    return await _survey(request, SurveyId(survey_id))


@operation(Operation(summary="Take your answers back", who="customer", path=PATH, ok=(200, WithdrawnView)))
async def delete_answers(request: web.Request, *, survey_id: UUID) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    stand = await withdraw_answers(SurveyId(survey_id), customer_id=customer, db=runtime.db, clock=runtime.clock)
    return answer(WithdrawnView(figures_stand=stand))


@operation(
    Operation(
        summary="Skip a survey: no reminder, and no other effect",
        who="customer",
        path=PATH,
        ok=(204, None),
        errors=(NotFound,),
    )
)
async def post_skip(request: web.Request, *, survey_id: UUID) -> web.Response:
    runtime, customer = request.app[RUNTIME], await require_customer(request)
    await skip_survey(SurveyId(survey_id), customer_id=customer, db=runtime.db, clock=runtime.clock)
    return nothing()


async def _survey(request: web.Request, survey_id: SurveyId) -> web.Response:
    customer, runtime = await require_customer(request), request.app[RUNTIME]
    today = shop_date(runtime.clock.now())
    async with runtime.db.snapshot() as tx:
        found = await reads.mine_of(tx, customer, survey_id, today=today)
    return answer(_mine(found, today))


def _mine(found: reads.Mine, today: date) -> SurveyView:
    answers: Mapping[UUID, str] = {UUID(str(question)): value for question, value in found.answers.items()}
    return SurveyView(
        id=found.survey.id,
        title=found.survey.title,
        state=found.survey.state,
        opens_on=found.survey.opens_on,
        closes_on=found.survey.closes_on,
        takes_answers=found.survey.takes_answers(today),
        questions=[question_view(question) for question in found.survey.questions],
        answers=dict(answers),
        skipped=found.skipped,
    )


def question_view(question: Question) -> QuestionView:
    return QuestionView(
        id=question.id, kind=question.kind, words=question.words, why=question.why, options=list(question.options)
    )
