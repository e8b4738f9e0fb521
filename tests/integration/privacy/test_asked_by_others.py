"""Somebody else asks in one's name, and does not come between the person and what is theirs (C10, E57)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from kalecart.database import Database, Tx
from kalecart.errors import NotYet
from kalecart.privacy.fulfil import fulfil_request
from kalecart.privacy.hand_over import NoSuchPackage, hand_over_by_code
from kalecart.privacy.proofs import TRIES_MAX
from kalecart.privacy.request import Level
from kalecart.privacy.restrict import Asked, restrict
from kalecart.privacy.restriction import Ground
from kalecart.privacy.review import release
from kalecart.staff.rights import Role
from tests.askers import Asker, Stripe
from tests.integration.privacy.test_fulfil import part
from tests.integration.privacy.test_verify import KNOWN, a_member, asks, code, fulfilled, proves
from tests.people import Door


class Between:
    """A database in which something happens after a worker has read and before it keeps what it read."""

    def __init__(self, db: Database, happens: Callable[[], Awaitable[object]]) -> None:
        self._db, self._happens, self._begun = db, happens, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        self._begun += 1
        if self._begun == 2:
            await self._happens()
        async with self._db.transaction() as tx:
            yield tx


async def test_who_logs_in_gets_everything_though_somebody_who_knew_less_asked_first(door: Door) -> None:
    """The ZIP code and the phone number open what kinds there are, and must not stand in the owner's way."""
    ana = Asker(door, (await door.signs_up()).customer_id)
    first = await proves(door, await asks(door), KNOWN)
    of = {"vault": door.vault, "clock": door.clock, "gateway": Stripe()}
    with pytest.raises(NotYet):  # the kinds are read by then, and not kept
        await fulfil_request(first.id, None, db=Between(door.db, ana.asks), **of)  # ty: ignore[invalid-argument-type]

    await ana.works(first.id)

    assert (await ana.sees(first.id)).request.level is Level.SPECIFICS
    assert part(await ana.gets(first.id), "customer")[0]["name_sealed"] == "Ana Lima"


async def test_wrong_codes_typed_while_staff_look_at_a_package_use_up_nothing_of_the_persons(door: Door) -> None:
    ana, admin = (await door.signs_up()).customer_id, await a_member(door, Role.PRIVACY)
    request, of = await asks(door), {"db": door.db, "vault": door.vault, "clock": door.clock}
    await proves(door, request, replace(KNOWN, code=await code(door, request, ana)))
    kept_back = Asked(what="address", ground=Ground.LAW)
    await restrict(request.id, kept_back, by=admin, db=door.db, clock=door.clock)
    await fulfilled(door, request.id)
    for _ in range(TRIES_MAX):
        with pytest.raises(NoSuchPackage):
            await hand_over_by_code(request.id, "AAAAAAAAAA", **of)

    await release(request.id, by=admin, db=door.db, clock=door.clock)

    assert (await hand_over_by_code(request.id, await code(door, request, ana), **of)).content
