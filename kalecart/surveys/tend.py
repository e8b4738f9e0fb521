"""What surveys need once a day: those that are over are closed, who has not answered is reminded once, and what nobody
may keep any longer is deleted (C6, E48)."""

from datetime import datetime
from typing import Final

from kalecart import audit, tasks
from kalecart.clock import Clock, shop_date
from kalecart.consent import store as consent
from kalecart.database import Database
from kalecart.ids import SurveyId
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind
from kalecart.surveys import reads, store
from kalecart.surveys.close import close
from kalecart.surveys.survey import KEPT, period_of

BATCH_MAX: Final = 200


async def tend_surveys(held: tasks.Held | None, *, db: Database, clock: Clock) -> None:
    """Doing it again does nothing more."""
    now = clock.now()
    today = shop_date(now)
    async with db.transaction() as tx:
        running = await reads.running(tx)
        for survey in running:
            if survey.over(today):
                await close(tx, survey.id, by=audit.SHOP, now=now)
    for survey in running:
        if survey.takes_answers(today) and today >= survey.remind_on:
            await _remind(survey.id, db=db, now=now)
    async with db.transaction() as tx:
        for survey_id in await reads.forgettable(tx, closed_before=now - KEPT):
            await consent.drop_pseudonyms(tx, period_of(survey_id))
            await store.drop_reminders(tx, survey_id)
        await tasks.finish(tx, held, now=now)


async def _remind(survey_id: SurveyId, *, db: Database, now: datetime) -> None:
    """Each person once, the letter promised together with the row that says so."""
    while True:
        async with db.transaction() as tx:
            reminders = await store.remind(tx, survey_id, most=BATCH_MAX, now=now)
            letters = [SendMail(kind=MailKind.SURVEY_REMINDER, subject=each) for each in reminders]
            await tasks.promise_each(tx, letters, now=now)
        if not reminders:
            return
