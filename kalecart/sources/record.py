"""Record that somebody sent personal information without consent: seal it unread, tell them to stop (C4)."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kalecart import audit, tasks
from kalecart.clock import Clock
from kalecart.correspondents import store as correspondents
from kalecart.customers.contact import parse_email
from kalecart.customers.problems import Problems
from kalecart.database import ConstraintBroken, Database, Tx
from kalecart.errors import Invalid
from kalecart.ids import CorrespondentId, StaffId
from kalecart.jobs import MailKind, SendMail
from kalecart.sources import store
from kalecart.sources.source import CONTENT_BYTES_MAX, HELD, Channel, SourceId, Unconsented
from kalecart.staff import reads as staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.vault import Place, Vault, make_key


@dataclass(frozen=True, kw_only=True)
class Received:
    """What came. `id` is made with the form, so that pressing twice records it once; `sender` is an e-mail address, or
    empty where nobody knows who it was.
    """

    id: SourceId
    channel: str
    sender: str
    received_at: datetime | None
    content: bytes = field(repr=False, default=b"")

    def __repr__(self) -> str:
        return f"Received({self.id})"


async def record_source(
    asked: Received,
    *,
    by: StaffMember | None,
    db: Database,
    vault: Vault,
    clock: Clock,
    held: timedelta = HELD,
) -> SourceId:
    """Quarantine it with a key of its own, and promise the sender's notice, once for each sender; whoever was told and
    sends again is brought before the manager. `by` is None where the shop itself refused an import.

    Raises RoleForbids, and Invalid with every field's problem at once.
    """
    if by is not None:
        by.require("sources:record")
    now = clock.now()
    channel, sender, received_at = _parse(asked, now)
    try:
        async with db.transaction() as tx:
            sender_id, before = await _sender(tx, sender, vault, now)
            source = Unconsented(
                id=asked.id,
                channel=channel,
                sender_id=sender_id,
                received_at=received_at,
                recorded_at=now,
                size_bytes=len(asked.content),
                destroy_by=now + held,
                destroyed_at=None,
            )
            await store.add(tx, source, recorded_by=by.id if by else None, content=await _sealed(tx, asked, vault, now))
            await _tell(tx, source, before, now)
            await _on_record(tx, source, by)
    except ConstraintBroken as error:
        # The same form, sent again.
        if error.constraint not in {"unconsented_source_pk", "data_key_pk"}:
            raise
        await _require_same(asked, channel, sender, db=db, vault=vault, now=now)
    return asked.id


async def _require_same(
    asked: Received, channel: Channel, sender: str | None, *, db: Database, vault: Vault, now: datetime
) -> None:
    """Whoever goes back to a form that was sent, and sends it with something else, has not pressed twice."""
    async with db.transaction() as tx:
        sender_id, _ = await _sender(tx, sender, vault, now)
        if await store.recorded(tx, asked.id) != (channel, sender_id, len(asked.content)):
            raise Invalid({"/content": "This form was sent before, with something else. Send this one again."})


def _parse(asked: Received, now: datetime) -> tuple[Channel, str | None, datetime]:
    problems = Problems()
    if asked.channel not in set(Channel):
        problems.refuse("/channel", "Say how it came.")
    sender = problems.take("/sender", parse_email, asked.sender, instead="") if asked.sender.strip() else None
    if asked.received_at is None or asked.received_at > now:
        problems.refuse("/received", "Enter the day it came, today or before.")
    if len(asked.content) > CONTENT_BYTES_MAX:
        problems.refuse(
            "/content", f"It may have up to {CONTENT_BYTES_MAX // 1024 // 1024} MB. Destroy the rest unread."
        )
    problems.raise_any()
    return Channel(asked.channel), sender, asked.received_at or now


async def _sender(tx: Tx, email: str | None, vault: Vault, now: datetime) -> tuple[CorrespondentId | None, int]:
    """Who sent it and how often they did before; two of one sender at once wait for each other in `keep`."""
    if email is None:
        return None, 0
    sender_id = await correspondents.keep(tx, email, source="unconsented_source", vault=vault, now=now)
    return sender_id, await store.sent_before(tx, sender_id)


async def _sealed(tx: Tx, asked: Received, vault: Vault, now: datetime) -> bytes | None:
    if await store.is_anothers(tx, asked.id):
        raise Invalid({"/id": "This number is taken. Make a new one."})
    if not asked.content:
        return None
    key = await make_key(tx, asked.id, vault, now=now)
    return key.seal(base64.b64encode(asked.content).decode(), Place("quarantine", "content", asked.id))


async def _tell(tx: Tx, source: Unconsented, before: int, now: datetime) -> None:
    if source.sender_id is None:
        return
    letters = [SendMail(kind=MailKind.CEASE_NOTICE, subject=source.sender_id)]
    if before:
        managers: list[StaffId] = await staff.of_role(tx, Role.MANAGER)
        letters += [
            SendMail(kind=MailKind.REPEAT_SENDER, subject=manager, occasion=str(source.id)) for manager in managers
        ]
        await tasks.raise_alert(tx, "repeat_sender", str(source.sender_id), now=now)
    await tasks.promise_each(tx, letters, now=now)


async def _on_record(tx: Tx, source: Unconsented, by: StaffMember | None) -> None:
    actor = audit.by_staff(by.id) if by else audit.SHOP
    subject, detail = ("unconsented_source", source.id), {"kind": source.channel.value}
    await audit.record(tx, "source_recorded", by=actor, subject=subject, now=source.recorded_at, detail=detail)
