"""Open a survey: from its first day on people are asked (C6)."""

from kalecart import audit
from kalecart.clock import Clock, shop_date
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Conflict, Invalid
from kalecart.ids import SurveyId
from kalecart.staff.member import StaffMember
from kalecart.surveys import reads, store
from kalecart.surveys.compose import SurveyUnderway
from kalecart.surveys.survey import SurveyState


class QuarterTaken(Conflict):
    """There is a survey in this quarter already."""


async def open_survey(survey_id: SurveyId, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Raises RoleForbids, NotFound, SurveyUnderway, Invalid where its last day is over, and QuarterTaken: what may be
    told of answers is one survey's worth a quarter."""
    by.require("surveys:compose")
    now = clock.now()
    try:
        async with db.transaction() as tx:
            if not await store.move(tx, survey_id, SurveyState.OPEN):
                await reads.survey_of(tx, survey_id)
                raise SurveyUnderway("It was opened before.")
            survey = await reads.survey_of(tx, survey_id)
            if survey.closes_on < shop_date(now):
                raise Invalid({"/closes_on": "Its last day is over. Choose another one."})
            await audit.record(tx, "survey_opened", by=audit.by_staff(by.id), subject=("survey", survey_id), now=now)
    except ConstraintBroken as error:
        if error.constraint != "survey_once_a_quarter":
            raise
        raise QuarterTaken("Choose a last day in another quarter.") from None
