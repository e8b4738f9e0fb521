"""Give somebody who works here a log-in and a role (C8)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from kalecart.clock import Clock
from kalecart.customers.contact import email_key, parse_email, parse_name
from kalecart.customers.password_rules import parse_password
from kalecart.customers.passwords import hash_password
from kalecart.customers.problems import Problems
from kalecart.database import ConstraintBroken, Database
from kalecart.errors import Conflict
from kalecart.ids import StaffId, new_id
from kalecart.staff import store
from kalecart.staff.designation import ADMINISTRATOR, Designation, Scope
from kalecart.staff.rights import Role
from kalecart.vault import Place, Vault, make_key


class StaffKnown(Conflict):
    """There is a member of staff with this e-mail address."""


@dataclass(frozen=True, kw_only=True)
class NewStaff:
    name: str
    email: str
    password: str
    role: Role

    def __repr__(self) -> str:
        return "NewStaff(***)"


async def add_staff(asked: NewStaff, *, db: Database, vault: Vault, clock: Clock) -> StaffId:
    """Add a member of staff; a privacy administrator is designated for all of it (C10).

    Raises Invalid with every field's problem at once, and StaffKnown.
    """
    parsed = _parse(asked)
    password_hash = await hash_password(parsed.password)
    staff_id = StaffId(new_id())
    now = clock.now()
    try:
        async with db.transaction() as tx:
            key = await make_key(tx, staff_id, vault, now=now)
            await store.add(
                tx,
                staff_id,
                email_sealed=key.seal(parsed.email, Place("staff", "email_sealed", staff_id)),
                email_index=vault.blind_index("email", email_key(parsed.email)),
                name_sealed=key.seal(parsed.name, Place("staff", "name_sealed", staff_id)),
                password_hash=password_hash,
                role=parsed.role.value,
                joined_at=now,
            )
            if parsed.role is ADMINISTRATOR:
                await store.designate(tx, _everything(staff_id, now), by=None, now=now)
    except ConstraintBroken as error:
        if error.constraint == "staff_email_once":
            raise StaffKnown("Nothing was changed.") from None
        raise
    return staff_id


def _everything(staff_id: StaffId, now: datetime) -> list[Designation]:
    return [Designation(id=new_id(), staff_id=staff_id, scope=scope, starts_at=now) for scope in Scope]


def _parse(asked: NewStaff) -> NewStaff:
    problems = Problems()
    name = problems.take("/name", parse_name, asked.name, instead="")
    email = problems.take("/email", parse_email, asked.email, instead="")
    strong = partial(parse_password, email=email or asked.email, name=name or asked.name)
    password = problems.take("/password", strong, asked.password, instead="")
    problems.raise_any()
    return NewStaff(name=name, email=email, password=password, role=asked.role)
