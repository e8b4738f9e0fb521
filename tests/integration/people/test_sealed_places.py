"""Every sealed value of a shop lies in its one place, under its one person's key."""

from itertools import permutations

import pytest

from kalecart.database import Database
from kalecart.privacy.reads_sealed import sealed_values
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import CannotOpen, Vault, key_of
from tests.builders import a_card, a_customer
from tests.clock import FakeClock


async def test_no_sealed_value_opens_in_another_row_another_column_or_another_table(
    db: Database, vault: Vault, clock: FakeClock
) -> None:
    """Neither under its own person's key nor under that of whoever's place it was moved to."""
    for _ in range(2):
        await a_card(db, vault, await a_customer(db, vault, now=clock.now()), now=clock.now())
    told = NewStaff(name="Kim", email="kim@example.com", password="leek-and-lentil-9 soup", role=Role.MANAGER)
    await add_staff(told, db=db, vault=vault, clock=clock)
    async with db.transaction() as tx:
        found = [sealed async for sealed in sealed_values(tx)]
        keys = {sealed.person_id: await key_of(tx, sealed.person_id, vault) for sealed in found}

    columns = {(sealed.place.table, sealed.place.column) for sealed in found}
    assert columns >= {
        ("customer", "name_sealed"),
        ("customer", "email_sealed"),
        ("customer", "phone_sealed"),
        ("address", "sealed"),
        ("payment_method", "sealed"),
        ("staff", "name_sealed"),
        ("staff", "email_sealed"),
    }
    for sealed in found:
        assert keys[sealed.person_id].open(sealed.value, sealed.place)
    for moved, there in permutations(found, 2):
        for person in (moved.person_id, there.person_id):
            with pytest.raises(CannotOpen):
                keys[person].open(moved.value, there.place)
