"""The second step of a log-in: a one-time code, or one of the recovery codes, after the password."""

from typing import Final

from kalecart.accounts.visit import Visit
from kalecart.allowances import Allowance, Allowances
from kalecart.chance import token_hash
from kalecart.clock import Clock
from kalecart.database import Database, Tx
from kalecart.errors import Refused
from kalecart.ids import StaffId
from kalecart.staff import store, store_factors
from kalecart.staff.enter import StaffEntered, enter
from kalecart.staff.log_in import CODE
from kalecart.staff.note import Change, note
from kalecart.staff.one_time_code import matched
from kalecart.staff.recovery import fingerprint
from kalecart.staff.session import Proof
from kalecart.vault import Place, Vault, key_of

# A million codes, three of them good at a time: so many tries a day leave a guesser about one chance in seven thousand.
PER_MEMBER: Final = (
    Allowance(kind="staff_code_minute", tries=5, seconds=60),
    Allowance(kind="staff_code_hour", tries=20, seconds=3600),
    Allowance(kind="staff_code_day", tries=50, seconds=86_400),
)


class WrongCode(Refused):
    """This code is not good, or no longer."""


class StepOver(Refused):
    """The first step was too long ago."""


async def log_in_with_code(
    step: str, typed: str, visit: Visit, *, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> StaffEntered:
    """Raises StepOver where the password has to be typed again, WrongCode, and TooManyTries."""
    now = clock.now()
    async with db.transaction() as tx:
        staff_id = await store_factors.asked(tx, token_hash(step), CODE, now=now)
    if staff_id is None:
        raise _over()
    await allowances.spend(PER_MEMBER, staff_id.bytes)
    async with db.transaction() as tx:
        await store.lock_member(tx, staff_id)
        verified = await store.credentials_of(tx, staff_id)
        proof = await _proof(tx, staff_id, typed, vault=vault, clock=clock)
        if proof is None:
            raise WrongCode("Type the one your app shows now. Each is good once.")
        if verified is None or not await store_factors.answered(tx, token_hash(step), CODE, now=now, by=staff_id):
            raise _over()
        entered = await enter(tx, verified, visit, proof, now=now)
    await allowances.restore(PER_MEMBER, staff_id.bytes)
    return entered


async def _proof(tx: Tx, staff_id: StaffId, typed: str, *, vault: Vault, clock: Clock) -> Proof | None:
    """What the code was, used up."""
    now = clock.now()
    if (kept := await store_factors.code(tx, staff_id)) is not None:
        place = Place("staff_code", "secret_sealed", kept.id)
        secret = (await key_of(tx, staff_id, vault)).open(kept.secret_sealed, place)
        found = matched(secret, typed, now=now, last_step=kept.last_step)
        if found is not None and await store_factors.use_code(tx, kept.id, found):
            return Proof.CODE
    if await store_factors.use_recovery(tx, staff_id, fingerprint(staff_id, typed, vault)):
        await note(tx, Change.RECOVERY_USED, staff_id, by=staff_id, now=now)
        return Proof.RECOVERY
    return None


def _over() -> StepOver:
    return StepOver("Log in again from the start.")
