"""Surveys: staff compose and open one, people answer it, answer anew, skip it or take their answers back (C6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from kalecart.ids import CustomerId, QuestionId, SurveyId, new_id
from kalecart.staff.rights import Role
from kalecart.surveys import reads
from kalecart.surveys.answer import Answers, answer_survey
from kalecart.surveys.close import close_survey
from kalecart.surveys.compose import compose_survey
from kalecart.surveys.composition import Asked, Composition
from kalecart.surveys.open import open_survey
from kalecart.surveys.survey import Kind, Question, Survey
from kalecart.surveys.withdraw import skip_survey, withdraw_answers
from simulation.clock import at
from simulation.office import Office
from simulation.people import Shopper, some_time
from simulation.scene import Scene
from simulation.survey_figures import kept_wrongly
from simulation.told import NOTHING, Told

ASKED: Final = (
    Asked(
        kind="choice",
        words="How often do you cook at home?",
        why="So that we know what to keep on our shelves.",
        choices=("Every day", "Now and then", "Hardly ever"),
    ),
    Asked(kind="scale", words="How easy is it to order here?", why="So that we know what to make easier."),
    Asked(kind="text", words="Which vegetable do you miss here?", why="So that we can look for it."),
    Asked(kind="sensitive", words="Do you follow a diet for your health?", why="So that we label what people need."),
)
MISSED: Final = ("okra", "romanesco", "celeriac", "sunchokes")
# Of those who are asked, and of those who answered.
ANSWER, SKIP, ANEW, TAKE_BACK, LEAVE_OUT = 0.3, 0.1, 0.1, 0.12, 0.2
CLOSED_EARLY: Final = 0.25


@dataclass
class Surveys:
    """`opened` are those that were asked, `told` what people know that they said, `wrong` where what was kept differed
    from that on the day after a survey was over.
    """

    scene: Scene
    office: Office
    every_days: float = 20
    opened: list[Survey] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def plan_day(self) -> None:
        """Somebody has a survey in mind every few weeks; of each quarter one is let through."""
        if self.scene.happens("survey", every_days=self.every_days):
            self.scene.plan_today((9, 17), "opened a survey", self._opens)

    async def _opens(self) -> None:
        scene, chance = self.scene, self.scene.chance("surveys")
        member = await self.office.acting(self.office.of_role(Role.PRIVACY))
        typed = Composition(
            id=SurveyId(new_id()),
            title="What you eat, and how you order",
            opens_on=scene.today,
            closes_on=scene.today + timedelta(days=chance.randrange(8, 32)),
            questions=chance.sample(ASKED, chance.randrange(1, len(ASKED) + 1)),
        )
        given = scene.shop.web_given("db", "clock")
        survey_id = await compose_survey(typed, by=member, **given)
        await open_survey(survey_id, by=member, **given)
        async with scene.shop.web.db.snapshot() as tx:
            survey = await reads.survey_of(tx, survey_id)
        self.opened.append(survey)
        self._is_asked(survey)

    def _is_asked(self, survey: Survey) -> None:
        """Whoever is here now sees it, some time before it is over; a few of them too late."""
        scene, chance = self.scene, self.scene.chance("survey answers")
        lasts = (survey.closes_on - survey.opens_on).days + 1.2
        for who in scene.shoppers:
            when, kind = scene.now + some_time(chance, 0, lasts), chance.random()
            if kind < ANSWER:
                scene.plan(when, "answered a survey", partial(self._answers, survey, who))
            elif kind < ANSWER + SKIP:
                scene.plan(when, "skipped a survey", partial(self._skips, survey, who))
        if chance.random() < CLOSED_EARLY:
            ends = at(survey.closes_on, 12) - some_time(chance, 0, 6)
            scene.plan(ends, "closed a survey early", partial(self._closes, survey.id))
        scene.agenda.plan(at(survey.closes_on + timedelta(days=1), 10), partial(self._is_looked_at, survey))

    async def _is_looked_at(self, survey: Survey) -> None:
        """By the owner: what is kept is what people said and did not take back."""
        async with self.scene.shop.at["owner"].db.snapshot() as tx:
            self.wrong += await kept_wrongly(tx, survey, self.told, now=self.scene.now)

    async def _answers(self, survey: Survey, who: Shopper) -> None:
        if who.here and who.customer_id is not None:
            chance = self.scene.chance("what people answer")
            said = _said(survey.questions, chance)
            asked = Answers(given=said, agrees=True)
            given = self.scene.shop.web_given("db", "clock")
            await answer_survey(asked, survey_id=survey.id, customer_id=who.customer_id, **given)
            self._keeps(survey.id, who.customer_id, said)
            kind, when = chance.random(), self.scene.now + some_time(chance, 0.1, 20)
            if kind < ANEW:
                self.scene.plan(when, "answered a survey anew", partial(self._answers, survey, who))
            elif kind < ANEW + TAKE_BACK:
                self.scene.plan(when, "took answers back", partial(self._takes_back, survey, who))

    def _keeps(self, survey_id: SurveyId, customer_id: CustomerId, said: Mapping[QuestionId, str]) -> None:
        known = Told(at=self.scene.now, survey_id=survey_id, customer_id=customer_id, answers=said)
        self.told.append(known)

    async def _skips(self, survey: Survey, who: Shopper) -> None:
        if who.here and who.customer_id is not None:
            await skip_survey(survey.id, customer_id=who.customer_id, **self.scene.shop.web_given("db", "clock"))

    async def _takes_back(self, survey: Survey, who: Shopper) -> None:
        if who.here and who.customer_id is not None:
            given = self.scene.shop.web_given("db", "clock")
            await withdraw_answers(survey.id, customer_id=who.customer_id, **given)
            self._keeps(survey.id, who.customer_id, NOTHING)

    async def _closes(self, survey_id: SurveyId) -> None:
        member = await self.office.acting(self.office.of_role(Role.PRIVACY))
        await close_survey(survey_id, by=member, **self.scene.shop.web_given("db", "clock"))


def _said(questions: Sequence[Question], chance: Random) -> Mapping[QuestionId, str]:
    """Of each question something, or nothing; of one of them something at least."""
    said = {each.id: chance.choice(_offered(each)) for each in questions if chance.random() >= LEAVE_OUT}
    return said or {questions[0].id: chance.choice(_offered(questions[0]))}


def _offered(question: Question) -> Sequence[str]:
    return MISSED if question.kind is Kind.TEXT else question.options
