"""Signing up, logging in and out, details, consents, staff."""

from kalecart.accounts.log_in import PER_ACCOUNT
from tests.clock import FakeClock
from tests.web.shop import PASSWORD, Shop


async def test_signing_up_logs_in_and_keeps_the_cart(shop: Shop) -> None:
    await shop.fill("kale", 3)

    entered = await shop.sign_up()

    assert entered.status == 201
    assert {cookie.partition("=")[0] for cookie in entered.headers.getall("Set-Cookie")} == {
        "kale_session",
        "kale_cart",
    }
    assert (await shop.get("/api/v1/cart")).body["units"] == 3
    me = (await shop.get("/api/v1/me")).body
    assert (me["name"], me["email"], me["phone"]) == ("Ana Shopper", "ana@example.com", "+12135550123")


async def test_every_field_that_is_wrong_is_named_at_once(shop: Shop) -> None:
    nowhere = {"street": "", "city": "Portland", "state": "OR", "postal_code": "97201"}

    refused = await shop.sign_up("not an address", name="", phone="12", address=nowhere, password="short")

    assert refused.status == 422
    assert refused.wrong >= {"/name", "/email", "/phone", "/address/street", "/password"}


async def test_signing_up_without_what_delivery_needs_is_refused_with_the_reasons(shop: Shop) -> None:
    refused = await shop.sign_up(payment_and_delivery=False)

    assert refused.status == 422
    assert "Set-Cookie" not in refused.headers


async def test_an_address_that_is_taken_is_said_to_be(shop: Shop) -> None:
    await shop.sign_up()

    again = await shop.sign_up("Ana@Example.com")

    assert (again.status, again.problem) == (409, "email-taken")


async def test_logging_out_ends_the_session_and_takes_the_cookies(shop: Shop) -> None:
    await shop.sign_up()

    left = await shop.ask("DELETE", "/api/v1/session")

    assert left.status == 204
    assert all("Max-Age=0" in cookie for cookie in left.headers.getall("Set-Cookie"))
    assert (await shop.get("/api/v1/me")).status == 401


async def test_logging_out_everywhere_ends_other_browsers_too(shop: Shop) -> None:
    await shop.sign_up()
    kept = shop.client.session.cookie_jar.filter_cookies(shop.client.make_url("/"))["kale_session"].value
    await shop.ask("POST", "/api/v1/session", json={"email": "ana@example.com", "password": PASSWORD})
    await shop.ask("DELETE", "/api/v1/session?everywhere=true")

    other = await shop.get("/api/v1/me", headers={"Cookie": f"kale_session={kept}"})

    assert other.status == 401


async def test_a_wrong_log_in_does_not_say_which_of_the_two_was_wrong(shop: Shop) -> None:
    await shop.sign_up()

    unknown = await shop.ask("POST", "/api/v1/session", json={"email": "who@example.com", "password": PASSWORD})
    wrong = await shop.ask("POST", "/api/v1/session", json={"email": "ana@example.com", "password": "another secret"})

    assert (
        (unknown.status, unknown.body["detail"]) == (wrong.status, wrong.body["detail"]) == (422, wrong.body["detail"])
    )
    assert unknown.problem == "wrong-log-in"


async def test_guessing_is_stopped_and_told_when_to_come_back(shop: Shop) -> None:
    wrong = {"email": "ana@example.com", "password": "a guess of mine"}
    for _ in range(PER_ACCOUNT[0].tries):
        await shop.ask("POST", "/api/v1/session", json=wrong)

    refused = await shop.ask("POST", "/api/v1/session", json=wrong)

    assert (refused.status, refused.problem) == (429, "too-many-tries")
    assert int(refused.headers["Retry-After"]) > 0


async def test_details_are_corrected_and_what_is_left_out_stays(shop: Shop) -> None:
    await shop.sign_up()

    amended = await shop.ask("PATCH", "/api/v1/me", json={"phone": "213-555-0199"})

    assert amended.status == 200
    assert (amended.body["phone"], amended.body["name"]) == ("+12135550199", "Ana Shopper")


async def test_a_new_password_needs_the_old_one_and_keeps_this_browser_in(shop: Shop) -> None:
    await shop.sign_up()
    new = {"current_password": "not this one", "new_password": "another long secret"}

    wrong = await shop.ask("PUT", "/api/v1/me/password", json=new)
    right = await shop.ask("PUT", "/api/v1/me/password", json=new | {"current_password": PASSWORD})

    assert (wrong.status, wrong.wrong, right.status) == (422, {"/current_password"}, 204)
    assert (await shop.get("/api/v1/me")).status == 200


async def test_the_optional_consent_is_off_and_can_be_given_and_withdrawn(shop: Shop, clock: FakeClock) -> None:
    await shop.sign_up()

    async def holds() -> bool:
        clock.advance(seconds=1)
        held = (await shop.get("/api/v1/consents")).body["consents"]
        return next(consent["given"] for consent in held if consent["purpose"] == "improve_service")

    assert not await holds()
    await shop.ask("PUT", "/api/v1/consents", json={"improve_service": True})
    assert await holds()
    await shop.ask("PUT", "/api/v1/consents", json={"improve_service": False})
    assert not await holds()


async def test_withdrawing_what_delivery_needs_takes_one_step_and_is_answered_with_reasons_and_a_date(
    shop: Shop, clock: FakeClock
) -> None:
    await shop.sign_up()
    clock.advance(minutes=1)

    told = (await shop.ask("PUT", "/api/v1/consents", json={"payment_and_delivery": False})).body["delivery"]
    clock.advance(minutes=1)
    back = await shop.ask("PUT", "/api/v1/consents", json={"payment_and_delivery": True})

    assert not told["in_force"]
    assert told["effective_at"] > told["told_at"]
    assert "So that we know where to bring your order" in told["told"]
    assert "you cannot place an order" in told["told"]
    assert back.body["delivery"] is None


async def test_a_browsers_signal_is_honoured_and_shown(shop: Shop, clock: FakeClock) -> None:
    signal = {"Sec-GPC": "1"}
    await shop.sign_up(improve_service=True)
    clock.advance(minutes=1)

    held = (await shop.get("/api/v1/consents", headers=signal)).body

    assert held["signal_honoured"]
    assert {row["purpose"]: row["source"] for row in held["consents"]}["improve_service"] == "gpc"
    assert [row["purpose"] for row in held["consents"] if row["given"]] == ["payment_and_delivery"]
    assert "Opt-out request honored" in (await shop.get("/account", headers=signal)).body
    assert "Opt-out request honored" not in (await shop.get("/account")).body
    assert (await shop.get("/.well-known/gpc.json")).body == {"gpc": True, "lastUpdate": "2026-11-22"}


async def test_a_receipt_of_consents_can_be_kept_as_json_and_as_text(shop: Shop) -> None:
    await shop.sign_up()

    receipt = (await shop.get("/api/v1/consents/receipt")).body
    text = await shop.get("/account/consents/receipt.txt")

    assert {row["source"] for row in receipt["decisions"]} == {"sign_up"}
    assert text.headers["Content-Disposition"].startswith("attachment")
    assert all(row["words_sha256"] in text.body for row in receipt["decisions"])


async def test_what_an_account_cannot_do_without_is_refused_with_the_reason(shop: Shop) -> None:
    await shop.sign_up()

    refused = await shop.ask("POST", "/api/v1/consents/refusals", json={"field": "email"})

    assert (refused.status, refused.problem) == (422, "still-needed")
    assert "You log in with it" in refused.body["detail"]


async def test_a_customer_is_no_member_of_staff(shop: Shop) -> None:
    await shop.sign_up()

    assert (await shop.get("/api/v1/staff/orders")).status == 401
