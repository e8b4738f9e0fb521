"""Read what waits in the mailbox: letters that came back, complaints, replies, and what a person must look at (C12).

Each message counts once: that it was read is written in the transaction in which it has its effect, and it is taken
out of the mailbox after that. A run that dies in between leaves a message that the next one only removes.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from kalecart import controls, tasks
from kalecart.alerts import close_kinds, raise_only
from kalecart.clock import Clock
from kalecart.complaints.enter import ENTERED_AFTER_MAX
from kalecart.database import Database, Tx
from kalecart.errors import Unavailable
from kalecart.inbound import store
from kalecart.inbound.incoming import Incoming, Unreadable, read
from kalecart.inbound.mailbox import Mailbox, MailboxAway, Pile
from kalecart.inbound.outcome import Outcome
from kalecart.inbound.parcel import Parcel
from kalecart.inbound.reads import CONTROL, LOOKED_EVERY
from kalecart.inbound.take_back import take_back
from kalecart.inbound.take_in import names_one, take_in
from kalecart.policy import reads as policy
from kalecart.vault import Vault

# A flood waits in the mailbox, and everything else of the queue has its turn between.
AT_ONCE: Final = 50

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Ours, in small letters: who letters come from, and whom complaints are written to."""

    sender: str
    complaints: str

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    def for_complaints(self, message: Incoming) -> bool:
        """`complaints+anything@` is the same mailbox."""
        name, _, home = self.complaints.rpartition("@")
        to = {(who.partition("+")[0], at) for who, _, at in (each.rpartition("@") for each in message.addressed)}
        return (name, home) in to


async def read_mail(
    held: tasks.Held | None, mailbox: Mailbox | None, *, ours: Addresses, db: Database, vault: Vault, clock: Clock
) -> int:
    """Up to `AT_ONCE` messages; returns how many. A mailbox that does not answer is an alert, and asked again."""
    seen, passed = 0, True
    if mailbox is not None:
        try:
            async with mailbox.opened() as pile:
                for name in await pile.waiting(AT_ONCE):
                    await _Reading(pile, ours, db, vault, clock).take(name)
                    seen += 1
        except MailboxAway:
            passed = False
    async with db.transaction() as tx:
        if mailbox is not None:
            await _looked(tx, passed=passed, now=clock.now())
        await tasks.finish(tx, held, now=clock.now())
    return seen


async def _looked(tx: Tx, *, passed: bool, now: datetime) -> None:
    detail = "the mailbox was read" if passed else "the mailbox did not answer"
    await controls.record_sometimes(tx, CONTROL, passed=passed, detail=detail, now=now, every=LOOKED_EVERY)
    if passed:
        await close_kinds(tx, ["mailbox_away"], now=now)
    else:
        await raise_only(tx, "mailbox_away", "mailbox", now=now)


@dataclass(frozen=True)
class _Reading:
    """One message: taken, understood, kept, and only then removed."""

    pile: Pile
    ours: Addresses
    db: Database
    vault: Vault
    clock: Clock

    async def take(self, name: str) -> None:
        parcel = await self.pile.take(name)
        if parcel is None:
            return
        try:
            message = await asyncio.to_thread(read, parcel)
            outcome = await self._keep(parcel, message)
        except Unreadable:
            outcome = await self._set_aside(parcel)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  # whatever one message does, those behind it are read
            log.warning("message_not_understood", error=type(error).__name__)
            outcome = await self._set_aside(parcel)
        log.info("message_read", kind=str(outcome or "waits"), bytes=len(parcel.content))
        if outcome is Outcome.ASIDE:
            await self.pile.set_aside(name)
        elif outcome is not None:
            await self.pile.remove(name)

    async def _keep(self, parcel: Parcel, message: Incoming) -> Outcome | None:
        key_hash = self.vault.blind_index("message", message.key)
        async with self.db.transaction() as tx:
            known = await store.outcome_of(tx, key_hash)
            if known is not None:
                return known
            outcome = await self._judge(tx, parcel, message)
            if outcome is not None:
                await store.note(tx, key_hash, outcome, now=self.clock.now())
            if outcome is Outcome.ASIDE:
                await raise_only(tx, "mail_unread", "mailbox", now=self.clock.now())
            return outcome

    async def _judge(self, tx: Tx, parcel: Parcel, message: Incoming) -> Outcome | None:
        now = self.clock.now()
        if message.returned is not None:
            return await take_back(tx, message.returned, domain=self.ours.domain, vault=self.vault, now=now)
        if message.automatic:
            return Outcome.AUTOMATIC
        writer = message.sender.lower()
        if writer == self.ours.sender:
            return Outcome.OWN
        if writer == self.ours.complaints:  # whoever has the mailbox passes on what reached them elsewhere
            return Outcome.ASIDE
        # A reply goes to who our letters come from, and has a number.
        if message.from_machine or not (self.ours.for_complaints(message) or await names_one(tx, message)):
            return Outcome.ASIDE
        received_at = await _received_at(tx, parcel, message, now=now)
        return await take_in(tx, message, received_at=received_at, vault=self.vault, now=now)

    async def _set_aside(self, parcel: Parcel) -> Outcome:
        """Nobody knows what it is, so that it is known by the whole of it."""
        key_hash = self.vault.blind_index("message", hashlib.sha256(parcel.content).hexdigest())
        async with self.db.transaction() as tx:
            await store.note(tx, key_hash, Outcome.ASIDE, now=self.clock.now())
            await raise_only(tx, "mail_unread", "mailbox", now=self.clock.now())
        return Outcome.ASIDE


async def _received_at(tx: Tx, parcel: Parcel, message: Incoming, *, now: datetime) -> datetime:
    """When it reached us, and not when somebody read it (E82). What cannot be is now."""
    opened_at = await policy.first_published_at(tx) or now
    first = max(opened_at, now - ENTERED_AFTER_MAX)
    stamps = (parcel.arrived_at,) if parcel.certain else (message.received_at, parcel.arrived_at)
    return next((stamp for stamp in stamps if stamp is not None and first <= stamp <= now), now)
