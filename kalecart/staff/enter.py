"""Let somebody in at the console who proved who they are: a new session, and the one before it ends."""

from dataclasses import dataclass
from datetime import datetime

from kalecart.accounts.log_in import WrongLogIn
from kalecart.accounts.visit import Visit
from kalecart.chance import new_token, token_hash
from kalecart.database import Tx
from kalecart.staff import store
from kalecart.staff.member import StaffMember
from kalecart.staff.session import STAFF_SESSION_TTL, Proof
from kalecart.staff.store import StaffCredentials


@dataclass(frozen=True, kw_only=True)
class StaffEntered:
    """Who came in, and the token for their cookie."""

    member: StaffMember
    session_token: str


async def enter(tx: Tx, verified: StaffCredentials, visit: Visit, proof: Proof, *, now: datetime) -> StaffEntered:
    """Raises WrongLogIn where the password changed, or they left, while it was being checked."""
    token = new_token()
    if visit.session_token:
        await store.end_session(tx, token_hash(visit.session_token))
    until = now + STAFF_SESSION_TTL
    if not await store.start_session(tx, token_hash(token), verified=verified, proof=proof, now=now, expires_at=until):
        raise wrong()
    return StaffEntered(member=StaffMember(id=verified.id, role=verified.role), session_token=token)


def wrong() -> WrongLogIn:
    return WrongLogIn("Check both and try again.")
