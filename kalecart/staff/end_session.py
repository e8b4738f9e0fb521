"""End log-ins of one's own: one that was left open somewhere, or all but this."""

from uuid import UUID

from kalecart.database import Database
from kalecart.staff import store_factors
from kalecart.staff.member import StaffMember


async def end_session(session_id: UUID, *, by: StaffMember, db: Database) -> None:
    """Doing it twice changes nothing, and so does naming somebody else's."""
    async with db.transaction() as tx:
        await store_factors.end_session_of(tx, by.id, session_id)


async def end_others(*, by: StaffMember, db: Database) -> None:
    """All but the one this is asked in."""
    assert by.session is not None
    async with db.transaction() as tx:
        await store_factors.end_other_sessions(tx, by.id, by.session.id)
