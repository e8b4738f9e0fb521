"""The cards Stripe publishes do what Stripe documents, seen through Stripe's own package."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import stripe

from tests.stand_in import Caller, official

CARD = {"exp_month": 12, "exp_year": 2030, "cvc": "123"}
PAYMENT: dict[str, Any] = {"amount": 1250, "currency": "usd", "payment_method_types": ["card"]}


@pytest_asyncio.fixture
async def client(sim: Caller) -> AsyncIterator[stripe.StripeClient]:
    async with official(sim.base) as client:
        yield client


async def _card(client: stripe.StripeClient, number: str, **but: Any) -> str:
    made = await client.v1.payment_methods.create_async({"type": "card", "card": {**CARD, "number": number, **but}})
    return made.id


async def _pay(client: stripe.StripeClient, method: str, **but: Any) -> stripe.PaymentIntent:
    return await client.v1.payment_intents.create_async({**PAYMENT, "payment_method": method, "confirm": True, **but})


@pytest.mark.parametrize(
    ("published", "number", "brand", "funding"),
    [
        ("pm_card_visa", "4242424242424242", "visa", "credit"),
        ("pm_card_visa_debit", "4000056655665556", "visa", "debit"),
        ("pm_card_mastercard", "5555555555554444", "mastercard", "credit"),
        ("pm_card_mastercard_prepaid", "5105105105105100", "mastercard", "prepaid"),
        ("pm_card_amex", "378282246310005", "amex", "credit"),
        ("pm_card_discover", "6011111111111117", "discover", "credit"),
        ("pm_card_diners", "3056930009020004", "diners", "credit"),
        ("pm_card_jcb", "3566002020360505", "jcb", "credit"),
        ("pm_card_unionpay", "6200000000000005", "unionpay", "credit"),
    ],
)
async def test_a_good_card_pays(
    client: stripe.StripeClient, published: str, number: str, brand: str, funding: str
) -> None:
    for method in (published, await _card(client, number)):
        paid = await _pay(client, method, expand=["latest_charge", "payment_method"])

        card = paid.payment_method.card
        assert (card.brand, card.funding, card.last4) == (brand, funding, number[-4:])
        assert paid.payment_method.id.startswith("pm_")
        assert paid.payment_method.id != published
        assert (paid.status, paid.amount_received) == ("succeeded", 1250)
        assert (paid.latest_charge.paid, paid.latest_charge.amount_captured) == (True, 1250)


@pytest.mark.parametrize(
    ("published", "number", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "4000000000000002", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "4000000000000002", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedLostCard", "4000000000009987", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedStolenCard", "4000000000009979", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "4000000000000069", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "4000000000000119", "processing_error", "processing_error"),
    ],
)
async def test_a_bad_card_is_declined_for_its_reason(
    client: stripe.StripeClient, published: str, number: str, code: str, decline_code: str
) -> None:
    for method in (published, await _card(client, number)):
        with pytest.raises(stripe.CardError) as declined:
            await _pay(client, method)

        error = declined.value.error
        assert (declined.value.http_status, error.code, error.decline_code) == (402, code, decline_code)
        intent = await client.v1.payment_intents.retrieve_async(error.payment_intent.id, {"expand": ["latest_charge"]})
        assert (intent.status, intent.payment_method, intent.amount_received) == ("requires_payment_method", None, 0)
        assert intent.last_payment_error.decline_code == decline_code
        assert (intent.latest_charge.status, intent.latest_charge.failure_code) == ("failed", code)


async def test_another_card_pays_the_same_intent_after_a_decline(client: stripe.StripeClient, sim: Caller) -> None:
    with pytest.raises(stripe.CardError) as declined:
        await _pay(client, "pm_card_chargeDeclined")
    ident = declined.value.error.payment_intent.id

    paid = await client.v1.payment_intents.confirm_async(ident, {"payment_method": "pm_card_visa"})

    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    entry = (await sim.control("GET", "ledger"))["intents"][0]
    assert sorted(charge["status"] for charge in entry["charges"]) == ["failed", "succeeded"]


async def test_a_second_confirm_charges_nothing(client: stripe.StripeClient, sim: Caller) -> None:
    paid = await _pay(client, "pm_card_visa")

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.confirm_async(paid.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert (await sim.control("GET", "ledger"))["totals"]["charged"] == 1250


async def test_a_canceled_intent_cannot_be_confirmed(client: stripe.StripeClient) -> None:
    intent = await client.v1.payment_intents.create_async({**PAYMENT, "payment_method": "pm_card_visa"})
    await client.v1.payment_intents.cancel_async(intent.id)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.confirm_async(intent.id)

    assert refused.value.code == "payment_intent_unexpected_state"


async def test_a_card_that_fails_later_can_be_saved_first(client: stripe.StripeClient) -> None:
    customer = (await client.v1.customers.create_async({})).id
    saved = await client.v1.payment_methods.attach_async("pm_card_chargeCustomerFail", {"customer": customer})

    with pytest.raises(stripe.CardError):
        await _pay(client, saved.id, customer=customer)
    with pytest.raises(stripe.CardError):
        await client.v1.payment_methods.attach_async("pm_card_chargeDeclined", {"customer": customer})


async def test_a_saved_card_pays_only_for_its_customer(client: stripe.StripeClient) -> None:
    owner, other = [(await client.v1.customers.create_async({})).id for _ in range(2)]
    saved = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": owner})

    for buyer in ({}, {"customer": other}):
        with pytest.raises(stripe.InvalidRequestError):
            await _pay(client, saved.id, **buyer)
    assert (await _pay(client, saved.id, customer=owner)).status == "succeeded"
    assert (await _pay(client, saved.id, customer=owner)).status == "succeeded"


async def test_a_card_that_was_not_saved_pays_once(client: stripe.StripeClient) -> None:
    method = await _card(client, "4242424242424242")
    await _pay(client, method)

    with pytest.raises(stripe.InvalidRequestError):
        await _pay(client, method)


@pytest.mark.parametrize(
    ("but", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "12"}, "invalid_number"),
        ({"number": "4929420573595709"}, "card_declined"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2025}, "invalid_expiry_year"),
        ({"exp_year": 2090}, "invalid_expiry_year"),
        ({"exp_year": 2026, "exp_month": 10}, "invalid_expiry_month"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
async def test_a_mistyped_card_is_refused_in_stripes_codes(
    client: stripe.StripeClient, but: dict[str, Any], code: str
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        await _card(client, **({"number": "4242424242424242"} | but))

    assert refused.value.code == code


async def test_a_card_that_needs_authentication_waits_for_its_owner(client: stripe.StripeClient, sim: Caller) -> None:
    waiting = await _pay(client, "pm_card_authenticationRequired", return_url="http://127.0.0.1/done?order=7")
    assert (waiting.status, waiting.next_action.type) == ("requires_action", "redirect_to_url")

    form = {"intent": waiting.id, "client_secret": waiting.client_secret, "outcome": "complete"}
    async with sim.session.post(f"{sim.base}/v3/authenticate", data=form, allow_redirects=False) as back:
        assert back.headers["Location"].startswith(f"http://127.0.0.1/done?order=7&payment_intent={waiting.id}&")

    assert (await client.v1.payment_intents.retrieve_async(waiting.id)).status == "succeeded"


async def test_an_owner_who_refuses_leaves_the_intent_unpaid(client: stripe.StripeClient, sim: Caller) -> None:
    waiting = await _pay(client, "pm_card_authenticationRequired")

    form = {"intent": waiting.id, "client_secret": waiting.client_secret, "outcome": "fail"}
    async with sim.session.post(f"{sim.base}/v3/authenticate", data=form) as told:
        assert (await told.json())["status"] == "requires_payment_method"

    intent = await client.v1.payment_intents.retrieve_async(waiting.id)
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"


async def test_nobody_can_authenticate_while_the_customer_is_away(client: stripe.StripeClient) -> None:
    customer = (await client.v1.customers.create_async({})).id
    saved = await client.v1.payment_methods.attach_async("pm_card_authenticationRequired", {"customer": customer})

    with pytest.raises(stripe.CardError) as declined:
        await _pay(client, saved.id, customer=customer, off_session=True)

    assert declined.value.code == "authentication_required"


async def test_refunds_never_exceed_the_charge(client: stripe.StripeClient, sim: Caller) -> None:
    paid = await _pay(client, "pm_card_visa")
    part = await client.v1.refunds.create_async({"payment_intent": paid.id, "amount": 1000})

    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.refunds.create_async({"payment_intent": paid.id, "amount": 251})
    rest = await client.v1.refunds.create_async({"payment_intent": paid.id})

    assert (part.amount, rest.amount) == (1000, 250)
    assert (await client.v1.charges.retrieve_async(paid.latest_charge)).refunded
    totals = (await sim.control("GET", "ledger"))["totals"]
    assert (totals["intents"], totals["charged"], totals["refunded"], totals["net"]) == (1, 1250, 1250, 0)


@pytest.mark.parametrize(
    ("but", "code"),
    [
        ({"amount": 49}, "amount_too_small"),
        ({"amount": -1}, "parameter_invalid_integer"),
        ({"amount": 100_000_000}, "amount_too_large"),
        ({"amount": "12.50"}, "parameter_invalid_integer"),
        ({"payment_method": "pm_nonsense"}, "resource_missing"),
        ({"customer": "cus_nonsense"}, "resource_missing"),
        ({"colour": "green"}, "parameter_unknown"),
    ],
)
async def test_an_intent_that_makes_no_sense_is_refused(sim: Caller, but: dict[str, Any], code: str) -> None:
    answer = await sim.post("/v1/payment_intents", {"amount": 1250, "currency": "usd", **but})

    assert (answer.status, answer.error["code"]) == (400, code)


async def test_an_intent_open_to_other_methods_wants_to_know_the_way_back(client: stripe.StripeClient) -> None:
    automatic = {"amount": 1250, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.create_async(automatic)
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}

    assert refused.value.param == "return_url"
    assert (await client.v1.payment_intents.create_async({**automatic, **never})).status == "succeeded"


async def test_lists_go_page_by_page_newest_first(client: stripe.StripeClient, sim: Caller) -> None:
    made = []
    for _ in range(5):
        made.insert(0, (await client.v1.customers.create_async({})).id)
        sim.ticker.advance(10)

    first = await client.v1.customers.list_async({"limit": 2})
    second = await client.v1.customers.list_async({"limit": 2, "starting_after": first.data[-1].id})
    back = await client.v1.customers.list_async({"limit": 2, "ending_before": second.data[0].id})
    walked = [customer.id async for customer in first.auto_paging_iter()]
    since = await client.v1.customers.list_async({"created": {"gt": first.data[-1].created}})

    assert (first.has_more, [customer.id for customer in first.data]) == (True, made[:2])
    assert [customer.id for customer in second.data] == made[2:4]
    assert [customer.id for customer in back.data] == made[:2]
    assert walked == made
    assert [customer.id for customer in since.data] == made[:1]


async def test_search_lags_behind_as_stripes_does(client: stripe.StripeClient, sim: Caller) -> None:
    await sim.control("PUT", "config", {"search_lag_ms": 60_000})
    await client.v1.payment_intents.create_async({**PAYMENT, "metadata": {"order_id": "7"}})

    async def found() -> int:
        return len((await client.v1.payment_intents.search_async({"query": "metadata['order_id']:'7'"})).data)

    assert await found() == 0
    sim.ticker.advance(61)
    assert await found() == 1


async def test_a_deleted_customer_keeps_no_card(client: stripe.StripeClient) -> None:
    customer = (await client.v1.customers.create_async({})).id
    saved = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer})
    await client.v1.customers.delete_async(customer)

    assert (await client.v1.payment_methods.retrieve_async(saved.id)).customer is None
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payment_intents.create_async({**PAYMENT, "customer": customer})


async def test_a_network_updates_a_card_and_says_so(client: stripe.StripeClient, sim: Caller) -> None:
    customer = (await client.v1.customers.create_async({})).id
    saved = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer})

    await sim.control("POST", f"payment_methods/{saved.id}/update", {"exp_month": 5, "exp_year": 2032, "last4": "1881"})
    await sim.control("POST", f"payment_methods/{saved.id}/detach", {})

    updated, detached = (await sim.get("/v1/events", limit=2)).body["data"][::-1]
    assert (updated["type"], detached["type"]) == ("payment_method.automatically_updated", "payment_method.detached")
    card = updated["data"]["object"]["card"]
    assert (card["exp_month"], card["exp_year"], card["last4"]) == (5, 2032, "1881")
    assert updated["data"]["previous_attributes"]["card"]["last4"] == "4242"
    assert detached["data"]["previous_attributes"] == {"customer": customer}
    with pytest.raises(stripe.InvalidRequestError):
        await _pay(client, saved.id, customer=customer)


async def test_a_card_removed_by_the_shop_is_nobodys_any_more(client: stripe.StripeClient) -> None:
    customer = (await client.v1.customers.create_async({})).id
    saved = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer})

    assert (await client.v1.payment_methods.detach_async(saved.id)).customer is None

    assert (await client.v1.customers.payment_methods.list_async(customer)).data == []
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payment_methods.attach_async(saved.id, {"customer": customer})


async def test_a_refund_made_in_the_dashboard_carries_nothing_of_the_shops(
    client: stripe.StripeClient, sim: Caller
) -> None:
    paid = await _pay(client, "pm_card_visa")
    own = await client.v1.refunds.create_async(
        {"payment_intent": paid.id, "amount": 250, "reason": "requested_by_customer", "metadata": {"refund_id": "r1"}}
    )
    sim.ticker.advance(10)
    made = await sim.control("POST", "refunds", {"payment_intent": paid.id, "amount": 1000})

    listed = await client.v1.refunds.list_async({"payment_intent": paid.id})
    since = await client.v1.refunds.list_async({"created": {"gt": own.created}})
    assert [refund.id for refund in listed.data] == [made["id"], own.id]
    assert [refund.id for refund in since.data] == [made["id"]]
    assert (made["metadata"], listed.data[1].metadata.to_dict()) == ({}, {"refund_id": "r1"})
    event = (await sim.get("/v1/events", type="refund.created")).body["data"][0]
    assert (event["data"]["object"]["id"], event["request"]["id"]) == (made["id"], None)
