"""Compose a survey: a draft, written over as often as one likes until it is opened (C6)."""

from kalecart import audit
from kalecart.clock import Clock, shop_date
from kalecart.database import Database
from kalecart.errors import Conflict
from kalecart.ids import SurveyId
from kalecart.staff.member import StaffMember
from kalecart.surveys import store
from kalecart.surveys.composition import Composition, composed


class SurveyUnderway(Conflict):
    """This survey is not a draft any more."""


async def compose_survey(typed: Composition, *, by: StaffMember, db: Database, clock: Clock) -> SurveyId:
    """Keep it as a draft in the place of what it was.

    Raises RoleForbids, Invalid with what is wrong with each field, and SurveyUnderway once people are asked.
    """
    by.require("surveys:compose")
    now = clock.now()
    draft = composed(typed, today=shop_date(now))
    async with db.transaction() as tx:
        if not await store.keep_draft(tx, draft, composed_by=by.id, now=now):
            raise SurveyUnderway("What people are asked does not change while they answer. Compose another one.")
        detail = {"questions": len(draft.questions)}
        actor, subject = audit.by_staff(by.id), ("survey", draft.id)
        await audit.record(tx, "survey_composed", by=actor, subject=subject, now=now, detail=detail)
    return draft.id
