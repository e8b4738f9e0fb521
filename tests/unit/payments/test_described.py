from kalecart.payments import described


def an_intent(**but: object) -> dict[str, object]:
    """One whose first card was declined: its charge stays the latest until there is another."""
    declined = {"charge": "ch_1", "code": "card_declined", "decline_code": "lost_card"}
    told = {"id": "pi_1", "amount": 500, "status": "requires_payment_method", "payment_method": None}
    error = declined | {"payment_method": {"id": "pm_1"}}
    return {**told, "last_payment_error": error, "latest_charge": "ch_1", **but}


def test_a_decline_speaks_of_its_own_charge_and_card() -> None:
    seen = described.intent(an_intent())

    assert (seen.charge_id, seen.method_id, seen.decline_code) == ("ch_1", "pm_1", "lost_card")


def test_a_failure_before_any_charge_has_none_although_an_earlier_try_had() -> None:
    failed = {"code": "payment_intent_authentication_failure", "payment_method": {"id": "pm_2"}}

    seen = described.intent(an_intent(last_payment_error=failed))

    assert (seen.charge_id, seen.method_id) == (None, "pm_2")


def test_what_went_wrong_before_says_nothing_of_a_try_that_waits_or_succeeded() -> None:
    waits = described.intent(an_intent(status="requires_action", payment_method="pm_2"))
    paid = described.intent(an_intent(status="succeeded", payment_method="pm_2", latest_charge="ch_2"))

    assert (waits.method_id, waits.decline_code) == ("pm_2", None)
    assert (paid.method_id, paid.charge_id, paid.decline_code) == ("pm_2", "ch_2", None)
