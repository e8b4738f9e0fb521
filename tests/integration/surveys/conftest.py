"""A survey, its composer, and customers who may answer it: each log-in with no more rights than its process has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest_asyncio
import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.consent.purpose import Purpose
from kalecart.consent.record import Choices, record_consents
from kalecart.database import Database
from kalecart.grants import ANALYTICS, WEB, WORKER
from kalecart.ids import CustomerId, SurveyId, new_id
from kalecart.policy.publish import publish_policy
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.surveys import reads
from kalecart.surveys.answer import Answers, answer_survey
from kalecart.surveys.close import close_survey
from kalecart.surveys.compose import compose_survey
from kalecart.surveys.composition import Asked, Composition
from kalecart.surveys.open import open_survey
from kalecart.surveys.survey import Survey
from kalecart.surveys.tend import tend_surveys
from kalecart.surveys.withdraw import skip_survey
from kalecart.vault import Vault
from tests.builders import a_customer
from tests.clock import FakeClock
from tests.clones import AsRole

WHY = "So that we stock what people cook."
QUESTIONS = (
    Asked(kind="choice", words="How often do you cook?", why=WHY, choices=("Daily", "Hardly ever")),
    Asked(kind="text", words="Which vegetable do you miss here?", why=WHY),
    Asked(kind="sensitive", words="Were you ever short of money for food?", why=WHY),
)


@dataclass
class Asking:
    """The shop while it asks. `web`, `worker` and `counter` are the log-ins of those processes."""

    db: Database
    web: Database
    worker: Database
    counter: Database
    vault: Vault
    clock: FakeClock
    composer: StaffMember
    survey_id: SurveyId = field(default_factory=lambda: SurveyId(new_id()))

    async def compose(self, questions: Sequence[Asked] = QUESTIONS, *, days: int = 14, **but: Any) -> SurveyId:
        today = shop_date(self.clock.now())
        facts = {"id": self.survey_id, "title": "How you cook", "opens_on": today}
        typed = Composition(**(facts | {"closes_on": today + timedelta(days=days - 1), "questions": questions} | but))
        return await compose_survey(typed, by=self.composer, db=self.web, clock=self.clock)

    async def open(self, **but: Any) -> Survey:
        await open_survey(await self.compose(**but), by=self.composer, db=self.web, clock=self.clock)
        return await self.survey()

    async def survey(self) -> Survey:
        async with self.web.snapshot() as tx:
            return await reads.survey_of(tx, self.survey_id)

    async def person(self, *, agrees: bool = True) -> CustomerId:
        person = await a_customer(self.db, self.vault, now=self.clock.now())
        if agrees:
            await self.decide(person, given=True)
        return person

    async def decide(self, person: CustomerId, *, given: bool) -> None:
        self.clock.advance(seconds=1)
        choices = Choices(given={Purpose.ADDITIONAL_INFORMATION: given})
        await record_consents(choices, customer_id=person, db=self.web, clock=self.clock, notice=timedelta(days=7))

    async def answer(self, person: CustomerId, *values: str, agrees: bool = False) -> None:
        """By the place of the question."""
        asked = (await self.survey()).questions
        given = {question.id: value for question, value in zip(asked, values, strict=False)}
        answers = Answers(given=given, agrees=agrees)
        await answer_survey(answers, survey_id=self.survey_id, customer_id=person, db=self.web, clock=self.clock)

    async def skip(self, person: CustomerId) -> None:
        await skip_survey(self.survey_id, customer_id=person, db=self.web, clock=self.clock)

    async def kept(self, person: CustomerId) -> list[str]:
        """The person's answers in the order of the questions."""
        async with self.web.snapshot() as tx:
            found = await reads.mine(tx, person, today=shop_date(self.clock.now()))
        mine = next((each for each in found if each.survey.id == self.survey_id), None)
        return [mine.answers[q.id] for q in mine.survey.questions if q.id in mine.answers] if mine else []

    async def close(self) -> None:
        await close_survey(self.survey_id, by=self.composer, db=self.web, clock=self.clock)

    async def tend(self) -> None:
        await tend_surveys(None, db=self.worker, clock=self.clock)

    async def letters(self) -> int:
        async with self.db.snapshot() as tx:
            promised = sa.text("SELECT count(*) FROM task WHERE arguments->>'kind' = 'survey_reminder'")
            return int(await tx.scalar(promised) or 0)

    async def seen(self) -> list[tuple[str, str]]:
        """What whoever counts can read: the place of the question, and the answer."""
        places = {question.id: str(place) for place, question in enumerate((await self.survey()).questions)}
        async with self.counter.snapshot() as tx:
            rows = await tx.execute(sa.text("SELECT question, answer FROM answer_seen"))
            return sorted((places[row.question], row.answer) for row in rows)


@pytest_asyncio.fixture
async def asking(db: Database, as_role: AsRole, vault: Vault, clock: FakeClock) -> Asking:
    await publish_policy(db=db, clock=clock)
    newcomer = NewStaff(name="Perry", email="perry@example.com", password="nine slow pumpkins", role=Role.PRIVACY)
    composer = StaffMember(id=await add_staff(newcomer, db=db, vault=vault, clock=clock), role=Role.PRIVACY)
    web, worker, counter = as_role(WEB), as_role(WORKER), as_role(ANALYTICS)
    return Asking(db=db, web=web, worker=worker, counter=counter, vault=vault, clock=clock, composer=composer)
