from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.accounts.log_in import LogIn, WrongLogIn
from kalecart.allowances import TooManyTries
from kalecart.chance import token_hash
from kalecart.errors import Invalid, NotFound
from kalecart.ids import CustomerId, StaffId, new_id
from kalecart.staff import store, store_factors
from kalecart.staff.add import NewStaff, StaffKnown, add_staff
from kalecart.staff.log_in import StaffEntered, log_in_staff, log_out_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.reads import name_of, views_of, who
from kalecart.staff.rights import Role
from kalecart.staff.session import IDLE_MAX, STAFF_SESSION_TTL, Proof
from kalecart.staff.tables import staff, staff_view
from kalecart.staff.view import ViewPurpose, record_view
from tests.people import Door, a_visit

MAYA = NewStaff(name="Maya Ortiz", email="maya@example.com", password="seven ripe quinces", role=Role.ORDERS)


@pytest_asyncio.fixture
async def maya(door: Door) -> StaffId:
    return await add_staff(MAYA, db=door.db, vault=door.vault, clock=door.clock)


async def enters(door: Door, password: str = MAYA.password, email: str = MAYA.email, **visit) -> StaffEntered:
    return await log_in_staff(LogIn(email=email, password=password), a_visit(**visit), **door.verbs)


async def inside(door: Door, token: str) -> StaffMember | None:
    async with door.db.direct() as pg:
        return await who(pg, token_hash(token), door.clock.now())


async def test_staff_log_in_with_their_role(door, maya):
    entered = await enters(door)

    assert entered.member == StaffMember(id=maya, role=Role.ORDERS)
    member = await inside(door, entered.session_token)
    assert member is not None
    assert (member.id, member.role, member.untrained) == (maya, Role.ORDERS, False)
    async with door.db.snapshot() as tx:
        assert await name_of(tx, maya, door.vault) == "Maya Ortiz"


async def test_a_log_in_lasts_a_working_day_while_it_is_used(door, maya):
    entered = await enters(door)
    steps = int(STAFF_SESSION_TTL / timedelta(minutes=20))

    for _ in range(steps - 1):
        door.clock.advance(minutes=20)
        assert await inside(door, entered.session_token) is not None
        async with door.db.direct() as pg:
            await store_factors.note_seen(pg, token_hash(entered.session_token), door.clock.now())
    door.clock.advance(minutes=20)

    assert await inside(door, entered.session_token) is None


async def test_a_log_in_that_nobody_uses_ends_after_half_an_hour(door, maya):
    entered = await enters(door)
    door.clock.advance(seconds=IDLE_MAX.total_seconds() - 1)
    assert await inside(door, entered.session_token) is not None

    door.clock.advance(seconds=1)

    assert await inside(door, entered.session_token) is None


async def test_logging_in_again_ends_the_session_before_and_logging_out_ends_this_one(door, maya):
    first = await enters(door)
    second = await enters(door, session_token=first.session_token)

    assert await inside(door, first.session_token) is None
    await log_out_staff(second.session_token, db=door.db)
    assert await inside(door, second.session_token) is None


async def test_whoever_left_is_out_at_once_and_stays_out(door, maya):
    entered = await enters(door)
    async with door.db.transaction() as tx:
        await tx.execute(sa.update(staff).values(left_at=door.clock.now()))

    assert await inside(door, entered.session_token) is None
    with pytest.raises(WrongLogIn):
        await enters(door)


async def test_whoever_leaves_while_the_password_is_checked_does_not_get_in(door, maya):
    index = door.vault.blind_index("email", MAYA.email)
    async with door.db.transaction() as tx:
        verified = await store.credentials_by_email(tx, index)
        await tx.execute(sa.update(staff).values(left_at=door.clock.now()))
        now = door.clock.now()

        assert verified is not None
        proved = {"verified": verified, "proof": Proof.PASSWORD}
        assert not await store.start_session(tx, b"hash", now=now, expires_at=now, **proved)


async def test_a_customers_log_in_opens_no_staff_door_and_guessing_is_stopped(door, maya):
    await door.signs_up()
    with pytest.raises(WrongLogIn):
        await enters(door, email="ana.lima@example.com", password="three quiet radishes")
    for _ in range(5):
        with pytest.raises(WrongLogIn):
            await enters(door, password="not the password")

    with pytest.raises(TooManyTries):
        await enters(door)


async def test_one_address_is_one_member_of_staff(door, maya):
    with pytest.raises(StaffKnown):
        await add_staff(replace(MAYA, email="MAYA@example.com"), db=door.db, vault=door.vault, clock=door.clock)


async def test_everything_wrong_with_a_new_member_is_said_at_once(door):
    wrong = NewStaff(name="7", email="maya", password="short", role=Role.ORDERS)

    with pytest.raises(Invalid) as caught:
        await add_staff(wrong, db=door.db, vault=door.vault, clock=door.clock)

    assert set(caught.value.problems) == {"/name", "/email", "/password"}


class TestLookingAtACustomer:
    async def looks(self, door: Door, customer_id: CustomerId, staff_id: StaffId, purpose: str):
        by = StaffMember(id=staff_id, role=Role.ORDERS)
        return await record_view(customer_id, purpose=purpose, by=by, db=door.db, vault=door.vault, clock=door.clock)

    async def test_a_look_is_recorded_with_its_purpose_and_the_customer_can_see_it(self, door, maya):
        customer_id = (await door.signs_up()).customer_id

        profile = await self.looks(door, customer_id, maya, "delivery")

        assert profile.name == "Ana Lima"
        async with door.db.snapshot() as tx:
            views = await views_of(tx, customer_id, limit=10)
        assert [(view.role, view.purpose, view.at) for view in views] == [(Role.ORDERS, "delivery", door.clock.now())]

    async def test_nothing_is_shown_without_a_purpose_from_the_list(self, door, maya):
        customer_id = (await door.signs_up()).customer_id

        for purpose in ("", "curiosity", "Ana asked me to"):
            with pytest.raises(Invalid) as caught:
                await self.looks(door, customer_id, maya, purpose)
            assert set(caught.value.problems) == {"/purpose"}

    async def test_a_look_at_nobody_is_not_found_and_not_recorded(self, door, maya):
        with pytest.raises(NotFound):
            await self.looks(door, CustomerId(new_id()), maya, "delivery")

        async with door.db.snapshot() as tx:
            assert await tx.scalar(sa.select(sa.func.count()).select_from(staff_view)) == 0

    def test_every_purpose_has_words_for_the_console(self):
        assert len({purpose.label for purpose in ViewPurpose}) == len(ViewPurpose)
