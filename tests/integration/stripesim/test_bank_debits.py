"""Bank accounts are saved, debited and taken back as Stripe documents."""

from typing import Any

import pytest
import stripe

from tests.stand_in import PUBLISHABLE_KEY, Caller, official

ROUTING = "110000000"
OFFLINE = {"mandate_data[customer_acceptance][type]": "offline"}
BANKS = {"payment_method_types[]": "us_bank_account"}
DEBIT = {"amount": 1250, "currency": "usd", "confirm": "true", **BANKS}


def _typed(number: str = "000123456789") -> dict[str, Any]:
    account = {"us_bank_account[account_number]": number, "us_bank_account[routing_number]": ROUTING}
    return {"type": "us_bank_account", "billing_details[name]": "Ada", **account}


async def _saved(sim: Caller, method: str = "pm_usBankAccount_success") -> tuple[str, dict[str, Any]]:
    customer = (await sim.made("/v1/customers"))["id"]
    form = {"customer": customer, "payment_method": method, "confirm": "true", **BANKS, **OFFLINE}
    return customer, await sim.made("/v1/setup_intents", form)


async def _debited(sim: Caller, method: str, **more: Any) -> dict[str, Any]:
    return await sim.made("/v1/payment_intents", {**DEBIT, **OFFLINE, "payment_method": method, **more})


async def _now(sim: Caller, intent: dict[str, Any]) -> dict[str, Any]:
    return (await sim.get(f"/v1/payment_intents/{intent['id']}", **{"expand[]": "latest_charge"})).body


async def _told(sim: Caller) -> list[str]:
    return [event["type"] for event in reversed((await sim.get("/v1/events", limit=100)).body["data"])]


async def test_a_debit_is_in_processing_until_the_bank_has_answered(sim: Caller) -> None:
    await sim.control("PUT", "config", {"bank_delay_s": 60})
    debit = await _debited(sim, "pm_usBankAccount_success")
    assert debit["status"] == "processing"
    assert (await _now(sim, debit))["latest_charge"]["status"] == "pending"
    assert (await sim.control("GET", "ledger"))["totals"]["charged"] == 0

    sim.ticker.advance(61)
    await sim.control("POST", "hurry")

    paid = await _now(sim, debit)
    assert (paid["status"], paid["amount_received"], paid["latest_charge"]["paid"]) == ("succeeded", 1250, True)
    assert await _told(sim) == [
        *("payment_intent.created", "charge.pending", "payment_intent.processing"),
        *("charge.succeeded", "payment_intent.succeeded"),
    ]


@pytest.mark.parametrize(
    ("method", "number", "code"),
    [
        ("pm_usBankAccount_accountClosed", "000111111113", "account_closed"),
        ("pm_usBankAccount_noAccount", "000111111116", "no_account"),
        ("pm_usBankAccount_insufficientFunds", "000222222227", "insufficient_funds"),
        ("pm_usBankAccount_debitNotAuthorized", "000333333335", "debit_not_authorized"),
        ("pm_usBankAccount_invalidCurrency", "000444444440", "invalid_currency"),
    ],
)
async def test_a_debit_that_comes_back_fails_late_and_for_its_reason(
    sim: Caller, method: str, number: str, code: str
) -> None:
    debit = await _debited(sim, method)
    await sim.control("POST", "hurry")

    failed = await _now(sim, debit)
    assert (failed["status"], failed["payment_method"]) == ("requires_payment_method", None)
    assert failed["last_payment_error"]["code"] == failed["latest_charge"]["failure_code"] == code
    assert failed["last_payment_error"]["payment_method"]["us_bank_account"]["last4"] == number[-4:]
    assert (await _told(sim))[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    retried = await sim.made(
        f"/v1/payment_intents/{debit['id']}/confirm", {"payment_method": await _good(sim), **OFFLINE}
    )
    assert retried["status"] == "processing"


async def _good(sim: Caller) -> str:
    return (await sim.get("/v1/payment_methods/pm_usBankAccount_success")).body["id"]


async def test_a_closed_account_is_not_debited_again(sim: Caller) -> None:
    customer, saved = await _saved(sim, "pm_usBankAccount_accountClosed")
    method = saved["payment_method"]
    await _debited(sim, method, customer=customer)
    await sim.control("POST", "hurry")

    again = await sim.post("/v1/payment_intents", {**DEBIT, "payment_method": method, "customer": customer})

    assert again.error["code"] == "payment_method_bank_account_blocked"


async def test_a_debit_taken_back_after_it_succeeded_is_lost_with_its_mandate(sim: Caller) -> None:
    customer, saved = await _saved(sim, "pm_usBankAccount_dispute")
    form = {**DEBIT, "payment_method": saved["payment_method"], "customer": customer}
    debit = await sim.made("/v1/payment_intents", form)
    await sim.control("POST", "hurry")

    [dispute] = (await sim.get("/v1/disputes", payment_intent=debit["id"])).body["data"]
    assert (dispute["status"], dispute["reason"]) == ("lost", "debit_not_authorized")
    assert (await _told(sim))[-6:] == [
        *("charge.succeeded", "payment_intent.succeeded", "charge.dispute.created"),
        *("charge.dispute.funds_withdrawn", "charge.dispute.closed", "mandate.updated"),
    ]
    assert (await sim.get(f"/v1/mandates/{saved['mandate']}")).body["status"] == "inactive"
    again = await sim.post("/v1/payment_intents", form)
    assert (again.status, again.error["payment_intent"]["status"]) == (400, "requires_confirmation")
    assert (await sim.control("GET", "ledger"))["totals"]["net"] == 0


async def test_without_a_mandate_no_account_is_debited(sim: Caller) -> None:
    refused = await sim.post("/v1/payment_intents", {**DEBIT, "payment_method": "pm_usBankAccount_success"})

    assert (refused.status, refused.error["type"]) == (400, "invalid_request_error")
    assert "mandate" in refused.error["message"]
    assert "charge.pending" not in await _told(sim)


async def test_a_saved_account_is_debited_by_its_mandate(sim: Caller) -> None:
    customer, saved = await _saved(sim)
    mandate = (await sim.get(f"/v1/mandates/{saved['mandate']}")).body
    assert (saved["status"], mandate["status"], mandate["type"]) == ("succeeded", "active", "multi_use")

    form = {**DEBIT, "payment_method": saved["payment_method"], "customer": customer, "off_session": "true"}
    debit = await _now(sim, await sim.made("/v1/payment_intents", form))

    assert debit["status"] == "processing"
    assert debit["latest_charge"]["payment_method_details"]["us_bank_account"]["mandate"] == saved["mandate"]


async def test_a_typed_account_is_its_owners_once_the_deposits_are_known(sim: Caller) -> None:
    customer = (await sim.made("/v1/customers"))["id"]
    async with official(sim.base) as client:
        intent = await client.v1.setup_intents.create_async(
            {"customer": customer, "payment_method_types": ["us_bank_account"]}
        )
        method = (await sim.made("/v1/payment_methods", _typed()))["id"]
        online = {"ip_address": "127.0.0.1", "user_agent": "a browser"}
        acceptance: Any = {"customer_acceptance": {"type": "online", "online": online}}
        waiting = await client.v1.setup_intents.confirm_async(
            intent.id, {"payment_method": method, "mandate_data": acceptance}
        )
        with pytest.raises(stripe.InvalidRequestError) as wrong:
            await client.v1.setup_intents.verify_microdeposits_async(intent.id, {"descriptor_code": "SM99ZZ"})
        unproven = await sim.post("/v1/payment_intents", {**DEBIT, **OFFLINE, "payment_method": method})
        done = await client.v1.setup_intents.verify_microdeposits_async(intent.id, {"descriptor_code": "SM11AA"})

    assert waiting.next_action.type == "verify_with_microdeposits"
    assert wrong.value.code == "payment_method_microdeposit_verification_descriptor_code_mismatch"
    assert unproven.error["code"] == "bank_account_unverified"
    assert done.status == "succeeded"
    assert (await sim.get(f"/v1/payment_methods/{method}")).body["customer"] == customer
    assert (await sim.get(f"/v1/mandates/{done.mandate}")).body["status"] == "active"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"descriptor_code": "SM33CC"}, "payment_method_microdeposit_verification_attempts_exceeded"),
        ({"amounts[0]": 41, "amounts[1]": 40}, "payment_method_microdeposit_verification_timeout"),
    ],
)
async def test_an_account_nobody_could_verify_needs_to_be_entered_again(
    sim: Caller, said: dict[str, Any], code: str
) -> None:
    waiting = await _waiting(sim, "000123456789")

    refused = await sim.post(f"/v1/setup_intents/{waiting['id']}/verify_microdeposits", said)

    intent = (await sim.get(f"/v1/setup_intents/{waiting['id']}")).body
    assert refused.error["code"] == intent["last_setup_error"]["code"] == code
    assert intent["status"] == "requires_payment_method"
    assert "setup_intent.setup_failed" in await _told(sim)


async def _waiting(sim: Caller, number: str) -> dict[str, Any]:
    method = (await sim.made("/v1/payment_methods", _typed(number)))["id"]
    return await sim.made("/v1/setup_intents", {**BANKS, **OFFLINE, "payment_method": method, "confirm": "true"})


async def test_three_wrong_amounts_are_the_last(sim: Caller) -> None:
    path = f"/v1/setup_intents/{(await _waiting(sim, '000123456789'))['id']}/verify_microdeposits"

    codes = [(await sim.post(path, {"amounts[0]": 1, "amounts[1]": 2})).error["code"] for _ in range(3)]

    assert [code.removeprefix("payment_method_microdeposit_verification_") for code in codes] == [
        *("amounts_mismatch", "amounts_mismatch", "attempts_exceeded")
    ]


async def test_deposits_that_do_not_arrive_fail_the_setup_later(sim: Caller) -> None:
    waiting = await _waiting(sim, "000666666661")
    await sim.control("POST", "hurry")

    intent = (await sim.get(f"/v1/setup_intents/{waiting['id']}")).body
    assert intent["last_setup_error"]["code"] == "payment_method_microdeposit_failed"


async def test_a_debit_that_never_ends_can_be_cancelled_and_others_cannot(sim: Caller) -> None:
    endless = await _debited(sim, "pm_usBankAccount_processing")
    await sim.control("POST", "hurry")
    assert (await _now(sim, endless))["status"] == "processing"
    gone = await sim.made(f"/v1/payment_intents/{endless['id']}/cancel")

    other = await _debited(sim, "pm_usBankAccount_success")
    refused = await sim.post(f"/v1/payment_intents/{other['id']}/cancel")

    assert (gone["status"], (await _now(sim, endless))["latest_charge"]["status"]) == ("canceled", "failed")
    assert refused.error["code"] == "payment_intent_unexpected_state"


async def test_a_refund_to_a_bank_account_takes_its_time(sim: Caller) -> None:
    debit = await _debited(sim, "pm_usBankAccount_success")
    early = await sim.post("/v1/refunds", {"payment_intent": debit["id"]})
    await sim.control("POST", "hurry")
    refund = await sim.made("/v1/refunds", {"payment_intent": debit["id"], "amount": 500})
    assert (early.status, refund["status"], refund["pending_reason"]) == (400, "pending", "processing")
    assert (await sim.control("GET", "ledger"))["totals"]["net"] == 750

    failed = await sim.control("POST", f"refunds/{refund['id']}/settle", {"outcome": "failed"})
    other = await sim.made("/v1/refunds", {"payment_intent": debit["id"]})
    await sim.control("POST", "hurry")

    assert failed["status"] == "failed"
    settled = (await sim.get(f"/v1/refunds/{other['id']}")).body
    assert (settled["amount"], settled["status"]) == (1250, "succeeded")
    assert (await sim.control("GET", "ledger"))["totals"]["net"] == 0


@pytest.mark.parametrize(("outcome", "status"), [("succeeded", "succeeded"), ("failed", "requires_payment_method")])
async def test_a_bank_can_be_told_from_outside_what_to_answer(sim: Caller, outcome: str, status: str) -> None:
    debit = await _debited(sim, "pm_usBankAccount_success")

    body = {"outcome": outcome, **({"code": "account_closed"} if outcome == "failed" else {})}
    assert (await sim.control("POST", f"debits/{debit['id']}/settle", body))["status"] == status

    await sim.control("POST", "hurry")
    assert (await _now(sim, debit))["status"] == status


@pytest.mark.parametrize(
    ("but", "code"),
    [
        ({"us_bank_account[account_number]": "123"}, "account_number_invalid"),
        ({"us_bank_account[routing_number]": "123"}, "routing_number_invalid"),
        ({"billing_details[name]": ""}, "parameter_missing"),
    ],
)
async def test_a_mistyped_account_is_refused(sim: Caller, but: dict[str, str], code: str) -> None:
    assert (await sim.post("/v1/payment_methods", {**_typed(), **but})).error["code"] == code


async def test_an_intent_takes_only_the_types_it_names(sim: Caller) -> None:
    cards = {"amount": 1250, "currency": "usd", "payment_method_types[]": "card", "confirm": "true", **OFFLINE}
    refused = await sim.post("/v1/payment_intents", {**cards, "payment_method": "pm_usBankAccount_success"})
    both = {**cards, "payment_method_types[0]": "card", "payment_method_types[1]": "us_bank_account"}
    del both["payment_method_types[]"]

    assert refused.error["code"] == "payment_intent_incompatible_payment_method"
    for method, status in (("pm_card_visa", "succeeded"), ("pm_usBankAccount_success", "processing")):
        assert (await sim.made("/v1/payment_intents", {**both, "payment_method": method}))["status"] == status


async def test_a_browser_accepts_the_mandate_by_being_there(sim: Caller) -> None:
    method = (await sim.get("/v1/payment_methods/pm_usBankAccount_success")).body["id"]
    intent = await sim.made("/v1/setup_intents", {**BANKS, "payment_method": method})

    path, secret = f"/v1/setup_intents/{intent['id']}", {"client_secret": intent["client_secret"]}
    done = await sim.ask("POST", f"{path}/confirm", secret, auth=PUBLISHABLE_KEY)

    assert done.body["status"] == "succeeded"
    mandate = (await sim.get(path, **{"expand[]": "mandate"})).body["mandate"]
    assert mandate["customer_acceptance"]["online"]["ip_address"] == "127.0.0.1"
