"""What a process is made of, wired once and in sight."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kalecart.clock import Clock, SystemClock
from kalecart.database import Database
from kalecart.dispatch import Dispatcher
from kalecart.mail.post import Postman
from kalecart.mail.smtp import SmtpPostman
from kalecart.master_keys import FileKeyProvider
from kalecart.payments.pace import Pace
from kalecart.payments.stripe import StripeGateway
from kalecart.restores import refuse_the_risen
from kalecart.settings import Settings
from kalecart.stones_file import read_stones
from kalecart.vault import Vault, open_vault


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The resources verbs are given one by one; only shells hold the whole."""

    db: Database
    clock: Clock
    vault: Vault
    gateway: StripeGateway
    dispatcher: Dispatcher
    settings: Settings
    # None where no mail server is set up: messages are held then.
    postman: Postman | None = None


@asynccontextmanager
async def open_runtime(settings: Settings, *, process: str, clock: Clock | None = None) -> AsyncGenerator[Runtime]:
    """Open everything a process needs and close it in reverse. Raises MustNotStart and Unavailable."""
    db = Database(
        settings.database_url.get_secret_value(),
        pool_size_max=settings.pool_size_max,
        application=f"kalecart {process}",
    )
    dispatcher = Dispatcher(settings.valkey_url.get_secret_value())
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
            )
    finally:
        await dispatcher.close()
        await db.close()


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
