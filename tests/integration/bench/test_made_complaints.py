"""The complaints that are measured are looked at as a shop's own are."""

from bench.complaints import lay_complaints, looked_at
from kalecart.database import Database
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.builders import a_customer
from tests.clock import FakeClock


async def test_made_complaints_are_looked_at_after_an_outage_a_few_at_a_time_and_at_midnight(
    db: Database, vault: Vault, clock: FakeClock
) -> None:
    told = NewStaff(name="Kim", email="kim@example.com", password="leek-and-lentil-9 soup", role=Role.MANAGER)
    await add_staff(told, db=db, vault=vault, clock=clock)
    person = await a_customer(db, vault, now=clock.now())
    await lay_complaints(db, person, count=300, now=clock.now())

    seen = await looked_at(db, clock.now())

    assert (seen["all"], seen["few"] > 0) == (300, True)
