"""3-D Secure by redirect: the bank's page works without a script, and answers only for the card it was opened for."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.stand_in import Caller

BACK = "http://127.0.0.1:9/orders/7?tab=pay"
TYPES = {"payment_method_types[0]": "card", "payment_method_types[1]": "us_bank_account"}
ASKING = {"amount": 1250, "currency": "usd", "confirm": "true", "return_url": BACK, **TYPES}


async def _asked(sim: Caller, method: str = "pm_card_authenticationRequired") -> dict[str, Any]:
    return await sim.made("/v1/payment_intents", {**ASKING, "payment_method": method})


async def _press(sim: Caller, url: str, outcome: str) -> Mapping[str, list[str]]:
    """Open the page, press a button as a browser without scripts does, and see where it leads."""
    async with sim.session.get(url, allow_redirects=False) as page:
        assert page.status == 200
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', await page.text()))
    async with sim.session.post(
        f"{sim.base}/v3/authenticate", data={**fields, "outcome": outcome}, allow_redirects=False
    ) as away:
        return _told(away.headers["Location"])


def _told(location: str) -> Mapping[str, list[str]]:
    assert location.startswith(BACK)
    return parse_qs(urlsplit(location).query)


@pytest.mark.parametrize(
    ("method", "outcome", "status", "told"),
    [
        ("pm_card_authenticationRequired", "complete", "succeeded", "succeeded"),
        ("pm_card_threeDSecure2Required", "complete", "succeeded", "succeeded"),
        ("pm_card_authenticationRequired", "fail", "requires_payment_method", "failed"),
        ("pm_card_threeDSecureRequiredChargeDeclined", "complete", "requires_payment_method", "failed"),
    ],
)
async def test_the_banks_page_leads_back_with_the_result(
    sim: Caller, method: str, outcome: str, status: str, told: str
) -> None:
    waiting = await _asked(sim, method)
    action = waiting["next_action"]
    assert (action["type"], action["redirect_to_url"]["return_url"]) == ("redirect_to_url", BACK)

    result = await _press(sim, action["redirect_to_url"]["url"], outcome)

    assert result["payment_intent"] == [waiting["id"]]
    assert result["payment_intent_client_secret"] == [waiting["client_secret"]]
    assert result["redirect_status"] == [told]
    assert (await sim.get(f"/v1/payment_intents/{waiting['id']}")).body["status"] == status


async def test_a_page_that_was_left_changes_nothing(sim: Caller) -> None:
    waiting = await _asked(sim)

    sim.ticker.advance(86_400)

    assert (await sim.get(f"/v1/payment_intents/{waiting['id']}")).body["status"] == "requires_action"
    gone = await sim.made(f"/v1/payment_intents/{waiting['id']}/cancel", {"cancellation_reason": "abandoned"})
    assert gone["status"] == "canceled"


async def test_a_page_that_nobody_waits_for_leads_straight_back(sim: Caller) -> None:
    waiting = await _asked(sim)
    url = waiting["next_action"]["redirect_to_url"]["url"]
    await sim.made(f"/v1/payment_intents/{waiting['id']}/cancel")

    async with sim.session.get(url, allow_redirects=False) as page:
        assert (page.status, _told(page.headers["Location"])["redirect_status"]) == (303, ["failed"])


async def test_another_card_pays_while_the_first_ones_page_is_still_open(sim: Caller) -> None:
    waiting = await _asked(sim)
    form = {"payment_method": "pm_card_visa", "return_url": BACK}

    paid = await sim.made(f"/v1/payment_intents/{waiting['id']}/confirm", form)

    assert (paid["status"], paid["next_action"]) == ("succeeded", None)


async def test_a_page_left_open_cannot_answer_for_a_later_card(sim: Caller) -> None:
    first = await _asked(sim)
    form = {"payment_method": "pm_card_threeDSecure2Required", "return_url": BACK}
    second = await sim.made(f"/v1/payment_intents/{first['id']}/confirm", form)
    opened = parse_qs(urlsplit(first["next_action"]["redirect_to_url"]["url"]).query)

    data = {**{name: values[0] for name, values in opened.items()}, "outcome": "complete"}
    async with sim.session.post(f"{sim.base}/v3/authenticate", data=data, allow_redirects=False) as away:
        assert _told(away.headers["Location"])["redirect_status"] == ["pending"]
    assert (await sim.get(f"/v1/payment_intents/{first['id']}")).body["status"] == "requires_action"

    await _press(sim, second["next_action"]["redirect_to_url"]["url"], "complete")
    assert (await sim.get(f"/v1/payment_intents/{first['id']}")).body["status"] == "succeeded"


async def test_the_banks_page_of_a_card_does_not_verify_a_bank_account(sim: Caller) -> None:
    asking = {"payment_method": "pm_card_authenticationRequired", "confirm": "true", "return_url": BACK, **TYPES}
    card = await sim.made("/v1/setup_intents", asking)
    account = {"us_bank_account[account_number]": "000123456789", "us_bank_account[routing_number]": "110000000"}
    typed = await sim.made(
        "/v1/payment_methods", {"type": "us_bank_account", "billing_details[name]": "Ada", **account}
    )
    accepted = {"mandate_data[customer_acceptance][type]": "offline"}
    await sim.made(f"/v1/setup_intents/{card['id']}/confirm", {"payment_method": typed["id"], **accepted})

    opened = parse_qs(urlsplit(card["next_action"]["redirect_to_url"]["url"]).query)
    data = {**{name: values[0] for name, values in opened.items()}, "outcome": "complete"}
    async with sim.session.post(f"{sim.base}/v3/authenticate", data=data, allow_redirects=False) as away:
        assert away.status == 303

    assert (await sim.get(f"/v1/setup_intents/{card['id']}")).body["status"] == "requires_action"


async def test_the_page_shows_nothing_to_those_without_the_secret(sim: Caller) -> None:
    waiting = await _asked(sim)

    asked = {"intent": waiting["id"], "client_secret": '"><script>', "attempt": "x"}
    async with sim.session.get(f"{sim.base}/v3/authenticate.html", params=asked) as page:
        assert page.status == 404
