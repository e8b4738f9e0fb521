"""Staff log in with a passkey and nothing else: it knows whose it is, and has asked its owner to prove it."""

from datetime import timedelta
from typing import Final

from kalecart.accounts.visit import Visit
from kalecart.allowances import Allowance, Allowances
from kalecart.chance import new_token, token_hash
from kalecart.clock import Clock
from kalecart.database import Database
from kalecart.staff import store, store_factors
from kalecart.staff.ceremony import Answer, KeyRefused, Site, to_use
from kalecart.staff.enter import StaffEntered, enter
from kalecart.staff.session import Proof
from kalecart.vault import Vault

LOG_IN: Final = "key_log_in"
WITHIN: Final = timedelta(minutes=5)
# Each is a row, asked for by anybody: so whoever asks clears away more than they leave.
CLEARED: Final = 5
PER_ORIGIN: Final = (Allowance(kind="staff_key_origin", tries=30, seconds=60),)


async def ask_for_key(
    visit: Visit, *, site: Site, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> str:
    """What the browser asks its passkeys, as JSON. Raises TooManyTries."""
    await allowances.spend(PER_ORIGIN, vault.blind_index("origin", visit.origin))
    challenge, now = new_token(), clock.now()
    async with db.transaction() as tx:
        await store_factors.let_go(tx, now=now, most=CLEARED)
        await store_factors.ask(tx, token_hash(challenge), LOG_IN, None, expires_at=now + WITHIN)
    return to_use(site, challenge)


async def log_in_with_key(sent: str, visit: Visit, *, site: Site, db: Database, clock: Clock) -> StaffEntered:
    """Raises KeyRefused, whatever is wrong with it. A challenge is used up by the first answer, right or wrong."""
    answer, now = Answer.read(sent), clock.now()
    async with db.transaction() as tx:
        asked = await store_factors.answered(tx, token_hash(answer.challenge), LOG_IN, now=now)
        known = await store_factors.key(tx, answer.credential_id)
    if not asked or known is None:
        raise KeyRefused("Try again, or choose another way to log in.")
    sign_count = answer.signed(site, known)
    async with db.transaction() as tx:
        await store.lock_member(tx, known.staff_id)
        verified = await store.credentials_of(tx, known.staff_id)
        if verified is None or not await store_factors.use_key(tx, known, sign_count=sign_count, now=now):
            raise KeyRefused("Try again, or choose another way to log in.")
        return await enter(tx, verified, visit, Proof.PASSKEY, now=now)
