"""Close a survey: nobody answers it any more, and its figures are promised (C6)."""

from datetime import datetime

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Conflict
from kalecart.ids import SurveyId
from kalecart.jobs import ReleaseSurvey
from kalecart.staff.member import StaffMember
from kalecart.surveys import reads, store
from kalecart.surveys.survey import SurveyState


class SurveyNotOpen(Conflict):
    """This survey is not open."""


async def close_survey(survey_id: SurveyId, *, by: StaffMember, db: Database, clock: Clock) -> None:
    """Before its last day. Raises RoleForbids, NotFound and SurveyNotOpen."""
    by.require("surveys:compose")
    async with db.transaction() as tx:
        await reads.survey_of(tx, survey_id)
        if not await close(tx, survey_id, by=audit.by_staff(by.id), now=clock.now()):
            raise SurveyNotOpen("There is nothing to close.")


async def close(tx: Tx, survey_id: SurveyId, *, by: audit.Actor, now: datetime) -> bool:
    """Once, however many ask: its figures are paid for once."""
    if not await store.move(tx, survey_id, SurveyState.CLOSED, closed_at=now):
        return False
    await tasks.promise(tx, ReleaseSurvey(survey_id=survey_id), now=now, hinted=False)
    await audit.record(tx, "survey_closed", by=by, subject=("survey", survey_id), now=now)
    return True
