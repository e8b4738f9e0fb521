"""What pages show of openness, as programs read it, and the acts of staff that go with it (C4, C9)."""

from datetime import date
from io import BytesIO

import pytest
import sqlalchemy as sa
from aiohttp import FormData

from kalecart.ids import new_id
from kalecart.openness.tell import tell_policy
from kalecart.policy import store
from kalecart.policy.versions import PolicyVersion, packaged
from kalecart.sources.source import CONTENT_BYTES_MAX
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.shop import PASSWORD, Answer, Shop

SOURCES = "/api/v1/staff/sources"


@pytest.fixture
async def privacy(shop: Shop, vault: Vault) -> Shop:
    """The shop with its privacy administrator logged in."""
    newcomer = NewStaff(name="Perry", email="perry@example.com", password=PASSWORD, role=Role.PRIVACY)
    await add_staff(newcomer, db=shop.db, vault=vault, clock=shop.runtime.clock)
    known = {"email": newcomer.email, "password": PASSWORD}
    assert (await shop.ask("POST", "/api/v1/staff/session", json=known)).status == 201
    return shop


async def _hand_in(shop: Shop, content: bytes = b"Planted Neighbor", **but: str) -> Answer:
    form = FormData()
    received = shop.runtime.clock.now().isoformat().replace("+00:00", "Z")
    for name, value in ({"id": str(new_id()), "channel": "mail", "received_at": received} | but).items():
        form.add_field(name, value)
    form.add_field("content", BytesIO(content), filename="list.csv")
    return await shop.ask("POST", SOURCES, data=form)


async def test_whoever_asks_reads_how_each_promise_is_kept_right_now(shop: Shop) -> None:
    found = await shop.get("/api/v1/promises")

    promises = {each["clause"]: each for each in found.body["promises"]}
    assert list(promises) == [f"C{number}" for number in range(1, 16)]
    assert not any(each["wrong"] for each in promises.values()), "what never ran in a new shop is not due yet"
    assert {each["state"] for each in promises["C8"]["controls"]} == {"waiting"}
    assert promises["C9"]["figures"][0]["value"] == "2"


async def test_what_programs_of_staff_hand_in_is_sealed_once_and_listed_without_its_words(privacy: Shop) -> None:
    same = str(new_id())
    first = await _hand_in(privacy, id=same, sender="partner@example.org")
    again = await _hand_in(privacy, id=same, sender="partner@example.org")

    listed = (await privacy.get(SOURCES)).body["sources"]

    assert (first.status, again.status, first.body, again.body) == (201, 201, {"id": same}, {"id": same})
    assert [(each["id"], each["channel"], each["size_bytes"], each["times"]) for each in listed] == [
        (same, "mail", len(b"Planted Neighbor"), 1)
    ]
    assert "partner" not in str(listed)
    assert "Planted" not in str(listed)


async def test_a_form_that_cannot_be_what_came_is_refused_field_by_field(privacy: Shop) -> None:
    wrong = await _hand_in(privacy, id="7", channel="pigeon", received_at="yesterday", colour="red")
    large = await _hand_in(privacy, b"x" * (CONTENT_BYTES_MAX + 2))
    json = await privacy.ask("POST", SOURCES, json={"channel": "mail"})

    assert (wrong.status, wrong.wrong) == (422, {"/id", "/channel", "/received_at", "/colour"})
    assert (large.status, large.wrong) == (422, {"/content"})
    assert (json.status, json.problem) == (415, "wrong-content-type")
    assert (await privacy.get(SOURCES)).body["sources"] == []


@pytest.mark.parametrize(
    "head", ['name="\x1b"', 'name="id"\r\nContent-Length: many', "", 'name="id"\r\nno header at all'], ids=repr
)
async def test_a_form_that_is_none_is_refused_and_breaks_nothing(privacy: Shop, head: str) -> None:
    body = f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n7\r\n--b--\r\n".encode()
    told = {"Content-Type": "multipart/form-data; boundary=b"}

    assert (await privacy.ask("POST", SOURCES, data=body, headers=told)).status in {400, 422}
    assert (await privacy.ask("POST", SOURCES, data=b"nothing", headers=told)).status in {400, 422}


async def test_who_has_not_the_right_neither_hands_in_nor_lists(shop: Shop) -> None:
    assert ((await shop.get(SOURCES)).status, (await _hand_in(shop)).status) == (401, 401)


async def test_reading_the_policy_is_said_over_the_api_by_customers_and_by_staff_whose_access_paused(
    privacy: Shop,
) -> None:
    assert (await privacy.sign_up()).status == 201
    privacy.runtime.clock.advance(seconds=1)  # ty: ignore[unresolved-attribute]  # tests move it
    newer = PolicyVersion(version="2026-12-02", effective_on=date(2026, 12, 2), text=packaged()[0].text + "\n")
    async with privacy.db.transaction() as tx:
        await store.add(tx, newer, now=privacy.runtime.clock.now())
    await tell_policy(None, db=privacy.db, clock=privacy.runtime.clock)
    async with privacy.db.transaction() as tx:
        late = "UPDATE policy_delivery SET acknowledge_by = promised_at - interval '1 day' WHERE person_kind = 'staff'"
        await tx.execute(sa.text(late))
    body = {"version": newer.version}
    paused = await privacy.get(SOURCES)

    staff = await privacy.ask("POST", "/api/v1/staff/policy/acknowledgement", json=body)
    customer = await privacy.ask("POST", "/api/v1/policy/acknowledgement", json=body)
    unknown = await privacy.ask("POST", "/api/v1/policy/acknowledgement", json={"version": "1999-01-01"})

    assert (paused.status, paused.problem) == (403, "policy-unread")
    assert (staff.status, customer.status, unknown.status) == (204, 204, 404)
    assert (await privacy.get(SOURCES)).status == 200
    async with privacy.db.transaction() as tx:
        read = sa.text("SELECT count(*) FROM policy_delivery WHERE person_kind = :who AND acknowledged_at IS NOT NULL")
        assert await tx.scalar(read, {"who": "customer"}) == 1
