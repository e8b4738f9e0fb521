"""Surveys for staff: compose, open, close, and what each is so far. Figures come from whoever counts, later (C6)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from kalecart.clock import shop_date
from kalecart.errors import Conflict, Invalid, Refused
from kalecart.ids import SurveyId, new_id
from kalecart.staff.member import StaffMember
from kalecart.surveys import reads
from kalecart.surveys.accuracy import ANSWERS_MIN, answers_needed, people_either_way
from kalecart.surveys.close import close_survey
from kalecart.surveys.compose import compose_survey
from kalecart.surveys.composition import Asked, Composition
from kalecart.surveys.open import open_survey
from kalecart.surveys.survey import QUESTIONS_MAX, Survey, SurveyState
from web.console.session import member_with
from web.keys import RUNTIME
from web.pages.forms import form_of, query_text, sentence
from web.pages.rendering import render
from web.parse import date_of, id_in, id_of
from web.problems import status_of

SHOWN_MAX: Final = 100
PARTS: Final = ("words", "why", "choices")
KINDS: Final[Mapping[str, str]] = {
    "choice": "One of several answers",
    "scale": "From 1 (not at all) to 5 (very much)",
    "text": "In a word or two of their own",
    "sensitive": "Yes or no, and sensitive: chance hides each answer",
}
STATES: Final[Mapping[SurveyState, str]] = {
    SurveyState.DRAFT: "Draft",
    SurveyState.OPEN: "Open",
    SurveyState.CLOSED: "Being counted",
    SurveyState.RELEASED: "Released",
}
DONE: Final[Mapping[str, str]] = {
    "kept": "The draft is kept.",
    "opened": "It is open. Nobody can change it any more.",
    "closed": "It is closed. Its figures are drawn next.",
}


async def surveys_page(request: web.Request) -> web.Response:
    return await _board(request, {})


async def composed(request: web.Request) -> web.Response:
    """A new draft, or an old one again: its id comes with the form."""
    member, form, runtime = await member_with(request, "surveys:compose"), await form_of(request), request.app[RUNTIME]
    survey_id = SurveyId(id_of(form.get("id", "")) or new_id())
    numbers = _filled(form)
    typed = Composition(
        id=survey_id,
        title=form.get("title", ""),
        opens_on=date_of(form.get("opens_on", "")),
        closes_on=date_of(form.get("closes_on", "")),
        questions=[_asked(form, number) for number in numbers],
    )
    try:
        await compose_survey(typed, by=member, db=runtime.db, clock=runtime.clock)
    except (Invalid, Conflict) as refusal:
        return await _board(request, form, _problems(refusal, numbers), status=status_of(type(refusal)))
    raise web.HTTPSeeOther(f"/staff/surveys/{survey_id}?done=kept")


async def survey_page(request: web.Request) -> web.Response:
    return await _page(request)


async def opened(request: web.Request) -> web.Response:
    member, runtime, survey_id = await member_with(request, "surveys:compose"), request.app[RUNTIME], _survey(request)
    try:
        await open_survey(survey_id, by=member, db=runtime.db, clock=runtime.clock)
    except (Invalid, Conflict) as refusal:
        return await _page(request, refusal)
    raise web.HTTPSeeOther(f"/staff/surveys/{survey_id}?done=opened")


async def closed(request: web.Request) -> web.Response:
    member, runtime, survey_id = await member_with(request, "surveys:compose"), request.app[RUNTIME], _survey(request)
    try:
        await close_survey(survey_id, by=member, db=runtime.db, clock=runtime.clock)
    except Conflict as refusal:
        return await _page(request, refusal)
    raise web.HTTPSeeOther(f"/staff/surveys/{survey_id}?done=closed")


async def _board(
    request: web.Request, values: Mapping[str, str], problems: Mapping[str, str] | None = None, *, status: int = 200
) -> web.Response:
    member, runtime = await member_with(request, "surveys:compose"), request.app[RUNTIME]
    today = shop_date(runtime.clock.now())
    async with runtime.db.snapshot() as tx:
        found = await reads.composed(tx, most=SHOWN_MAX)
    days = {"opens_on": today.isoformat(), "closes_on": (today + timedelta(days=13)).isoformat()}
    shown = {"id": str(new_id())} | days | dict(values)
    around = _form(member, request, shown, problems or {})
    return render("staff/surveys.html", status=status, surveys=found, states=STATES, **around)


async def _page(request: web.Request, refusal: Refused | None = None) -> web.Response:
    member = await member_with(request, "surveys:compose")
    async with request.app[RUNTIME].db.snapshot() as tx:
        found = await reads.composed_of(tx, _survey(request))
    problems = _problems(refusal, ()) if refusal else {}
    return render(
        "staff/survey.html",
        status=status_of(type(refusal)) if refusal else 200,
        done=DONE.get(query_text(request, "done", most=20)),
        found=found,
        states=STATES,
        **_form(member, request, _values(found.survey), problems),
    )


def _form(
    member: StaffMember, request: web.Request, values: Mapping[str, str], problems: Mapping[str, str]
) -> dict[str, Any]:
    """For `survey_form.html`, and around it."""
    return {
        "member": member,
        "demo": request.app[RUNTIME].settings.demo,
        "values": values,
        "problems": problems,
        "kinds": KINDS,
        "numbers": range(1, QUESTIONS_MAX + 1),
        "people": [people_either_way(count) for count in range(1, QUESTIONS_MAX + 1)],
        "needed": [answers_needed(count) for count in range(1, QUESTIONS_MAX + 1)],
        "answers_min": ANSWERS_MIN,
    }


def _values(survey: Survey) -> dict[str, str]:
    values = {"id": str(survey.id), "title": survey.title}
    values |= {"opens_on": survey.opens_on.isoformat(), "closes_on": survey.closes_on.isoformat()}
    for number, question in enumerate(survey.questions, 1):
        values |= {f"kind-{number}": question.kind.value, f"words-{number}": question.words}
        values |= {f"why-{number}": question.why, f"choices-{number}": "\n".join(question.choices)}
    return values


def _filled(form: Mapping[str, str]) -> Sequence[int]:
    """The numbers of the questions in which anything was typed."""
    numbers = range(1, QUESTIONS_MAX + 1)
    return [number for number in numbers if any(form.get(f"{part}-{number}", "").strip() for part in PARTS)]


def _asked(form: Mapping[str, str], number: int) -> Asked:
    typed = {part: form.get(f"{part}-{number}", "") for part in ("kind", "words", "why")}
    return Asked(**typed, choices=form.get(f"choices-{number}", "").splitlines())


def _problems(refusal: Refused, numbers: Sequence[int]) -> dict[str, str]:
    """Under the fields' names: `/questions/0/words` is the first one that was filled in."""
    if not isinstance(refusal, Invalid):
        return {"": sentence(refusal)}
    found = {}
    for pointer, words in refusal.problems.items():
        _, *steps = pointer.split("/")
        nested = len(steps) > 1
        found[f"{steps[2]}-{numbers[int(steps[1])]}" if nested else steps[0].replace("questions", "words-1")] = words
    return found


def _survey(request: web.Request) -> SurveyId:
    return SurveyId(id_in(request, "survey_id", missing="There is no such survey."))
