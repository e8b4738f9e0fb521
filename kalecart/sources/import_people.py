"""Somebody wants to bring in a sheet of people: without consent on every line it is refused whole, and sealed (C4)."""

from typing import Final

from kalecart.clock import Clock, shop_date
from kalecart.database import Database
from kalecart.errors import Refused
from kalecart.ids import new_id
from kalecart.sources.people_sheet import DAY, SOURCE, lines_without_consent
from kalecart.sources.record import Received, record_source
from kalecart.sources.source import Channel, SourceId
from kalecart.vault import Vault

NAMED_MAX: Final = 10


class ConsentMissing(Refused):
    """This list does not say that its people agreed."""


class OwnSignUp(Refused):
    """People open their accounts themselves."""


async def import_people(content: bytes, *, sender: str, db: Database, vault: Vault, clock: Clock) -> None:
    """Never makes a customer: either raises ConsentMissing, with the list in quarantine and its sender told to stop, or
    OwnSignUp, with nothing kept. Raises Invalid where the sender is no address or the list is too large.
    """
    now = clock.now()
    lacking = lines_without_consent(content, today=shop_date(now))
    if not lacking:
        raise OwnSignUp("Every line says where consent comes from. Invite them: an account takes their own words.")
    asked = Received(
        id=SourceId(new_id()), channel=Channel.IMPORT.value, sender=sender, received_at=now, content=content
    )
    await record_source(asked, by=None, db=db, vault=vault, clock=clock)
    lines = ", ".join(str(line) for line in lacking[:NAMED_MAX]) + ("…" if len(lacking) > NAMED_MAX else "")
    raise ConsentMissing(f"Without {SOURCE} and {DAY}: line {lines}. It is sealed unread; delete your copy.")
