"""Have an app make one-time codes for one's own log-in: a secret, and the first code that proves the app has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kalecart.allowances import Allowance, Allowances
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.ids import new_id
from kalecart.staff import store_factors
from kalecart.staff.member import StaffMember
from kalecart.staff.note import Change, note
from kalecart.staff.one_time_code import address_for_app, in_groups, matched, new_secret
from kalecart.staff.prove import prove_staff
from kalecart.staff.proven import proven
from kalecart.staff.reads import name_of
from kalecart.staff.reads_factors import factors
from kalecart.staff.session import Proof
from kalecart.staff.still_here import still_here
from kalecart.vault import Place, Vault, key_of

WITHIN: Final = timedelta(minutes=30)
PER_MEMBER: Final = (Allowance(kind="staff_code_set", tries=10, seconds=60),)
WRONG: Final = "This is not the code your app shows now. Look that the clock of your phone is right, and type the next."


@dataclass(frozen=True, kw_only=True)
class NewSecret:
    """Shown once. `secret` is what a person types into the app, `address` what the app opens."""

    secret: str
    address: str

    def __repr__(self) -> str:
        return "NewSecret(***)"


async def begin_code(
    password: str, *, by: StaffMember, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> NewSecret:
    """A secret that counts once its first code was typed. Raises Invalid at `/password`, TooManyTries,
    and LogInEnded.
    """
    await prove_staff(by.id, password, field="/password", db=db, allowances=allowances)
    secret, code_id = new_secret(), new_id()
    async with db.transaction() as tx:
        await still_here(tx, by)
        sealed = (await key_of(tx, by.id, vault)).seal(secret, Place("staff_code", "secret_sealed", code_id))
        await store_factors.lay_code(tx, code_id, by.id, secret_sealed=sealed, now=clock.now())
        name = await name_of(tx, by.id, vault)
    return NewSecret(secret=in_groups(secret), address=address_for_app(secret, whose=name))


async def confirm_code(
    typed: str, *, by: StaffMember, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> Sequence[str]:
    """From now on a log-in asks for a code; recovery codes where it is the first thing beside the password.

    Raises Invalid at `/code`, TooManyTries, and LogInEnded.
    """
    await allowances.spend(PER_MEMBER, by.id.bytes)
    now = clock.now()
    async with db.transaction() as tx:
        await still_here(tx, by)
        first = not (await factors(tx, by.id)).any
        waiting = await store_factors.code(tx, by.id, waiting=True)
        if waiting is None or now - waiting.made_at > WITHIN:
            raise Invalid({"/code": "Begin again: no app waits for its first code."})
        place = Place("staff_code", "secret_sealed", waiting.id)
        secret = (await key_of(tx, by.id, vault)).open(waiting.secret_sealed, place)
        step = matched(secret, typed, now=now, last_step=None)
        if step is None or not await store_factors.confirm_code(tx, by.id, waiting.id, step=step, now=now):
            raise Invalid({"/code": WRONG})
        await note(tx, Change.CODE_SET, by.id, by=by.id, now=now)
        return await proven(tx, by, Proof.CODE, first=first, vault=vault, now=now)
