"""Requests about people's data as programs of staff handle them (C10, C11)."""

import pytest

from kalecart.ids import new_id
from kalecart.staff.add import NewStaff, add_staff
from kalecart.staff.rights import Role
from kalecart.vault import Vault
from tests.web.shop import PASSWORD, Answer, Shop

REQUESTS = "/api/v1/staff/privacy/requests"


@pytest.fixture
def enters(shop: Shop, vault: Vault):
    async def enter_as(role: Role) -> None:
        newcomer = NewStaff(name="Perry", email=f"{role}@example.com", password=PASSWORD, role=role)
        await add_staff(newcomer, db=shop.db, vault=vault, clock=shop.runtime.clock)
        known = {"email": newcomer.email, "password": PASSWORD}
        assert (await shop.ask("POST", "/api/v1/staff/session", json=known)).status == 201

    return enter_as


async def _written(shop: Shop, **but: object) -> Answer:
    received = shop.runtime.clock.now().isoformat().replace("+00:00", "Z")
    came = {"kind": "access", "channel": "post", "email": "ana@example.com", "received_at": received}
    return await shop.ask("POST", REQUESTS, json=came | but)


async def test_what_came_by_post_is_written_down_listed_and_refused_with_its_reason(shop: Shop, enters) -> None:
    await shop.sign_up()
    await enters(Role.PRIVACY)

    made = await _written(shop)
    at = f"{REQUESTS}/{made.body['request_id']}"
    too_early = await shop.ask("POST", f"{at}/release")
    cost = await shop.ask("POST", f"{at}/refusal", json={"reason": "cost"})
    listed = (await shop.get(REQUESTS)).body["requests"]
    refused = await shop.ask("POST", f"{at}/refusal", json={"reason": "other_individual"})

    assert (made.status, made.body["state"], made.body["channel"]) == (201, "unverified", "post")
    assert (too_early.status, too_early.problem) == (409, "request-moved-on")
    assert (cost.status, cost.problem) == (403, "role-forbids")
    assert [each["request_id"] for each in listed] == [made.body["request_id"]]
    assert (refused.status, refused.body["state"], refused.body["refusal"]) == (200, "refused", "other_individual")
    assert (await shop.get(REQUESTS)).body["requests"] == []
    assert len((await shop.get(f"{REQUESTS}?everything=true")).body["requests"]) == 1
    assert "ana@example.com" not in str(listed)


async def test_a_letter_without_an_address_is_written_down_by_a_number_or_refused_beside_its_field(
    shop: Shop, enters
) -> None:
    case = (await shop.ask("POST", "/api/v1/complaints", json={"concerns": ["Mine."], "email": "bea@example.org"})).body
    await enters(Role.PRIVACY)

    made = await _written(shop, email="", number=case["number"])
    nobody = await _written(shop, email="", number="NOBODYS")
    neither = await _written(shop, email="")

    assert (made.status, made.body["state"]) == (201, "unverified")
    assert [(each.status, each.wrong) for each in (nobody, neither)] == [(422, {"/number"}), (422, {"/email"})]


async def test_what_cannot_be_is_refused_field_by_field_and_what_is_not_there_is_not_found(shop: Shop, enters) -> None:
    await enters(Role.PRIVACY)

    wrong = await _written(shop, channel="web", kind="gossip", received_at="yesterday")
    gone = await shop.get(f"{REQUESTS}/{new_id()}")

    assert (wrong.status, wrong.wrong) == (422, {"/channel", "/kind", "/received_at"})
    assert gone.status == 404


async def test_who_has_not_the_right_sees_no_request(shop: Shop, enters) -> None:
    assert (await shop.get(REQUESTS)).status == 401
    await enters(Role.ORDERS)

    assert [(await shop.get(REQUESTS)).status, (await _written(shop)).status] == [403, 403]
