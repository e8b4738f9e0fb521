"""Disputes run as Stripe documents, and the ledger knows where the money is."""

from typing import Any

import pytest

from tests.stand_in import Caller

PAID = {"amount": 1250, "currency": "usd", "payment_method_types[]": "card", "confirm": "true"}
FEE = 1500


async def _paid(sim: Caller, method: str = "pm_card_visa") -> dict[str, Any]:
    return await sim.made("/v1/payment_intents", {**PAID, "payment_method": method})


async def _disputed(sim: Caller, method: str) -> tuple[dict[str, Any], dict[str, Any]]:
    paid = await _paid(sim, method)
    [dispute] = (await sim.get("/v1/disputes", payment_intent=paid["id"])).body["data"]
    return paid, dispute


async def _told(sim: Caller) -> list[str]:
    """The kinds of events so far, oldest first."""
    return [event["type"] for event in reversed((await sim.get("/v1/events", limit=100)).body["data"])]


async def _totals(sim: Caller) -> dict[str, int]:
    return (await sim.control("GET", "ledger"))["totals"]


@pytest.mark.parametrize(
    ("method", "reason", "code"),
    [
        ("pm_card_createDispute", "fraudulent", "10.4"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received", "13.1"),
    ],
)
async def test_a_disputed_charge_takes_the_money_back_at_once(sim: Caller, method: str, reason: str, code: str) -> None:
    paid, dispute = await _disputed(sim, method)

    card = dispute["payment_method_details"]["card"]
    assert (dispute["status"], dispute["reason"], card["network_reason_code"]) == ("needs_response", reason, code)
    assert [(each["amount"], each["net"]) for each in dispute["balance_transactions"]] == [(-1250, -1250 - FEE)]
    assert (dispute["evidence_details"]["due_by"] + 1) % 86_400 == 0
    assert (await sim.get(f"/v1/charges/{paid['latest_charge']}")).body["disputed"]
    assert (await _told(sim))[-4:] == [
        *("charge.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn", "payment_intent.succeeded")
    ]
    totals = await _totals(sim)
    assert (totals["disputed"], totals["dispute_fees"], totals["net"]) == (1250, FEE, 0)


async def test_an_inquiry_moves_no_money_until_it_is_escalated(sim: Caller) -> None:
    paid, inquiry = await _disputed(sim, "pm_card_createDisputeInquiry")
    assert (inquiry["status"], inquiry["balance_transactions"]) == ("warning_needs_response", [])
    assert (await _totals(sim))["net"] == 1250
    part = await sim.post("/v1/refunds", {"payment_intent": paid["id"], "amount": 1})
    assert part.status == 200

    said = {"evidence[uncategorized_text]": "escalate_inquiry_evidence"}
    escalated = await sim.made(f"/v1/disputes/{inquiry['id']}", said)

    assert (escalated["status"], escalated["is_charge_refundable"]) == ("needs_response", False)
    assert (await _told(sim))[-1] == "charge.dispute.funds_withdrawn"


async def test_evidence_that_wins_brings_the_money_back(sim: Caller) -> None:
    paid, dispute = await _disputed(sim, "pm_card_createDispute")
    refused = await sim.post("/v1/refunds", {"payment_intent": paid["id"]})

    won = await sim.made(f"/v1/disputes/{dispute['id']}", {"evidence[uncategorized_text]": "winning_evidence"})

    assert (refused.status, refused.error["code"]) == (400, "charge_disputed")
    assert (won["status"], won["evidence_details"]["submission_count"]) == ("won", 1)
    assert (await _told(sim))[-4:] == [
        *("charge.dispute.updated", "charge.updated", "charge.dispute.funds_reinstated", "charge.dispute.closed")
    ]
    assert (await _totals(sim))["disputed"] == 0
    assert (await sim.post("/v1/refunds", {"payment_intent": paid["id"]})).status == 200


async def test_evidence_that_loses_and_giving_up_end_alike(sim: Caller) -> None:
    for path, form in (("", {"evidence[uncategorized_text]": "losing_evidence"}), ("/close", {})):
        _, dispute = await _disputed(sim, "pm_card_createDispute")
        lost = await sim.made(f"/v1/disputes/{dispute['id']}{path}", form)

        assert (lost["status"], lost["is_charge_refundable"]) == ("lost", False)
        assert "charge.dispute.funds_reinstated" not in await _told(sim)
        assert (await sim.post(f"/v1/disputes/{dispute['id']}")).status == 400
    assert (await _totals(sim))["disputed"] == 2500


async def test_evidence_kept_for_later_is_sent_when_it_is_submitted(sim: Caller) -> None:
    _, dispute = await _disputed(sim, "pm_card_createDispute")
    path = f"/v1/disputes/{dispute['id']}"

    kept = await sim.made(path, {"evidence[product_description]": "Kale", "submit": "false"})
    sent = await sim.made(path, {"submit": "true"})

    assert (kept["status"], kept["evidence_details"]["has_evidence"]) == ("needs_response", True)
    assert (sent["status"], sent["evidence_details"]["submission_count"]) == ("under_review", 1)
    assert (await sim.post(path, {"evidence[receipt]": "file_1"})).error["code"] == "parameter_unknown"


async def test_a_dispute_that_nobody_answers_is_lost_when_its_time_is_over(sim: Caller) -> None:
    _, dispute = await _disputed(sim, "pm_card_createDispute")

    sim.ticker.at = dispute["evidence_details"]["due_by"] - 60.0
    await sim.control("POST", "hurry")
    assert (await sim.get(f"/v1/disputes/{dispute['id']}")).body["status"] == "needs_response"
    sim.ticker.advance(120)
    await sim.control("POST", "hurry")

    late = (await sim.get(f"/v1/disputes/{dispute['id']}")).body
    assert (late["status"], late["evidence_details"]["past_due"]) == ("lost", True)


async def test_any_charge_can_be_disputed_and_decided_from_outside(sim: Caller) -> None:
    paid = await _paid(sim)

    body = {"payment_intent": paid["id"], "reason": "duplicate", "amount": 1000}
    dispute = await sim.control("POST", "disputes", body)
    assert (dispute["amount"], (await _totals(sim))["net"]) == (1000, 250)
    won = await sim.control("POST", f"disputes/{dispute['id']}/settle", {"outcome": "won"})

    assert (won["status"], (await _totals(sim))["net"]) == ("won", 1250)
    async with sim.session.post(f"{sim.base}/_sim/disputes", json=body) as again:
        assert again.status == 400  # disputed once is disputed


@pytest.mark.parametrize(("outcome", "status", "net"), [("won", "warning_closed", 1250), ("lost", "lost", 0)])
async def test_an_inquiry_can_be_decided_from_outside(sim: Caller, outcome: str, status: str, net: int) -> None:
    paid = await _paid(sim)

    body = {"charge": paid["latest_charge"], "inquiry": True, "outcome": outcome}
    dispute = await sim.control("POST", "disputes", body)

    assert (dispute["status"], (await _totals(sim))["net"]) == (status, net)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("disputes", {"payment_intent": "pi_none"}),
        ("disputes", {"charge": "ch_none", "reason": "mood"}),
        ("disputes", {"colour": "red"}),
        ("disputes/du_none/settle", {"outcome": "won"}),
        ("refunds", {"payment_intent": "pi_none"}),
        ("refunds/re_none/settle", {"outcome": "perhaps"}),
        ("debits/pi_none/settle", {"outcome": "succeeded"}),
        ("payment_methods/pm_none/update", {"exp_month": "x"}),
        ("payment_methods/pm_none/detach", {"exp_month": 1}),
        ("disputes", []),
    ],
)
async def test_an_order_from_outside_that_makes_no_sense_is_refused(sim: Caller, path: str, body: Any) -> None:
    async with sim.session.post(f"{sim.base}/_sim/{path}", json=body) as answer:
        assert answer.status in {400, 404}
        assert "message" in (await answer.json())["error"]
