"""Take answers back, or say beforehand that one skips a survey: neither has any other effect (C6, E48)."""

from kalecart.clock import Clock, shop_date
from kalecart.consent import store as consent
from kalecart.customers import store as customers
from kalecart.database import Database
from kalecart.errors import NotFound
from kalecart.ids import CustomerId, SurveyId
from kalecart.surveys import reads, store
from kalecart.surveys.survey import SurveyState, period_of


async def withdraw_answers(survey_id: SurveyId, *, customer_id: CustomerId, db: Database, clock: Clock) -> bool:
    """Delete what this person answered, and do not remind them of it; doing it again deletes nothing.

    True where figures are out already: they stand as they are, and the person is told so (E65). Raises NotFound.
    """
    async with db.transaction() as tx:
        if not await customers.lock(tx, customer_id):
            raise NotFound("There is no such customer.")
        state = (await reads.survey_of(tx, survey_id)).state
        if state is SurveyState.DRAFT:
            raise NotFound("There is no such survey.")
        if await consent.drop_pseudonyms(tx, period_of(survey_id), customer_id=customer_id):
            await store.skip(tx, survey_id, customer_id, now=clock.now())
        return state is SurveyState.RELEASED


async def skip_survey(survey_id: SurveyId, *, customer_id: CustomerId, db: Database, clock: Clock) -> None:
    """No reminder of this one. Answers that were given stay. Raises NotFound for one that is not asked now."""
    async with db.transaction() as tx:
        if not await customers.lock(tx, customer_id) or await reads.leaving(tx, customer_id):
            raise NotFound("There is no such customer.")
        now = clock.now()
        await reads.mine_of(tx, customer_id, survey_id, today=shop_date(now))
        await store.skip(tx, survey_id, customer_id, now=now)
