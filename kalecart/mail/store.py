"""All SQL that changes messages."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Pg, Tx
from kalecart.disclosures import Field, Ground, Recipient
from kalecart.ids import new_id
from kalecart.jobs import SendMail
from kalecart.mail.message import MailState, Message, sources
from kalecart.mail.tables import mail
from kalecart.mail_kinds import ASKED_KINDS, PERSONAL_KINDS, MailKind
from kalecart.tasks import Held

RECIPIENTS: Final = ("customer_id", "staff_id", "correspondent_id")

# Whom a message is for, and the order it is about if there is one, found by its subject.
_NOBODY_ELSE: Final = "NULL::uuid AS staff_id, NULL::uuid AS correspondent_id"
_OF_AN_ORDER: Final = f"""
    SELECT o.customer_id, {_NOBODY_ELSE}, o.id AS order_id FROM customer_order AS o WHERE o.id = $1
"""  # noqa: S608  # names of our own
_OF_A_CARD: Final = f"""
    SELECT m.customer_id, {_NOBODY_ELSE}, NULL::uuid AS order_id FROM payment_method AS m WHERE m.id = $1
"""  # noqa: S608
_OF_A_SUSPENSION: Final = f"""
    SELECT s.customer_id, {_NOBODY_ELSE}, NULL::uuid AS order_id FROM suspension AS s WHERE s.id = $1
"""  # noqa: S608
_OF_A_CORRECTION: Final = f"""
    SELECT p.customer_id, {_NOBODY_ELSE}, NULL::uuid AS order_id FROM past_detail AS p WHERE p.id = $1
"""  # noqa: S608
_OF_A_CHECK: Final = f"""
    SELECT d.customer_id, {_NOBODY_ELSE}, NULL::uuid AS order_id FROM detail_check AS d WHERE d.id = $1
"""  # noqa: S608
_OF_A_REMINDER: Final = f"""
    SELECT r.customer_id, {_NOBODY_ELSE}, NULL::uuid AS order_id FROM survey_reminder AS r WHERE r.id = $1
"""  # noqa: S608
# Where the subject is the person: customer, member of staff, or correspondent. Who left is written to about what they
# asked of their own data, and about nothing else.
_PERSON: Final = """
    SELECT found.*, NULL::uuid AS order_id
      FROM (SELECT (SELECT id FROM customer WHERE id = $1) AS customer_id,
                   (SELECT id FROM staff WHERE id = $1 AND {still}) AS staff_id,
                   (SELECT id FROM correspondent WHERE id = $1) AS correspondent_id) AS found
     WHERE num_nonnulls(customer_id, staff_id, correspondent_id) = 1
"""
_TO_A_PERSON: Final = _PERSON.format(still="left_at IS NULL")
_TO_WHOEVER_ASKED: Final = _PERSON.format(still="true")
# What is not about an order. Everything else is.
WHOM: Final[Mapping[MailKind, str]] = (
    dict.fromkeys(MailKind, _OF_AN_ORDER)
    | {MailKind.CARD_EXPIRING: _OF_A_CARD, MailKind.DELIVERY_ENDS: _OF_A_SUSPENSION}
    | {MailKind.EMAIL_CHANGED: _OF_A_CORRECTION, MailKind.STILL_RIGHT: _OF_A_CHECK}
    | {MailKind.SURVEY_REMINDER: _OF_A_REMINDER}
    | dict.fromkeys(PERSONAL_KINDS, _TO_A_PERSON)
    | dict.fromkeys(ASKED_KINDS, _TO_WHOEVER_ASKED)
)

_WRITTEN: Final = """
    INSERT INTO mail (id, kind, subject_id, occasion, customer_id, staff_id, correspondent_id, order_id, state, due_at)
    SELECT $2, $3, $1, $4, whom.customer_id, whom.staff_id, whom.correspondent_id, whom.order_id, $5, promise.due_at
      FROM whom, promise
        ON CONFLICT (kind, subject_id, occasion) DO UPDATE SET state = CASE
               WHEN mail.state = 'waiting' THEN excluded.state ELSE mail.state END
"""
_BEGIN: Final = {
    kind: f"""
    WITH whom AS ({whom}), promise AS (SELECT due_at FROM task WHERE id = $6)
    {_WRITTEN} RETURNING *
"""  # noqa: S608  # put together from the constants above
    for kind, whom in WHOM.items()
}
_HOLD: Final = {
    kind: f"""
    WITH whom AS ({whom}), promise AS (
        UPDATE task SET state = 'done', ended_at = $8, lease = NULL, lease_until = NULL, last_error = NULL
         WHERE id = $6 AND lease = $7 AND state = 'running' RETURNING due_at
    ), written AS ({_WRITTEN})
    SELECT FROM promise
"""  # noqa: S608
    for kind, whom in WHOM.items()
}


async def begin(pg: Pg, job: SendMail, held: Held) -> Message | None:
    """The message a task asks for, written on its first run; None where nobody is there to write to."""
    row = await pg.fetchrow(_BEGIN[job.kind], *_asked(job, MailState.WAITING), held.id)
    if row is None:
        await pg.execute(_NOBODY, job.kind, job.subject, job.occasion)
    return message_of(row) if row else None


# Whoever left while the mail server was away.
_NOBODY: Final = """
    UPDATE mail SET state = 'unneeded' WHERE kind = $1 AND subject_id = $2 AND occasion = $3 AND state = 'waiting'
"""


async def hold(pg: Pg, job: SendMail, held: Held, *, now: datetime) -> None:
    """Keep a message nobody will send and end its task, in one statement: without a mail server each order costs it."""
    row = await pg.fetchrow(_HOLD[job.kind], *_asked(job, MailState.HELD), held.id, held.lease, now)
    held.finished = row is not None


def _asked(job: SendMail, state: MailState) -> tuple[Any, ...]:
    return job.subject, new_id(), job.kind, job.occasion, state


async def move(tx: Tx, message_id: UUID, state: MailState, **values: Any) -> bool:
    """Follow an arrow, compare-and-set; False where the message is somewhere else by now."""
    new = {f"new_{name}": value for name, value in values.items()}
    return (await tx.execute(_moving(state, tuple(values)), {"message": message_id, **new})).rowcount == 1


@cache
def _moving(state: MailState, names: tuple[str, ...]) -> sa.Update:
    """Built once for each arrow: every letter follows two of them."""
    mine = sa.update(mail).where(mail.c.id == sa.bindparam("message"), mail.c.state.in_(sources(state)))
    return mine.values(state=state, **{name: sa.bindparam(f"new_{name}") for name in names})


# The usual end of a letter, in two statements: most that a worker does is this. What becomes of it and what that means
# is one fact each, or neither.
_GIVE_AWAY: Final = """
    WITH given AS (
        UPDATE mail SET state = 'sending' WHERE id = $1 AND state = ANY ($2) RETURNING id
    ), told AS (
        INSERT INTO disclosure (person_id, id, recipient, fields, ground, reference, at)
        SELECT $3, $4, $5, $6, $7, id::text, $8 FROM given
    )
    SELECT id FROM given
"""
_ARRIVED: Final = """
    WITH arrived AS (
        UPDATE mail SET state = 'sent', sent_at = $3, attempts = $4, code = NULL
         WHERE id = $1 AND state = ANY ($2) RETURNING id
    ), over AS (
        UPDATE alert SET resolved_at = $3 FROM arrived
         WHERE resolved_at IS NULL AND (kind = 'mail_away' OR kind = 'mail_unknown' AND subject = arrived.id::text)
    ), done AS (
        UPDATE task SET state = 'done', ended_at = $3, lease = NULL, lease_until = NULL, last_error = NULL
          FROM arrived WHERE task.id = $5 AND task.lease = $6 AND task.state = 'running'
     RETURNING task.id
    )
    SELECT id FROM done
"""


async def give_away(pg: Pg, message: Message, told: Collection[Field], *, now: datetime) -> bool:
    """Before the mail server is given the text, with the line of what it learns by it (C10); False where the message is
    somewhere else by now."""
    line = (message.person_id, new_id(), str(Recipient.MAIL), [str(each) for each in told], str(Ground.LETTER), now)
    return await pg.fetchval(_GIVE_AWAY, message.id, sources(MailState.SENDING), *line) is not None


async def arrived(pg: Pg, message: Message, held: Held, *, now: datetime) -> None:
    """It is sent; mail flows again, what became of this one is known after all, and its task is done, unless that is
    somebody else's by now."""
    about = (message.id, sources(MailState.SENT), now, message.attempts + 1)
    held.finished = await pg.fetchval(_ARRIVED, *about, held.id, held.lease) is not None


async def count_try(tx: Tx, message_id: UUID, code: str) -> None:
    """The mail server was asked, and the message waits."""
    mine = sa.update(mail).where(mail.c.id == message_id)
    await tx.execute(mine.values(attempts=mail.c.attempts + 1, code=code))


async def came_back(tx: Tx, message_id: UUID, *, code: str | None, now: datetime) -> bool:
    """Its letter was returned; False where that is known, or where it never went out."""
    out = mail.c.state.in_([MailState.SENT, MailState.UNKNOWN])
    mine = sa.update(mail).where(mail.c.id == message_id, out, mail.c.returned_at.is_(None))
    return (await tx.execute(mine.values(returned_at=now, return_code=code))).rowcount == 1


async def returned(tx: Tx, message_id: UUID) -> bool:
    back = sa.select(mail.c.returned_at.is_not(None)).where(mail.c.id == message_id)
    return await tx.scalar(back) is True


def message_of(row: Any) -> Message:
    facts = {field: row[field] for field in ("id", "subject_id", "occasion", "order_id", "attempts", *RECIPIENTS)}
    kinds = {"kind": MailKind(row["kind"]), "state": MailState(row["state"])}
    return Message(**facts, **kinds, due_at=row["due_at"])
