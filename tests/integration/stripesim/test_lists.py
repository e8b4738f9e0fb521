"""Lists are read in both directions and by time, so that what was missed can be found again."""

from typing import Any

import pytest

from tests.stand_in import Caller

PAID = {"amount": 1250, "currency": "usd", "payment_method_types[]": "card", "confirm": "true"}
DAY_S = 86_400


async def _ids(sim: Caller, path: str, **form: Any) -> tuple[list[str], bool]:
    page = (await sim.get(path, **form)).body
    return [body["id"] for body in page["data"]], page["has_more"]


async def _customers(sim: Caller, count: int) -> list[str]:
    """Made ten seconds apart; newest first, as lists are."""
    made: list[str] = []
    for _ in range(count):
        made.insert(0, (await sim.made("/v1/customers"))["id"])
        sim.ticker.advance(10)
    return made


async def test_a_list_is_read_forwards_and_backwards(sim: Caller) -> None:
    made = await _customers(sim, 6)

    assert await _ids(sim, "/v1/customers", limit=2) == (made[:2], True)
    assert await _ids(sim, "/v1/customers", limit=2, starting_after=made[1]) == (made[2:4], True)
    assert await _ids(sim, "/v1/customers", limit=2, starting_after=made[4]) == (made[5:], False)
    assert await _ids(sim, "/v1/customers", limit=2, ending_before=made[4]) == (made[2:4], True)
    assert await _ids(sim, "/v1/customers", limit=2, ending_before=made[2]) == (made[:2], False)
    assert await _ids(sim, "/v1/customers", ending_before=made[0]) == ([], False)


async def test_a_list_is_narrowed_by_the_time_of_making(sim: Caller) -> None:
    start = int(sim.ticker())
    made = await _customers(sim, 5)

    assert await _ids(sim, "/v1/customers", **{"created[gt]": start + 10, "created[lte]": start + 30}) == (
        made[1:3],
        False,
    )
    assert await _ids(sim, "/v1/customers", **{"created[gte]": start + 10, "created[lt]": start + 30}) == (
        made[2:4],
        False,
    )
    assert await _ids(sim, "/v1/customers", created=start) == (made[4:], False)
    back = {"ending_before": made[4], "created[lte]": start + 20}
    assert await _ids(sim, "/v1/customers", **back) == (made[2:4], False)


@pytest.mark.parametrize("param", ["starting_after", "ending_before"])
async def test_a_list_that_begins_at_nothing_is_refused(sim: Caller, param: str) -> None:
    refused = await sim.get("/v1/customers", **{param: "cus_none"})

    assert (refused.status, refused.error["code"], refused.error["param"]) == (400, "resource_missing", param)


async def test_what_was_missed_is_found_by_the_time_and_kind_of_its_events(sim: Caller) -> None:
    await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_visa"})
    sim.ticker.advance(60)
    since = int(sim.ticker())
    paid = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_createDispute"})
    await sim.made("/v1/customers")

    kinds = {"types[0]": "payment_intent.succeeded", "types[1]": "charge.dispute.*", "created[gte]": since}
    events = (await sim.get("/v1/events", **kinds)).body["data"]
    lists = {
        path: (await _ids(sim, f"/v1/{path}", **{"created[gte]": since}))[0]
        for path in ("payment_intents", "charges", "disputes", "refunds")
    }

    assert [event["type"] for event in events] == [
        *("payment_intent.succeeded", "charge.dispute.funds_withdrawn", "charge.dispute.created")
    ]
    assert lists["payment_intents"] == [paid["id"]]
    assert lists["charges"] == [paid["latest_charge"]]
    assert (len(lists["disputes"]), lists["refunds"]) == (1, [])
    both = {"type": "charge.failed", "types[]": "charge.succeeded"}
    assert (await sim.get("/v1/events", **both)).status == 400


async def test_events_are_listed_for_thirty_days(sim: Caller) -> None:
    await sim.made("/v1/customers")
    sim.ticker.advance(31 * DAY_S)
    await sim.made("/v1/customers")

    assert len((await sim.get("/v1/events")).body["data"]) == 1
