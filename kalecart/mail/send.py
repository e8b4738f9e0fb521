"""Send what was promised to a customer, once: claim, call, record.

A receipt that comes twice looks like a charge that was made twice, and one that is missing is on the order's page. So
what may have arrived is not sent again: everything up to giving the text away can be repeated, and after that only the
run that gave it away goes on (E39).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from kalecart import tasks
from kalecart.alerts import close_alerts, close_kinds
from kalecart.clock import Clock
from kalecart.complaints import store as complaints
from kalecart.customers import store as customers
from kalecart.customers.correction import CheckWhy
from kalecart.database import Database
from kalecart.disclosures import Field, Ground, Recipient, disclose
from kalecart.errors import NotYet
from kalecart.jobs import SendMail
from kalecart.mail import store
from kalecart.mail.compose import compose, told_by
from kalecart.mail.message import MailState, Message
from kalecart.mail.post import NO_ANSWER, PostBusy, Postman, PostUnanswered, PutOff, Rejected
from kalecart.mail_kinds import MailKind
from kalecart.vault import Vault

OPEN: Final = frozenset({MailState.WAITING, MailState.SENDING})

log = structlog.get_logger()


async def send_mail(
    job: SendMail,
    held: tasks.Held,
    *,
    db: Database,
    vault: Vault,
    clock: Clock,
    postman: Postman | None,
    public_url: str,
) -> None:
    """Write to a customer, or hold the message where there is no mail server: the outbox shows it.

    Raises NotYet for as long as the mail server is away, up to `KEEP_TRYING`.
    """
    if postman is None:
        async with db.direct() as pg:
            await store.hold(pg, job, held, now=clock.now())
        return
    try:
        with postman.counter():
            async with db.direct() as pg:
                message = await store.begin(pg, job, held)
            if message is not None and message.state in OPEN:
                await _Sending(message, held, db, clock).run(postman, vault, public_url)
    except PostBusy:
        raise NotYet("Others are being sent.", after=clock.now() + tasks.backoff(min(held.attempts, 5))) from None


class _Sending:
    """One run with one message."""

    def __init__(self, message: Message, held: tasks.Held, db: Database, clock: Clock) -> None:
        self._message, self._held, self._db, self._clock = message, held, db, clock

    async def run(self, postman: Postman, vault: Vault, public_url: str) -> None:
        message = self._message
        if message.state is MailState.SENDING:
            await self._move(MailState.UNKNOWN, alert="mail_unknown", code=NO_ANSWER)
            return
        async with self._db.snapshot() as tx:
            letter = await compose(tx, message, vault=vault, public_url=public_url, now=self._clock.now())
        if letter is None:
            await self._move(MailState.UNNEEDED)
            return
        text_given = False
        try:
            async with postman.delivery(letter) as hand_over:
                if not await self._give_away():
                    return
                text_given = True
                try:
                    await hand_over()
                except PostUnanswered:
                    await self._move(MailState.UNKNOWN, alert="mail_unknown", code=NO_ANSWER)
                    return
                await self._arrived()
        except Rejected as refusal:
            tried = {"code": refusal.code, "attempts": message.attempts + 1}
            await self._move(MailState.FAILED, alert="mail_failed", tells=() if text_given else (Field.EMAIL,), **tried)
            await self._doubt()
        except (PutOff, PostUnanswered) as error:
            await self._wait(error.code)

    async def _give_away(self) -> bool:
        message = self._message
        async with self._db.direct() as pg:
            given = await store.give_away(pg, message, told_by(message.kind), now=self._clock.now())
        log.info("mail_moved", order_id=message.order_id, kind=message.kind, status=str(MailState.SENDING))
        return given

    async def _arrived(self) -> None:
        """An answer that arrived answers its complaint (C13), which is more than one statement."""
        message, now = self._message, self._clock.now()
        if message.kind is MailKind.COMPLAINT_ANSWERED:
            await self._move(MailState.SENT, sent_at=now, attempts=message.attempts + 1, code=None)
            return
        async with self._db.direct() as pg:
            await store.arrived(pg, message, self._held, now=now)
        log.info("mail_moved", order_id=message.order_id, kind=message.kind, status=str(MailState.SENT))

    async def _move(
        self, state: MailState, *, alert: str | None = None, tells: Collection[Field] = (), **values: Any
    ) -> bool:
        """Record at once, whoever holds the task by now: what happened to a letter is true all the same.

        `tells` is what the mail server learns of the person by it (C10).
        """
        message, now = self._message, self._clock.now()
        async with self._db.transaction() as tx:
            moved = await store.move(tx, message.id, state, **values)
            if moved and alert:
                await tasks.raise_alert(tx, alert, str(message.id), now=now)
            answers = moved and state is MailState.SENT and message.kind is MailKind.COMPLAINT_ANSWERED
            if answers and not await store.returned(tx, message.id):
                # From now on the complaint is answered (C13).
                await complaints.answer_sent(tx, UUID(message.occasion), now=now)
            if moved and state is MailState.SENT:
                # It flows again, and what became of this one is known after all.
                await close_kinds(tx, ["mail_away"], now=now)
                await close_alerts(tx, "mail_unknown", [str(message.id)], now=now)
                await tasks.finish_fact(tx, self._held, now=now)
            if moved and tells:
                about = {"recipient": Recipient.MAIL, "ground": Ground.LETTER, "reference": message.id}
                await disclose(tx, message.person_id, fields=tells, **about, now=now)
        log.info("mail_moved", order_id=message.order_id, kind=message.kind, status=str(state))
        return moved

    async def _doubt(self) -> None:
        """An address that takes no mail may not be right any more: its owner is asked in their account (C7)."""
        message = self._message
        if message.customer_id is None or message.kind is MailKind.EMAIL_CHANGED:
            return
        async with self._db.transaction() as tx:
            now = self._clock.now()
            await customers.raise_check(tx, message.customer_id, CheckWhy.MAIL_FAILED, now=now)

    async def _wait(self, code: str) -> None:
        message, now = self._message, self._clock.now()
        if message.expired(now):
            await self._move(MailState.FAILED, alert="mail_failed", code=code)
            return
        async with self._db.transaction() as tx:
            await store.move(tx, message.id, MailState.WAITING)
            await store.count_try(tx, message.id, code)
            if message.overdue(now):
                await tasks.raise_alert(tx, "mail_away", "mail server", now=now)
        raise NotYet("The mail server is asked again.", after=self._again(now))

    def _again(self, now: datetime) -> datetime:
        return now + tasks.backoff(self._message.attempts + 1)
