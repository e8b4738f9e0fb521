"""Somebody at a desk of the office, who logs in at the console over the log-in of the web."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from kalecart.accounts.log_in import LogIn
from kalecart.chance import token_hash
from kalecart.mail_kinds import MailKind
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.add_key import add_key, ask_for_new_key
from kalecart.staff.ceremony import Site
from kalecart.staff.enter import StaffEntered
from kalecart.staff.log_in import SecondStepNeeded, log_in_staff
from kalecart.staff.log_in_code import log_in_with_code
from kalecart.staff.log_in_key import ask_for_key, log_in_with_key
from kalecart.staff.member import StaffMember
from kalecart.staff.one_time_code import code_of, step_at
from kalecart.staff.reads import who
from kalecart.staff.reads_factors import Factors, factors
from kalecart.staff.rights import Role
from kalecart.staff.set_code import begin_code, confirm_code
from tests.authenticator import Authenticator
from tests.people import PASSWORD, Door, a_visit

SITE = Site(rp_id="shop.example", origin="https://shop.example")


@dataclass(kw_only=True)
class Office:
    """Somebody at the console, with the rights the web has and no more."""

    door: Door
    maya: StaffMember
    secret: str = ""

    @property
    def own(self) -> dict[str, Any]:
        return self.door.verbs | {"by": self.maya}

    @property
    def bare(self) -> dict[str, Any]:
        return {"db": self.door.db, "clock": self.door.clock}

    @property
    def counted(self) -> dict[str, Any]:
        return self.bare | {"by": self.maya, "allowances": self.door.allowances}

    async def enters(self, password: str = PASSWORD) -> StaffEntered:
        asked = LogIn(email="maya@example.com", password=password)
        return await log_in_staff(asked, a_visit(), **self.door.verbs)  # ty: ignore[invalid-argument-type]

    async def first_step(self) -> str:
        with pytest.raises(SecondStepNeeded) as asked:
            await self.enters()
        return asked.value.step

    async def second_step(self, step: str, typed: str) -> StaffEntered:
        return await log_in_with_code(step, typed, a_visit(), **self.door.verbs)  # ty: ignore[invalid-argument-type]

    def code(self, *, away: int = 0) -> str:
        return code_of(self.secret, step_at(self.door.clock.now()) + away)

    async def sets_code(self) -> Sequence[str]:
        told = await begin_code(PASSWORD, **self.own)
        self.secret = told.secret.replace(" ", "")
        return await confirm_code(self.code(), **self.own)

    async def adds_key(self, device: Authenticator, name: str = "Blue phone") -> Sequence[str]:
        asked = await ask_for_new_key(PASSWORD, site=SITE, **self.own)
        given = self.bare | {"by": self.maya, "vault": self.door.vault}
        return await add_key(device.makes(asked), name, site=SITE, **given)

    async def question(self) -> str:
        return await ask_for_key(a_visit(), site=SITE, **self.door.verbs)  # ty: ignore[invalid-argument-type]

    async def answers(self, sent: str) -> StaffEntered:
        return await log_in_with_key(sent, a_visit(), site=SITE, **self.bare)

    async def inside(self, token: str, *, needed: bool = False) -> StaffMember | None:
        async with self.door.db.direct() as pg:
            return await who(pg, token_hash(token), self.door.clock.now(), second_factor=needed)

    async def has(self) -> Factors:
        async with self.door.db.snapshot() as tx:
            return await factors(tx, self.maya.id)

    async def told(self) -> list[str]:
        """What letters were promised about, the first first."""
        async with self.door.db.direct() as pg:
            rows = await pg.fetch("SELECT arguments FROM task WHERE topic = 'send_mail' ORDER BY id")
        return [str(row["arguments"]) for row in rows if MailKind.LOG_IN_CHANGED in str(row["arguments"])]


async def hired(door: Door, name: str, role: Role) -> StaffMember:
    new = NewStaff(name=name, email=f"{name.split(maxsplit=1)[0].lower()}@example.com", password=PASSWORD, role=role)
    return StaffMember(id=await add_staff(new, db=door.db, vault=door.vault, clock=door.clock), role=role)


def a_device(**but: Any) -> Authenticator:
    return Authenticator(**({"origin": SITE.origin} | but))
