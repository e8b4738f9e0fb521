"""Questions a customer may answer, skip, and take answers back from (C6)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from aiohttp import web

from kalecart.clock import shop_date
from kalecart.consent.purpose import Purpose
from kalecart.consent.reads import consents_of
from kalecart.consent.words import WORDS
from kalecart.errors import Refused
from kalecart.ids import QuestionId, SurveyId
from kalecart.surveys import reads
from kalecart.surveys.answer import Answers, answer_survey
from kalecart.surveys.withdraw import skip_survey, withdraw_answers
from web.keys import RUNTIME
from web.pages.forms import form_of, query_text
from web.pages.frame import frame_of, signed_in
from web.pages.people import policy_in_force, problems_in
from web.pages.rendering import render
from web.parse import id_in, id_of
from web.problems import status_of
from web.signal import asks_not_to_be_counted

FIELD: Final = "answer-"
DONE: Final[Mapping[str, str]] = {
    "answered": "Thank you. Your answers are kept under a random number, and you can change them or take them back.",
    "skipped": "Skipped. Nothing changes for you, and we do not remind you of it.",
    "withdrawn": "Your answers are deleted.",
    "stand": "Your answers are deleted. The figures about many people that came out of them stand: nobody can tell from"
    " them whether you were in.",
}


async def surveys_page(request: web.Request) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    today = shop_date(runtime.clock.now())
    async with runtime.db.snapshot() as tx:
        found = await reads.mine(tx, customer, today=today)
    done = DONE.get(query_text(request, "done", most=20))
    return render("surveys.html", frame=await frame_of(request), surveys=found, today=today, done=done)


async def survey_page(request: web.Request) -> web.Response:
    return await _page(request)


async def answered(request: web.Request) -> web.Response:
    customer, form, runtime = await signed_in(request), await form_of(request), request.app[RUNTIME]
    given = {question: value for name, value in form.items() if (question := _question(name)) is not None}
    answers = Answers(
        given=given,
        agrees="agrees" in form,
        policy_version=form.get("policy_version") or None,
        signal=asks_not_to_be_counted(request),
    )
    try:
        await answer_survey(
            answers, survey_id=_survey(request), customer_id=customer, db=runtime.db, clock=runtime.clock
        )
    except Refused as refusal:
        return await _page(request, form, refusal)
    return _done("answered" if any(given.values()) else "skipped")


async def skipped(request: web.Request) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    await skip_survey(_survey(request), customer_id=customer, db=runtime.db, clock=runtime.clock)
    return _done("skipped")


async def withdrawn(request: web.Request) -> web.Response:
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    stand = await withdraw_answers(_survey(request), customer_id=customer, db=runtime.db, clock=runtime.clock)
    return _done("stand" if stand else "withdrawn")


async def _page(
    request: web.Request, form: Mapping[str, str] | None = None, refusal: Refused | None = None
) -> web.Response:
    """As it was answered, or as it was sent and what is wrong with it."""
    customer, runtime = await signed_in(request), request.app[RUNTIME]
    today = shop_date(runtime.clock.now())
    async with runtime.db.snapshot() as tx:
        mine = await reads.mine_of(tx, customer, _survey(request), today=today)
        consents = {state.purpose: state for state in await consents_of(tx, customer)}
    kept = {f"{FIELD}{question}": value for question, value in mine.answers.items()}
    fields = {f"/answers/{question.id}": f"{FIELD}{question.id}" for question in mine.survey.questions}
    context: dict[str, Any] = {
        "mine": mine,
        "agreed": consents[Purpose.ADDITIONAL_INFORMATION].given,
        "words": WORDS[Purpose.ADDITIONAL_INFORMATION],
        "policy_version": await policy_in_force(request),
        "values": kept if form is None else form,
        "problems": problems_in(refusal, "agrees", fields),
        "today": today,
        "signal": asks_not_to_be_counted(request),
    }
    status = status_of(type(refusal)) if refusal else 200
    return render("survey.html", status=status, frame=await frame_of(request), **context)


def _survey(request: web.Request) -> SurveyId:
    return SurveyId(id_in(request, "survey_id", missing="There is no such survey."))


def _question(field: str) -> QuestionId | None:
    found: UUID | None = id_of(field.removeprefix(FIELD)) if field.startswith(FIELD) else None
    return None if found is None else QuestionId(found)


def _done(what: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/account/surveys?done={what}"})
