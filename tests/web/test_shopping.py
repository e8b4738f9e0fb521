"""The main job through the public API, up to the accepted order."""

from kalecart.ids import new_id
from kalecart.payments.save_card import CARD_TRIES
from tests.web.shop import Shop

TOTAL = 4 * 349 + 2 * 799 + 499 + 156  # goods, delivery, and 9.75 % of the soap


async def test_a_guest_fills_a_cart_and_gets_one_opaque_cookie(shop: Shop) -> None:
    filled = await shop.fill("kale", 2)

    assert filled.status == 200
    assert [(line["sku"], line["quantity"]) for line in filled.body["lines"]] == [("kale", 2)]
    cookies = filled.headers.getall("Set-Cookie")
    assert len(cookies) == 1
    assert cookies[0].startswith("kale_cart=")
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Lax" in cookies[0]


async def test_looking_around_sets_no_cookie(shop: Shop) -> None:
    for path in ("/api/v1/products", "/api/v1/products/kale", "/api/v1/cart", "/api/v1/delivery-windows"):
        assert "Set-Cookie" not in (await shop.get(path)).headers


async def test_the_whole_way_to_an_accepted_order(shop: Shop) -> None:
    card = await shop.ready_to_order()

    placed = await shop.order(payment_method_id=card)

    assert placed.status == 202
    assert placed.body["total_cents"] == TOTAL
    seen = await shop.get(placed.headers["Location"])
    assert seen.body["status"] == "placed"
    assert seen.body["payment"]["state"] == "confirming"
    assert [line["sku"] for line in seen.body["lines"]] == ["kale", "soap"]
    assert (await shop.get("/api/v1/cart")).body["lines"] == []
    assert [order["number"] for order in (await shop.get("/api/v1/orders")).body["orders"]] == [placed.body["number"]]


async def test_the_same_request_with_its_key_gets_the_same_answer(shop: Shop) -> None:
    card = await shop.ready_to_order()
    cart = (await shop.get("/api/v1/cart")).body
    same = {"cart_version": cart["version"], "total_cents": cart["quote"]["total_cents"], "payment_method_id": card}

    first, again = await shop.order(**same), await shop.order(**same)

    assert (again.status, again.body, again.headers["Location"]) == (202, first.body, first.headers["Location"])


async def test_a_key_used_for_another_order_is_refused(shop: Shop) -> None:
    card = await shop.ready_to_order()
    await shop.order(payment_method_id=card)

    other = await shop.order(payment_method_id=card, total_cents=1)

    assert (other.status, other.problem) == (422, "key-reused")


async def test_an_order_without_a_key_says_what_is_missing_together_with_the_rest(shop: Shop) -> None:
    await shop.ready_to_order()

    refused = await shop.ask("POST", "/api/v1/orders", json={"cart_version": "1"})

    assert refused.status == 422
    assert refused.wrong == {"Idempotency-Key", "/cart_version", "/total_cents", "/window_id", "/payment_method_id"}


async def test_a_stale_tab_gets_the_current_cart(shop: Shop) -> None:
    await shop.fill("kale", 2)
    await shop.fill("soap", 1)

    stale = await shop.ask("PUT", "/api/v1/cart/lines/kale", json={"quantity": 5, "version": 1})

    assert (stale.status, stale.problem) == (409, "stale-cart")
    assert stale.body["cart"]["units"] == 3


async def test_another_total_is_refused_and_the_cart_kept(shop: Shop) -> None:
    card = await shop.ready_to_order()

    refused = await shop.order(payment_method_id=card, total_cents=TOTAL - 1)

    assert (refused.status, refused.problem) == (409, "price-changed")
    assert refused.body["total_cents"] == TOTAL
    assert (await shop.get("/api/v1/cart")).body["units"] == 6


async def test_an_empty_cart_a_foreign_card_and_an_unknown_window_are_refused(shop: Shop) -> None:
    card = await shop.ready_to_order()
    foreign = await shop.order(payment_method_id=str(new_id()))
    nowhere = await shop.order(payment_method_id=card, window_id=str(new_id()))
    for sku in ("kale", "soap"):
        await shop.ask("DELETE", f"/api/v1/cart/lines/{sku}")
    empty = await shop.order(payment_method_id=card)

    assert (foreign.status, foreign.problem) == (422, "unknown-card")
    assert (nowhere.status, nowhere.problem) == (422, "unknown-window")
    assert (empty.status, empty.problem) == (422, "empty-cart")


async def test_a_card_we_do_not_take_is_refused_in_words(shop: Shop) -> None:
    await shop.sign_up()

    refused = await shop.save_card("pm_card_diners")

    assert (refused.status, refused.problem) == (422, "brand-not-accepted")
    assert "Diners" in refused.body["detail"]


async def test_who_tries_card_after_card_is_stopped(shop: Shop) -> None:
    await shop.sign_up()
    for _ in range(CARD_TRIES[0].tries):
        assert (await shop.save_card("pm_card_chargeDeclined")).problem == "card-unusable"

    refused = await shop.save_card("pm_card_visa")
    form = {"stripe_payment_method": "pm_card_visa"}

    assert (refused.status, refused.problem) == (429, "too-many-tries")
    assert (await shop.ask("POST", "/account/cards", data=form)).status == 429


async def test_an_order_of_somebody_else_is_not_there(shop: Shop) -> None:
    card = await shop.ready_to_order()
    placed = await shop.order(payment_method_id=card)
    shop.client.session.cookie_jar.clear()
    await shop.sign_up("ben@example.com")

    theirs = await shop.get(placed.headers["Location"])
    never = await shop.get(f"/api/v1/orders/{new_id()}")

    assert (theirs.status, theirs.body["detail"]) == (never.status, never.body["detail"])
    assert theirs.problem == "not-found"


async def test_an_order_of_nobody_is_refused_whether_there_is_a_cookie_or_not(shop: Shop) -> None:
    card = await shop.ready_to_order()
    await shop.ask("DELETE", "/api/v1/session")
    await shop.fill("kale", 4)

    without = await shop.order(payment_method_id=card)
    shop.client.session.cookie_jar.update_cookies({"kale_session": "ended"}, shop.client.make_url("/"))
    ended = await shop.order(payment_method_id=card)

    assert [(answer.status, answer.problem) for answer in (without, ended)] == [(401, "login-needed")] * 2
    assert (await shop.get("/api/v1/cart")).body["units"] == 4


async def test_what_needs_a_customer_says_so_to_a_stranger(shop: Shop) -> None:
    for path in ("/api/v1/orders", "/api/v1/me", "/api/v1/payment-methods", "/api/v1/consents"):
        refused = await shop.get(path)
        assert (refused.status, refused.problem) == (401, "login-needed")
        assert "WWW-Authenticate" in refused.headers
