"""Add a passkey to one's own log-in: the password once more, then what the device made."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from kalecart.allowances import Allowances
from kalecart.chance import new_token, token_hash
from kalecart.clock import Clock
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Conflict
from kalecart.ids import new_id
from kalecart.staff import store_factors
from kalecart.staff.ceremony import Answer, KeyRefused, Site, to_make
from kalecart.staff.member import StaffMember
from kalecart.staff.note import Change, note
from kalecart.staff.prove import prove_staff
from kalecart.staff.proven import proven
from kalecart.staff.reads import name_of
from kalecart.staff.reads_factors import credential_ids, factors
from kalecart.staff.session import Proof
from kalecart.staff.still_here import still_here
from kalecart.vault import Place, Vault, key_of

ADDED: Final = "key_added"
WITHIN: Final = timedelta(minutes=5)
KEYS_MAX: Final = 10
NAME_LENGTH_MAX: Final = 60
UNNAMED: Final = "Passkey"


class KeyKnown(Conflict):
    """This passkey was added before."""


class EnoughKeys(Conflict):
    """You have as many passkeys as one person may."""


async def ask_for_new_key(
    password: str, *, by: StaffMember, site: Site, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> str:
    """What the browser asks a device, as JSON. Raises Invalid at `/password`, TooManyTries, and EnoughKeys."""
    await prove_staff(by.id, password, field="/password", db=db, allowances=allowances)
    challenge = new_token()
    async with db.transaction() as tx:
        known = await credential_ids(tx, by.id)
        if len(known) >= KEYS_MAX:
            raise EnoughKeys("Remove one that you do not use first.")
        name = await name_of(tx, by.id, vault)
        await store_factors.ask(tx, token_hash(challenge), ADDED, by.id, expires_at=clock.now() + WITHIN)
    return to_make(site, challenge, staff_id=by.id, name=name, known=known)


async def add_key(
    sent: str, name: str, *, by: StaffMember, site: Site, db: Database, vault: Vault, clock: Clock
) -> Sequence[str]:
    """Returns recovery codes where it is the first thing beside the password; nothing otherwise. The other log-ins of
    this person that brought a password only end. Raises KeyRefused, KeyKnown, and LogInEnded.
    """
    answer, now, key_id = Answer.read(sent), clock.now(), new_id()
    async with db.transaction() as tx:
        asked = await store_factors.answered(tx, token_hash(answer.challenge), ADDED, now=now, by=by.id)
    if not asked:
        raise KeyRefused("Try again: what was asked is too old.")
    made = answer.made(site)
    name = " ".join(name.split())[:NAME_LENGTH_MAX] or UNNAMED
    try:
        async with db.transaction() as tx:
            await still_here(tx, by)
            first = not (await factors(tx, by.id)).any
            sealed = (await key_of(tx, by.id, vault)).seal(name, Place("staff_key", "name_sealed", key_id))
            await store_factors.add_key(tx, key_id, by.id, made, name_sealed=sealed, now=now)
            await note(tx, Change.KEY_ADDED, by.id, by=by.id, now=now, thing=key_id)
            return await proven(tx, by, Proof.PASSKEY, first=first, vault=vault, now=now)
    except ConstraintBroken as error:
        if error.constraint == "staff_key_once":
            raise KeyKnown("It is in your list, or in somebody else's.") from None
        raise
