"""Surveys as staff compose them: a draft, opened, closed, and its figures left to whoever counts (C6)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from kalecart.errors import Invalid
from kalecart.ids import SurveyId
from kalecart.surveys import reads
from kalecart.surveys.accuracy import answers_needed, people_either_way
from kalecart.surveys.close import SurveyNotOpen, close_survey
from kalecart.surveys.compose import SurveyUnderway, compose_survey
from kalecart.surveys.composition import Asked, Composition
from kalecart.surveys.open import QuarterTaken, open_survey
from kalecart.surveys.survey import Kind, SurveyState
from web.api.operation import SURVEY_ID, Operation, operation
from web.api.shapes import Body, View, answer
from web.api.surveys import QuestionView, question_view
from web.identity import require_staff
from web.keys import RUNTIME

PATH = {"survey_id": SURVEY_ID}
RIGHT = "surveys:compose"
SHOWN_MAX = 100
Day = Annotated[date, Field(description="A day of the shop's calendar.")]


class AskedBody(Body):
    kind: Kind
    words: Annotated[str, Field(max_length=300, description="Nothing by which a person could be recognised (C6).")]
    why: Annotated[str, Field(max_length=300, description="Why it is asked, shown beside it.")]
    choices: list[Annotated[str, Field(max_length=60)]] = Field(max_length=10, default_factory=list)


class SurveyBody(Body):
    title: Annotated[str, Field(max_length=120)]
    opens_on: Day
    closes_on: Annotated[date, Field(description="The last day.")]
    questions: Annotated[list[AskedBody], Field(max_length=5)]


class StaffSurveyView(View):
    id: UUID
    title: str
    state: SurveyState
    opens_on: date
    closes_on: date
    quarter: Annotated[str, Field(description="Whose budget its figures are paid for out of; there is one each.")]
    composed_at: datetime
    closed_at: datetime | None
    people_either_way: Annotated[int, Field(description="By how many people each count will be off, 97.5 % sure.")]
    answers_needed: Annotated[int, Field(description="About how many it takes for shares to be published.")]
    questions: list[QuestionView]


class StaffSurveysView(View):
    surveys: list[StaffSurveyView]


@operation(Operation(summary="List surveys, the latest first", who="staff", right=RIGHT, ok=(200, StaffSurveysView)))
async def list_staff_surveys(request: web.Request) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await reads.composed(tx, most=SHOWN_MAX)
    return answer(StaffSurveysView(surveys=[_view(each) for each in found]))


@operation(Operation(summary="Read one survey", who="staff", right=RIGHT, path=PATH, ok=(200, StaffSurveyView)))
async def get_staff_survey(request: web.Request, *, survey_id: UUID) -> web.Response:
    return await _survey(request, SurveyId(survey_id))


@operation(
    Operation(
        summary="Compose a survey, or write over its draft; you make the id",
        who="staff",
        right=RIGHT,
        path=PATH,
        body=SurveyBody,
        ok=(200, StaffSurveyView),
        errors=(Invalid, SurveyUnderway),
    )
)
async def put_staff_survey(request: web.Request, *, survey_id: UUID, body: SurveyBody) -> web.Response:
    runtime = request.app[RUNTIME]
    asked = [Asked(kind=each.kind, words=each.words, why=each.why, choices=each.choices) for each in body.questions]
    typed = Composition(
        id=SurveyId(survey_id),
        title=body.title,
        opens_on=body.opens_on,
        closes_on=body.closes_on,
        questions=asked,
    )
    await compose_survey(typed, by=await require_staff(request, RIGHT), db=runtime.db, clock=runtime.clock)
    return await _survey(request, SurveyId(survey_id))


@operation(
    Operation(
        summary="Open a survey: from its first day on people are asked",
        who="staff",
        right=RIGHT,
        path=PATH,
        ok=(200, StaffSurveyView),
        errors=(Invalid, SurveyUnderway, QuarterTaken),
    )
)
async def post_opening(request: web.Request, *, survey_id: UUID) -> web.Response:
    runtime, member = request.app[RUNTIME], await require_staff(request, RIGHT)
    await open_survey(SurveyId(survey_id), by=member, db=runtime.db, clock=runtime.clock)
    return await _survey(request, SurveyId(survey_id))


@operation(
    Operation(
        summary="Close a survey before its last day",
        who="staff",
        right=RIGHT,
        path=PATH,
        ok=(200, StaffSurveyView),
        errors=(SurveyNotOpen,),
    )
)
async def post_closing(request: web.Request, *, survey_id: UUID) -> web.Response:
    runtime, member = request.app[RUNTIME], await require_staff(request, RIGHT)
    await close_survey(SurveyId(survey_id), by=member, db=runtime.db, clock=runtime.clock)
    return await _survey(request, SurveyId(survey_id))


async def _survey(request: web.Request, survey_id: SurveyId) -> web.Response:
    async with request.app[RUNTIME].db.snapshot() as tx:
        return answer(_view(await reads.composed_of(tx, survey_id)))


def _view(found: reads.Composed) -> StaffSurveyView:
    survey = found.survey
    return StaffSurveyView(
        id=survey.id,
        title=survey.title,
        state=survey.state,
        opens_on=survey.opens_on,
        closes_on=survey.closes_on,
        quarter=survey.quarter,
        composed_at=found.composed_at,
        closed_at=found.closed_at,
        people_either_way=people_either_way(len(survey.questions)),
        answers_needed=answers_needed(len(survey.questions)),
        questions=[question_view(question) for question in survey.questions],
    )
