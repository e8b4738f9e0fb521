"""The outbox: what the shop wrote to its customers, as staff see it. Carries no personal data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.database import Tx
from kalecart.errors import NotFound
from kalecart.ids import OrderId
from kalecart.jobs import MailKind
from kalecart.mail.message import MailState, Message
from kalecart.mail.store import message_of
from kalecart.mail.tables import mail

OUTBOX_PAGE: Final = 50


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One message in the outbox. `order_number` is what it is about, where that is an order."""

    id: UUID
    kind: MailKind
    state: MailState
    order_id: OrderId | None
    order_number: str | None
    attempts: int
    code: str | None
    due_at: datetime
    sent_at: datetime | None
    returned_at: datetime | None
    return_code: str | None


# Ids grow with time, so the newest message has the greatest.
_POSTED: Final = """
    SELECT m.id, m.kind, m.state, m.order_id, o.number AS order_number, m.attempts, m.code, m.due_at, m.sent_at,
           m.returned_at, m.return_code
      FROM mail AS m LEFT JOIN customer_order AS o ON o.id = m.order_id
"""
_ONE: Final = sa.text(f"{_POSTED} WHERE m.id = :id").bindparams(sa.bindparam("id", type_=sa.Uuid))


async def outbox(
    tx: Tx,
    *,
    state: MailState | None = None,
    returned: bool = False,
    before: UUID | None = None,
    limit: int = OUTBOX_PAGE,
) -> Sequence[Posted]:
    """Messages, newest first, `returned` only those that came back. `before` is the last id of the page before."""
    # Conditions are written into the statement: the index of the few that need somebody serves constants only.
    conditions = [f"m.state = '{state.value}'"] if state else []
    conditions += ["m.returned_at IS NOT NULL"] if returned else []
    conditions += ["m.id < :before"] if before else []
    which = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    found = sa.text(f"{_POSTED} {which} ORDER BY m.id DESC LIMIT :most")  # names and states of our own
    bounds = {"most": limit} | ({"before": before} if before else {})
    if before:
        found = found.bindparams(sa.bindparam("before", type_=sa.Uuid))
    return [_posted(row) for row in (await tx.execute(found, bounds)).mappings()]


async def posted(tx: Tx, message_id: UUID) -> Posted:
    """One message as the outbox shows it. Raises NotFound."""
    row = (await tx.execute(_ONE, {"id": message_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such message.")
    return _posted(row)


def _posted(row: Any) -> Posted:
    facts: dict[str, Any] = {**row, "kind": MailKind(row["kind"]), "state": MailState(row["state"])}
    return Posted(**facts)


async def message(tx: Tx, message_id: UUID) -> Message:
    """One message as a verb takes it. Raises NotFound."""
    row = (await tx.execute(sa.select(mail).where(mail.c.id == message_id))).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such message.")
    return message_of(row)
