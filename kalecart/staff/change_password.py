"""Change one's own password at the console: every other log-in ends."""

from functools import partial

from kalecart.allowances import Allowances
from kalecart.clock import Clock
from kalecart.customers.password_rules import parse_password
from kalecart.customers.passwords import hash_password
from kalecart.customers.problems import Problems
from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.staff import reads, store, store_factors
from kalecart.staff.member import StaffMember
from kalecart.staff.note import Change, note
from kalecart.staff.prove import prove_staff
from kalecart.staff.still_here import still_here
from kalecart.vault import Vault


async def change_staff_password(
    current: str, new: str, *, by: StaffMember, db: Database, vault: Vault, clock: Clock, allowances: Allowances
) -> None:
    """Raises Invalid with every field's problem, TooManyTries, and LogInEnded."""
    async with db.transaction() as tx:
        whose = await reads.reach_of(tx, by.id, vault)
        kept = await store.credentials_of(tx, by.id)
    problems = Problems()
    strong = partial(parse_password, email=whose.email, name=whose.name)
    password = problems.take("/new_password", strong, new, instead="")
    problems.raise_any()
    await prove_staff(by.id, current, field="/current_password", db=db, allowances=allowances)
    hashed = await hash_password(password)
    async with db.transaction() as tx:
        await still_here(tx, by)
        if kept is None or not await store_factors.change_password(tx, by.id, hashed, before=kept.password_hash):
            raise Invalid({"/current_password": "It was changed a moment ago."})
        await store_factors.forget_asked(tx, by.id)
        if by.session is None:
            await store.end_sessions(tx, by.id)
        else:
            await store_factors.end_other_sessions(tx, by.id, by.session.id)
        await note(tx, Change.PASSWORD_CHANGED, by.id, by=by.id, now=clock.now())
