"""`./kale doctor privacy`: every exception named, and what it says is what there is."""

from kalecart.controls import record_control
from kalecart.database import Database
from kalecart.grants import DOCTOR
from local.privacy import examine_privacy
from tests.clock import FakeClock
from tests.people import NO_VALKEY
from tests.server import Clone


async def test_the_doctor_of_privacy_names_what_is_kept_too_long_and_an_absent_valkey(
    clone: Clone, db: Database, clock: FakeClock
) -> None:
    async with db.transaction() as tx:
        await record_control(tx, "retention", passed=False, detail="3 rows overdue", now=clock.now())
    as_doctor = Database(clone.url(DOCTOR), pool_size_max=1, application="test")
    try:
        report = await examine_privacy(db=as_doctor, valkey_url=NO_VALKEY)
    finally:
        await as_doctor.close()

    assert not report.well
    assert [gap.what.partition(":")[0] for gap in report.gaps] == [
        "Kept too long (3 rows overdue)",
        "Valkey did not answer",
    ]
    assert report.columns > 200
