"""Bring delivery into line with what a person consents to: a notice before it ends, and back at once (C5)."""

from datetime import datetime, timedelta

from kalecart import tasks
from kalecart.consent import reads, store
from kalecart.consent.purpose import NECESSITIES, Purpose, delivery_needs
from kalecart.consent.suspension import Notice, takes_effect
from kalecart.customers import store as customers
from kalecart.database import Tx
from kalecart.ids import CustomerId
from kalecart.jobs import SendMail
from kalecart.mail_kinds import MailKind


async def settle(tx: Tx, customer_id: CustomerId, *, field: str | None, notice: timedelta, now: datetime) -> None:
    """After a decision, whichever it was. The caller holds the customer's row.

    A notice that stands keeps its date: refusing once more makes it neither sooner nor later.
    """
    consents = {state.purpose: state for state in await reads.consents_of(tx, customer_id)}
    needed = consents[Purpose.PAYMENT_AND_DELIVERY]
    standing = await reads.suspension_of(tx, customer_id)
    if needed.given and standing is not None:
        await store.lift(tx, customer_id, now=now)
        await customers.change(tx, customer_id, delivery_ends_at=None)
    elif not needed.given and needed.decided_at is not None and standing is None:
        await _tell(tx, customer_id, notice_of(field, notice=notice, now=now), field=field, now=now)


def notice_of(field: str | None, *, notice: timedelta, now: datetime) -> Notice:
    """What a person would be told now; about one field, or about all that delivering needs."""
    needs = [row for row in NECESSITIES if row.field == field] if field else delivery_needs()
    return Notice(needs=tuple(needs), effective_at=takes_effect(now, notice))


async def _tell(tx: Tx, customer_id: CustomerId, told: Notice, *, field: str | None, now: datetime) -> None:
    """On the page that answers, and by letter."""
    suspension_id = await store.suspend(tx, customer_id, told, field=field, now=now)
    await customers.change(tx, customer_id, delivery_ends_at=told.effective_at)
    await tasks.promise(tx, SendMail(kind=MailKind.DELIVERY_ENDS, subject=suspension_id), now=now, hinted=False)
