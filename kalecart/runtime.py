"""What a process is made of, wired once and in sight."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kalecart.clock import Clock, SystemClock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.inbound.folder import FolderMailbox
from kalecart.inbound.imap import ImapMailbox
from kalecart.inbound.mailbox import Mailbox
from kalecart.inbound.read_mail import Addresses
from kalecart.mail.post import Postman
from kalecart.mail.smtp import SmtpPostman
from kalecart.master_keys import FileKeyProvider
from kalecart.payments.pace import Pace
from kalecart.payments.stripe import StripeGateway
from kalecart.policy.contact import CONTACT
from kalecart.restores import refuse_the_risen, refuse_unreplayed
from kalecart.settings import GroundSettings, Settings
from kalecart.stones_file import read_stones
from kalecart.vault import Vault, open_vault


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What every process stands on: enough to take tasks and perform those that open nothing and ask nobody."""

    db: Database
    clock: Clock
    dispatcher: Dispatcher
    settings: GroundSettings


@dataclass(frozen=True, kw_only=True)
class Runtime(Ground):
    """The resources verbs are given one by one; only shells hold the whole."""

    settings: Settings
    vault: Vault
    gateway: StripeGateway
    # None where no mail server is set up: messages are held then.
    postman: Postman | None = None
    # None where nothing is read.
    mailbox: Mailbox | None = None

    @property
    def ours(self) -> Addresses:
        sender = parseaddr(self.settings.mail_from)[1]
        complaints = self.settings.complaints_address or CONTACT.email
        return Addresses(sender=sender.lower(), complaints=complaints.lower())


@asynccontextmanager
async def open_ground(settings: GroundSettings, *, process: str, clock: Clock | None = None) -> AsyncGenerator[Ground]:
    """For a process that holds neither the master key nor one of Stripe's. Raises MustNotStart and Unavailable."""
    db, dispatcher = _stores(settings, process)
    try:
        await refuse_unreplayed(db)
        dispatcher.start()
        yield Ground(db=db, clock=clock or SystemClock(), dispatcher=dispatcher, settings=settings)
    finally:
        await dispatcher.close()
        await db.close()


@asynccontextmanager
async def open_runtime(settings: Settings, *, process: str, clock: Clock | None = None) -> AsyncGenerator[Runtime]:
    """Open everything a process needs and close it in reverse. Raises MustNotStart and Unavailable."""
    db, dispatcher = _stores(settings, process)
    try:
        await refuse_the_risen(db, [stone.person_id for stone in read_stones(settings.tombstone_file)])
        vault = await open_vault(db, FileKeyProvider(settings.master_key_file))
        dispatcher.start()
        async with open_gateway(settings) as gateway:
            yield Runtime(
                db=db,
                clock=clock or SystemClock(),
                vault=vault,
                gateway=gateway,
                dispatcher=dispatcher,
                settings=settings,
                postman=_postman(settings),
                mailbox=_mailbox(settings),
            )
    finally:
        await dispatcher.close()
        await db.close()


def _stores(settings: GroundSettings, process: str) -> tuple[Database, Dispatcher]:
    db = Database(
        settings.database_url.get_secret_value(),
        pool_size_max=settings.pool_size_max,
        application=f"kalecart {process}",
    )
    return db, Dispatcher(settings.valkey_url.get_secret_value())


@asynccontextmanager
async def open_gateway(settings: Settings) -> AsyncGenerator[StripeGateway]:
    """Stripe, asked no faster than all processes together may."""
    valkey_url = settings.valkey_url.get_secret_value()
    async with (
        Pace.open(settings.stripe_pace, valkey_url=valkey_url) as pace,
        StripeGateway.open(
            settings.stripe_secret_key.get_secret_value(),
            api_base=settings.stripe_api_base,
            webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
            shop_url=settings.public_url,
            pace=pace,
        ) as gateway,
    ):
        yield gateway


def _postman(settings: Settings) -> Postman | None:
    url = settings.smtp_url.get_secret_value()
    return SmtpPostman(url, sender=settings.mail_from) if url else None


def _mailbox(settings: Settings) -> Mailbox | None:
    url = settings.inbound_mail_url.get_secret_value()
    if not url:
        return None
    place = urlsplit(url)
    return FolderMailbox(Path(unquote(place.path))) if place.scheme == "file" else ImapMailbox(url)
