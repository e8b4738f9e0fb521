"""A letter that gives no e-mail address is a request all the same: whose it is, is found by a number in it (C10)."""

import pytest
import pytest_asyncio
import sqlalchemy as sa

from kalecart.database import Database
from kalecart.errors import Invalid
from kalecart.orders.tables import customer_order
from kalecart.privacy.receive import Received, enter
from kalecart.privacy.request import Channel, Kind, Request, State
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.tasks import task
from kalecart.tombstones import shred
from tests.builders import Shopper, a_card, a_paid_order, a_product, a_window
from tests.clock import START
from tests.complaining import a_member, complains, on_paper
from tests.people import Door


@pytest_asyncio.fixture
async def clerk(door: Door) -> StaffMember:
    return await a_member(door, Role.MANAGER)


async def came(door: Door, number: str, by: StaffMember, *, db: Database | None = None) -> Request:
    asked = Received(kind=Kind.ACCESS, email="", number=number, channel=Channel.POST, received_at=START)
    return await enter(asked, by=by, db=db or door.db, vault=door.vault, clock=door.clock)


async def letters(door: Door) -> list[tuple[str, str]]:
    async with door.db.snapshot() as tx:
        rows = await tx.scalars(sa.select(task.c.arguments).where(task.c.topic == "send_mail"))
        return [(row["kind"], row["subject"]) for row in rows if row["kind"].startswith("request_")]


async def test_a_customer_is_found_by_the_number_of_an_order_and_gets_a_code_at_the_address_on_file(
    door: Door, clerk: StaffMember, as_web: Database
) -> None:
    ana = (await door.signs_up()).customer_id
    window = await a_window(door.db, now=START)
    shopper = Shopper(door.db, ana, await a_card(door.db, door.vault, ana, now=START), window)
    await shopper.puts(await a_product(door.db, "kale", price_cents=500), 4, now=START)
    await a_paid_order(shopper, 2_499, clock=door.clock)
    async with door.db.snapshot() as tx:
        number = await tx.scalar(sa.select(customer_order.c.number))
    assert number

    request = await came(door, f" {number.lower()} ", clerk, db=as_web)

    assert (request.customer_id, request.state, request.received_at) == (ana, State.UNVERIFIED, START)
    assert await letters(door) == [("request_code", str(ana))]


async def test_whoever_complained_by_e_mail_is_found_by_the_number_of_their_complaint(
    door: Door, clerk: StaffMember
) -> None:
    case = (await complains(door)).complaint

    request = await came(door, case.number, clerk)

    assert request.correspondent_id == case.correspondent_id
    assert await letters(door) == [("request_code", str(case.correspondent_id))]


async def test_a_request_of_whom_no_letter_can_reach_or_whom_nobody_knows_is_refused_with_what_to_do(
    door: Door, clerk: StaffMember
) -> None:
    by_post = await on_paper(door, clerk)
    ana = (await door.signs_up()).customer_id
    erased = (await complains(door, customer_id=ana)).complaint
    async with door.db.transaction() as tx:
        await shred(tx, ana, now=door.clock.now())
    said = {}
    for number in (by_post.number, erased.number, "NOBODYS"):
        with pytest.raises(Invalid) as refused:
            await came(door, number, clerk)
        said[number] = dict(refused.value.problems)
    with pytest.raises(Invalid) as neither:
        await came(door, "", clerk)

    assert "Write it down as a complaint" in said[by_post.number]["/number"]
    assert [list(said[each]) for each in (erased.number, "NOBODYS")] == [["/number"]] * 2
    assert set(neither.value.problems) == {"/email"}
    assert await letters(door) == []
