"""What follows when somebody added the first thing that proves more than a password."""

from collections.abc import Sequence
from datetime import datetime

from kalecart.database import Tx
from kalecart.staff import store_factors
from kalecart.staff.member import StaffMember
from kalecart.staff.recovery import lay_recovery
from kalecart.staff.session import Proof
from kalecart.vault import Vault


async def proven(
    tx: Tx, member: StaffMember, proof: Proof, *, first: bool, vault: Vault, now: datetime
) -> Sequence[str]:
    """The log-in they did it in counts as proved, and those elsewhere end. Recovery codes, where it was the first."""
    if member.session is not None:
        await store_factors.prove_session(tx, member.session.id, proof)
        await store_factors.end_other_sessions(tx, member.id, member.session.id)
    return await lay_recovery(tx, member.id, vault=vault, now=now) if first else ()
