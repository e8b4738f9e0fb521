"""Two changes of one password, of which either has shown the old one."""

import asyncio
from collections.abc import Coroutine

from kalecart.accounts.change_password import NewPassword, change_password
from tests.people import PASSWORD, Door, a_visit
from tests.waiting import somebody_waits


async def test_of_two_changes_at_once_one_wins(door: Door) -> None:
    entered = await door.signs_up()
    visit = a_visit(session_token=entered.session_token)
    async with asyncio.TaskGroup() as group, door.db.direct() as pg, pg.transaction():
        await pg.execute("SELECT FROM customer WHERE id = $1 FOR UPDATE", entered.customer_id)
        changes = []
        for new in ("four loud parsnips", "five calm pumpkins"):
            asked = NewPassword(current_password=PASSWORD, new_password=new)
            change = change_password(asked, visit, customer_id=entered.customer_id, **door.verbs)
            changes.append(group.create_task(_ended(change)))
        await somebody_waits(door.db, many=2)

    assert sorted(change.result() for change in changes) == ["Entered", "PasswordMovedOn"]


async def _ended(change: Coroutine[None, None, object]) -> str:
    (outcome,) = await asyncio.gather(change, return_exceptions=True)
    return type(outcome).__name__
