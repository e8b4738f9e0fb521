"""Every rule of the year's verdict can go red: one thing at a time is made wrong in a year in which all is well."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.database import Tx
from simulation.verdict import verdict
from simulation.year import Lived
from tests.year_faults import FAULTS, Fault


class _Planted:
    """The database as it is in the transaction that made something wrong."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        yield self._tx

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[Any]:
        yield (await self._tx.get_raw_connection()).driver_connection


class _Undone(Exception):
    """All is well again."""


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.what for fault in FAULTS])
async def test_what_is_wrong_turns_its_rules_red_and_no_others(
    fault: Fault, lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = lived.scene.shop.at["owner"]
    red = {}
    with suppress(_Undone):
        async with owner.db.transaction() as tx:
            # Neither foreign keys nor triggers.
            await tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
            for statement in fault.planted:
                assert (await tx.execute(sa.text(statement))).rowcount, f"there is nothing to break: {statement}"
            fault.bent(lived, monkeypatch)
            monkeypatch.setitem(lived.scene.shop.at, "owner", replace(owner, db=_Planted(tx)))
            red = {finding.rule: finding.broken for finding in await verdict(lived) if not finding.holds}
            raise _Undone

    assert red.keys() == set(fault.breaks), red
    assert any(fault.says in each for each in red[fault.breaks[0]]), red


async def test_every_rule_is_broken_by_something(lived: Lived) -> None:
    breakable = {rule for fault in FAULTS for rule in fault.breaks}

    assert breakable == {finding.rule for finding in await verdict(lived)}
