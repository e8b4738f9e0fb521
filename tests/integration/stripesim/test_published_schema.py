"""The stand-in is honest: all it answers, and all it takes, is in Stripe's published schema."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from stripesim.api import ENDPOINTS
from tests import stripe_published
from tests.stand_in import PUBLISHABLE_KEY, SECRET_KEY, Caller, in_process

pytestmark = pytest.mark.skipif(not stripe_published.PUBLISHED.exists(), reason=stripe_published.ABSENT)

CARD = {
    "type": "card",
    "card[number]": "4242424242424242",
    "card[exp_month]": 12,
    "card[exp_year]": 2030,
    "card[cvc]": 123,
}
BANKS = {"payment_method_types[]": "us_bank_account"}
BANK = {
    "type": "us_bank_account",
    "billing_details[name]": "A",
    "us_bank_account[account_number]": "000123456789",
    "us_bank_account[routing_number]": "110000000",
}
ACCEPTED = {
    "mandate_data[customer_acceptance][type]": "online",
    "mandate_data[customer_acceptance][online][ip_address]": "127.0.0.1",
    "mandate_data[customer_acceptance][online][user_agent]": "a browser",
}
PAID = {"amount": 1250, "currency": "usd", "payment_method_types[]": "card", "confirm": "true"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_endpoint_and_parameter_is_a_published_one(endpoint: Any) -> None:
    assert set(endpoint.takes) <= stripe_published.parameters(endpoint.method, endpoint.path)


async def _customers(sim: Caller) -> None:
    whole = {"email": "a@example.com", "name": "A", "phone": "+1", "metadata[k]": "v", "address[line1]": "1 Main St"}
    customer = (await sim.made("/v1/customers", {**whole, "shipping[name]": "A", "shipping[address][city]": "B"}))["id"]
    await sim.made(f"/v1/customers/{customer}", {"name": "", "metadata[k]": "", "description": "d"})
    await sim.get(f"/v1/customers/{customer}")
    await sim.get("/v1/customers", email="a@example.com", limit=1)
    method = (await sim.made("/v1/payment_methods/pm_card_visa/attach", {"customer": customer}))["id"]
    await sim.get(f"/v1/customers/{customer}/payment_methods", type="card")
    await sim.get(f"/v1/customers/{customer}/payment_methods/{method}", **{"expand[]": "customer"})
    await sim.ask("DELETE", f"/v1/customers/{customer}")
    assert (await sim.get(f"/v1/customers/{customer}")).body["deleted"] is True
    assert (await sim.ask("DELETE", f"/v1/customers/{customer}")).status == 404
    for path in ("", "/payment_methods", f"/payment_methods/{method}"):
        assert (await sim.get(f"/v1/customers/cus_none{path}")).status == 404
    assert (await sim.post("/v1/customers/cus_none")).status == 404
    assert (await sim.post("/v1/customers", {"shoe_size": 9})).status == 400
    assert (await sim.get("/v1/customers", limit=1000)).status == 400


async def _payment_methods(sim: Caller) -> None:
    customer = (await sim.made("/v1/customers"))["id"]
    method = (await sim.made("/v1/payment_methods", {**CARD, "billing_details[address][postal_code]": "94107"}))["id"]
    await sim.get(f"/v1/payment_methods/{method}")
    assert (await sim.post(f"/v1/payment_methods/{method}", {"metadata[a]": "b"})).status == 400
    await sim.made(f"/v1/payment_methods/{method}/attach", {"customer": customer})
    await sim.made(f"/v1/payment_methods/{method}", {"metadata[a]": "b", "billing_details[name]": "A"})
    await sim.get("/v1/payment_methods", customer=customer, type="card")
    await sim.made(f"/v1/payment_methods/{method}/detach")
    assert (await sim.post(f"/v1/payment_methods/{method}/detach")).status == 400
    assert (await sim.post(f"/v1/payment_methods/{method}/attach", {"customer": customer})).status == 400
    assert (await sim.post("/v1/payment_methods", {"type": "card"})).status == 400
    assert (await sim.post("/v1/payment_methods", {**CARD, "card[number]": "4242424242424241"})).status == 402
    assert (await sim.get("/v1/payment_methods/pm_none")).status == 404
    assert (await sim.get("/v1/payment_methods", customer="cus_none")).status == 400
    refused = await sim.post("/v1/payment_methods/pm_card_chargeDeclined/attach", {"customer": customer})
    assert refused.status == 402


async def _payment_intents(sim: Caller) -> None:
    customer = (await sim.made("/v1/customers"))["id"]
    bare = {"amount": 1250, "currency": "usd", "customer": customer, "metadata[order_id]": "7"}
    shipped = {"shipping[name]": "A", "shipping[address][line1]": "1 Main St", "receipt_email": "a@example.com"}
    intent = (await sim.made("/v1/payment_intents", {**bare, **shipped, "setup_future_usage": "off_session"}))["id"]
    await sim.made(f"/v1/payment_intents/{intent}", {"amount": 1300, "payment_method": "pm_card_amex"})
    expanded = {"expand[0]": "latest_charge.payment_method_details", "return_url": "http://127.0.0.1/done"}
    assert (await sim.post(f"/v1/payment_intents/{intent}/confirm", expanded)).status == 400
    expanded = {"expand[0]": "latest_charge", "expand[1]": "payment_method.customer", "expand[2]": "customer"}
    await sim.made(f"/v1/payment_intents/{intent}/confirm", {"return_url": "http://127.0.0.1/done", **expanded})
    await sim.get(f"/v1/payment_intents/{intent}", **expanded)
    await sim.get("/v1/payment_intents", customer=customer, **{"created[gte]": 1, "expand[]": "data.latest_charge"})
    found = await sim.get("/v1/payment_intents/search", query="metadata['order_id']:'7' AND status:'succeeded'")
    assert [body["id"] for body in found.body["data"]] == [intent]
    for verb in ("confirm", "cancel"):
        assert (await sim.post(f"/v1/payment_intents/{intent}/{verb}")).error[
            "code"
        ] == "payment_intent_unexpected_state"
        assert (await sim.post(f"/v1/payment_intents/pi_none/{verb}")).status == 404
    assert (await sim.post(f"/v1/payment_intents/{intent}", {"amount": 99})).status == 400
    declined = await sim.post("/v1/payment_intents", {**PAID, "payment_method": "pm_card_chargeDeclinedStolenCard"})
    assert declined.status == 402
    await sim.get(f"/v1/payment_intents/{declined.error['payment_intent']['id']}")
    waiting = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_authenticationRequired"})
    assert waiting["next_action"]["type"] == "use_stripe_sdk"
    gone = await sim.made(f"/v1/payment_intents/{waiting['id']}/cancel", {"cancellation_reason": "abandoned"})
    assert gone["status"] == "canceled"
    assert (await sim.post("/v1/payment_intents", {"currency": "usd"})).error["code"] == "parameter_missing"
    assert (await sim.get("/v1/payment_intents/search", query="nonsense")).status == 400
    assert (await sim.get("/v1/payment_intents", limit="x")).status == 400
    assert (await sim.get("/v1/payment_intents/pi_none")).status == 404


async def _setup_intents(sim: Caller) -> None:
    customer = (await sim.made("/v1/customers"))["id"]
    intent = (await sim.made("/v1/setup_intents", {"customer": customer, "payment_method_types[]": "card"}))["id"]
    await sim.made(f"/v1/setup_intents/{intent}", {"description": "d", "metadata[a]": "b"})
    await sim.made(f"/v1/setup_intents/{intent}/confirm", {"payment_method": "pm_card_visa"})
    await sim.get(f"/v1/setup_intents/{intent}", **{"expand[]": "payment_method"})
    await sim.get("/v1/setup_intents", customer=customer)
    for verb in ("confirm", "cancel"):
        assert (await sim.post(f"/v1/setup_intents/{intent}/{verb}")).error["code"] == "setup_intent_unexpected_state"
    assert (await sim.post(f"/v1/setup_intents/{intent}", {"description": "x"})).status == 400
    other = await sim.made("/v1/setup_intents", {"payment_method": "pm_card_authenticationRequired"})
    back = {"return_url": "http://127.0.0.1/done"}
    assert (await sim.made(f"/v1/setup_intents/{other['id']}/confirm", back))["status"] == "requires_action"
    await sim.made(f"/v1/setup_intents/{other['id']}/cancel", {"cancellation_reason": "abandoned"})
    refused = {"payment_method": "pm_card_chargeDeclined", "confirm": "true"}
    assert (await sim.post("/v1/setup_intents", refused)).status == 402
    assert (await sim.get("/v1/setup_intents/seti_none")).status == 404
    assert (await sim.get("/v1/setup_intents", limit=0)).status == 400


async def _charges_and_refunds(sim: Caller) -> None:
    paid = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_mastercard"})
    charge = paid["latest_charge"]
    await sim.made(f"/v1/charges/{charge}", {"description": "d", "metadata[a]": "b"})
    refund = (await sim.made("/v1/refunds", {"charge": charge, "amount": 250, "reason": "duplicate"}))["id"]
    await sim.made("/v1/refunds", {"payment_intent": paid["id"], "expand[]": "charge"})
    assert (await sim.post("/v1/refunds", {"charge": charge})).error["code"] == "charge_already_refunded"
    await sim.made(f"/v1/refunds/{refund}", {"metadata[a]": "b"})
    await sim.get(f"/v1/refunds/{refund}", **{"expand[0]": "charge", "expand[1]": "payment_intent"})
    await sim.get("/v1/refunds", payment_intent=paid["id"])
    await sim.get(f"/v1/charges/{charge}", **{"expand[0]": "refunds", "expand[1]": "payment_intent"})
    await sim.get("/v1/charges", payment_intent=paid["id"])
    await sim.get("/v1/charges/search", query="amount>1000 AND currency:'usd'")
    assert (await sim.get("/v1/charges/search", query="amount>'x'")).status == 400
    assert (await sim.get("/v1/charges", limit=0)).status == 400
    assert (await sim.get("/v1/refunds", limit=0)).status == 400
    for path in ("charges/ch_none", "refunds/re_none"):
        assert (await sim.get(f"/v1/{path}")).status == 404
        assert (await sim.post(f"/v1/{path}")).status == 404


async def _bank_accounts(sim: Caller) -> None:
    customer = (await sim.made("/v1/customers"))["id"]
    typed = (await sim.made("/v1/payment_methods", BANK))["id"]
    setup = {"customer": customer, "payment_method": typed, **BANKS, **ACCEPTED, "confirm": "true"}
    waiting = await sim.made("/v1/setup_intents", setup)
    assert waiting["next_action"]["type"] == "verify_with_microdeposits"
    path = f"/v1/setup_intents/{waiting['id']}/verify_microdeposits"
    assert (await sim.post(path, {"amounts[0]": 1, "amounts[1]": 2})).status == 400
    done = await sim.made(path, {"amounts[0]": 32, "amounts[1]": 45, "expand[]": "mandate"})
    assert (done["status"], done["mandate"]["status"]) == ("succeeded", "active")
    await sim.get(f"/v1/mandates/{done['mandate']['id']}", **{"expand[]": "payment_method"})
    assert (await sim.get("/v1/mandates/mandate_none")).status == 404
    paying = {"amount": 1250, "currency": "usd", "customer": customer, "payment_method": typed, "confirm": "true"}
    debit = await sim.made("/v1/payment_intents", {**paying, **BANKS})
    assert debit["status"] == "processing"
    await sim.control("POST", "hurry")
    paid = (await sim.get(f"/v1/payment_intents/{debit['id']}", **{"expand[]": "latest_charge"})).body
    assert paid["status"] == "succeeded"
    refund = await sim.made("/v1/refunds", {"payment_intent": debit["id"]})
    await sim.control("POST", "hurry")
    assert (await sim.get(f"/v1/refunds/{refund['id']}", **{"expand[]": "charge"})).body["status"] == "succeeded"
    closed = {**BANKS, **ACCEPTED, "payment_method": "pm_usBankAccount_accountClosed", "confirm": "true"}
    failing = await sim.made("/v1/payment_intents", {"amount": 700, "currency": "usd", **closed})
    await sim.control("POST", "hurry")
    failed = (await sim.get(f"/v1/payment_intents/{failing['id']}", **{"expand[]": "latest_charge"})).body
    assert failed["last_payment_error"]["code"] == "account_closed"
    assert (
        await sim.post("/v1/payment_intents", {"amount": 700, "currency": "usd", **closed, "mandate_data": ""})
    ).status == 400


async def _disputes(sim: Caller) -> None:
    paid = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_createDispute"})
    [dispute] = (await sim.get("/v1/disputes", payment_intent=paid["id"])).body["data"]
    await sim.get(f"/v1/disputes/{dispute['id']}", **{"expand[0]": "charge", "expand[1]": "payment_intent"})
    path = f"/v1/disputes/{dispute['id']}"
    await sim.made(path, {"evidence[product_description]": "Kale", "submit": "false", "metadata[a]": "b"})
    await sim.made(path, {"evidence[uncategorized_text]": "winning_evidence"})
    other = await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_createDisputeProductNotReceived"})
    [second] = (await sim.get("/v1/disputes", charge=other["latest_charge"])).body["data"]
    await sim.made(f"/v1/disputes/{second['id']}/close")
    assert (await sim.post("/v1/refunds", {"charge": other["latest_charge"]})).error["code"] == "charge_disputed"
    for verb in ("", "/close"):
        assert (await sim.post(f"/v1/disputes/{second['id']}{verb}")).status == 400
    assert (await sim.get("/v1/disputes/du_none")).status == 404
    assert (await sim.get("/v1/disputes", limit=0)).status == 400


async def _events(sim: Caller) -> None:
    await sim.made("/v1/payment_intents", {**PAID, "payment_method": "pm_card_visa"})
    await sim.post("/v1/payment_intents", {**PAID, "payment_method": "pm_card_chargeDeclined"})
    page = (await sim.get("/v1/events", limit=100)).body["data"]
    assert {event["data"]["object"]["object"] for event in page} >= {"charge", "payment_intent"}
    await sim.get(f"/v1/events/{page[0]['id']}")
    await sim.get("/v1/events", **{"type": "charge.*", "created[lte]": 9_999_999_999})
    assert (await sim.get("/v1/events/evt_none")).status == 404
    assert (await sim.get("/v1/events", limit=0)).status == 400


SCENES: tuple[Callable[[Caller], Awaitable[None]], ...] = (
    _customers,
    _payment_methods,
    _payment_intents,
    _setup_intents,
    _charges_and_refunds,
    _bank_accounts,
    _disputes,
    _events,
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__.strip("_"))
async def test_every_answer_is_one_that_stripe_could_give(
    sim: Caller, scene: Callable[[Caller], Awaitable[None]]
) -> None:
    await scene(sim)


async def test_no_endpoint_escapes_the_comparison() -> None:
    """Each one has been seen to answer, and to refuse."""
    async with in_process() as sim:
        for scene in SCENES:
            await scene(sim)

    seen = {(method, path) for method, path, succeeded in sim.seen if succeeded}
    refused = {(method, path) for method, path, succeeded in sim.seen if not succeeded}
    assert seen == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert refused == seen


async def test_the_comparison_would_notice(sim: Caller) -> None:
    intent = await sim.made("/v1/payment_intents", {"amount": 700, "currency": "usd"})

    for wrong in ({"status": "paid"}, {"amount": "7.00"}, {"colour": "green"}, {"last_payment_error": {"code": "x"}}):
        with pytest.raises(AssertionError, match="not as published"):
            stripe_published.hold_answer("POST", "/v1/payment_intents", 200, {**intent, **wrong})


async def test_a_browser_sees_only_what_its_key_may_see(sim: Caller) -> None:
    intent = await sim.made("/v1/payment_intents", {"amount": 700, "currency": "usd", "metadata[order_id]": "7"})
    path, secret = f"/v1/payment_intents/{intent['id']}", {"client_secret": intent["client_secret"]}

    seen = (await sim.ask("GET", path, secret, auth=PUBLISHABLE_KEY)).body

    stripe_published.hold_objects(seen)
    assert "metadata" not in seen
    assert (await sim.ask("GET", path, {"client_secret": "x"}, auth=PUBLISHABLE_KEY)).status == 404
    assert (await sim.ask("GET", path, auth=PUBLISHABLE_KEY)).status == 400
    assert (await sim.ask("GET", "/v1/payment_intents", auth=PUBLISHABLE_KEY)).status == 401
    assert (await sim.ask("GET", path, auth="sk_live_house")).status == 401
    assert (await sim.ask("GET", path, auth=SECRET_KEY)).body["metadata"] == {"order_id": "7"}
