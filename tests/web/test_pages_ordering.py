"""From sign-up to a paid order through the pages, and every refusal on the way."""

from typing import Any

import pytest
import sqlalchemy as sa

from kalecart.ids import new_id
from tests.clock import FakeClock
from tests.web.page import SIGN_UP, Browser, Page
from tests.web.shop import PASSWORD, Shop


@pytest.fixture
def browser(shop: Shop) -> Browser:
    return Browser(shop)


async def _at_checkout(browser: Browser) -> Page:
    await browser.press(await browser.open("/"), "kale:4")
    await browser.press(await browser.open("/"), "soap:2")
    return await browser.signed_up()


async def _pay(browser: Browser, page: Page, **but: str) -> Page:
    chosen = {"card": "new", "stripe_payment_method": "pm_card_visa"} | but
    return await browser.send(page.form("/checkout"), **chosen)


async def _run(browser: Browser, statement: str, **values: Any) -> None:
    async with browser.shop.db.transaction() as tx:
        await tx.execute(sa.text(statement), values)


async def test_the_way_from_the_shelf_to_a_placed_order(browser: Browser) -> None:
    checkout = await _at_checkout(browser)
    assert checkout.path == "/checkout"
    assert "Pay $36.49 and place order" in checkout.text

    order = await _pay(browser, checkout)

    assert order.path.startswith("/orders/")
    assert "We are confirming the payment" in order.text
    assert "4 × Kale" in order.text or "4 × kale" in order.text
    assert "Cart is empty" in (await browser.open("/")).text
    assert "$36.49" in (await browser.open("/orders")).text


async def test_pressing_twice_is_one_order(browser: Browser) -> None:
    checkout = await _at_checkout(browser)
    typed = await browser.shop.type_card()

    first = await _pay(browser, checkout, stripe_payment_method=typed)
    again = await _pay(browser, checkout, stripe_payment_method=typed)

    assert again.path == first.path


async def test_a_form_with_mistakes_names_them_all_and_loses_nothing_but_the_password(browser: Browser) -> None:
    wrong = await browser.signed_up(name="", postal_code="10001", password="short")

    assert wrong.status == 422
    assert 'href="#name"' in wrong.html
    assert 'href="#postal_code"' in wrong.html
    assert 'href="#password"' in wrong.html
    assert wrong.form("/sign-up").fields["street"] == SIGN_UP["street"]
    assert wrong.form("/sign-up").fields["password"] == ""
    assert "improve_service" not in wrong.form("/sign-up").fields


async def test_the_optional_consent_is_off_until_somebody_switches_it_on(browser: Browser) -> None:
    fields = (await browser.open("/sign-up")).form("/sign-up").fields

    assert "improve_service" not in fields
    assert "payment_and_delivery" not in fields


async def test_every_field_of_the_sign_up_says_why_it_is_asked(browser: Browser) -> None:
    page = await browser.open("/sign-up")

    for field in ("name", "phone", "email", "password"):
        assert f"{field}-why" in page.read.ids


async def test_a_wrong_log_in_does_not_say_which_of_the_two_it_was(browser: Browser) -> None:
    await browser.signed_up()
    await browser.send((await browser.open("/")).form("/log-out"))
    form = (await browser.open("/log-in")).form("/log-in")

    unknown = await browser.send(form, email="nobody@example.com", password=PASSWORD)
    wrong = await browser.send(form, email="ana@example.com", password="not the password")

    assert unknown.status == wrong.status == 422
    assert unknown.text.replace("nobody@", "") == wrong.text.replace("ana@", "")


async def test_a_visitor_at_the_checkout_logs_in_and_comes_back_with_the_cart(browser: Browser) -> None:
    await browser.signed_up()
    await browser.send((await browser.open("/")).form("/log-out"))
    await browser.press(await browser.open("/"), "kale:6")

    door = await browser.open("/checkout")
    assert door.path.startswith("/log-in?to=")
    inside = await browser.send(door.form("/log-in"), email="ana@example.com", password=PASSWORD)

    assert inside.path == "/checkout"
    assert "6 × " in inside.text


async def test_a_price_that_rose_is_itemised_and_accepted_before_anything_is_charged(browser: Browser) -> None:
    checkout = await _at_checkout(browser)
    await _run(browser, "UPDATE product SET price_cents = 399 WHERE sku = 'kale'")

    refused = await _pay(browser, checkout)

    assert refused.status == 409
    assert "$3.49" in refused.text
    assert "$3.99" in refused.text
    assert "Pay $38.49 and place order" in refused.text
    assert "Nothing was charged" in refused.text
    accepted = await browser.send(refused.form("/checkout"))
    assert accepted.path.startswith("/orders/")


async def test_the_loser_of_the_last_unit_is_told_and_can_take_what_is_left(browser: Browser) -> None:
    checkout = await _at_checkout(browser)
    await _run(browser, "UPDATE stock SET on_hand = 3 WHERE sku = 'kale'")

    refused = await _pay(browser, checkout)

    assert refused.status == 409
    assert "you asked for 4, 3 are left" in refused.text
    fitted = await browser.send(refused.form("/checkout/fit"))
    assert fitted.path == "/checkout"
    assert "3 × " in fitted.text


async def test_a_window_that_filled_up_is_offered_no_more_and_the_card_is_kept(browser: Browser) -> None:
    checkout = await _at_checkout(browser)
    await _run(browser, "UPDATE delivery_window SET taken = capacity")

    refused = await _pay(browser, checkout)

    assert refused.status == 409
    assert "Full" in refused.text
    assert "VISA ending 4242" in refused.text
    assert refused.form("/checkout").fields["card"] != "new"


async def test_a_card_of_another_network_is_refused_in_words(browser: Browser) -> None:
    checkout = await _at_checkout(browser)

    refused = await _pay(browser, checkout, stripe_payment_method="pm_card_diners")

    assert refused.status == 422
    assert "not Diners Club" in refused.text


async def test_mangled_numbers_and_ids_are_refused_and_never_a_server_error(browser: Browser) -> None:
    checkout = await _at_checkout(browser)

    for but in (
        {"window": "x"},
        {"window": ""},
        {"card": "x"},
        {"card": str(new_id())},
        {"stripe_payment_method": "'; --"},
        {"cart_version": "²"},
        {"total_cents": "-1"},
        {"total_cents": "9" * 50},
    ):
        refused = await _pay(browser, checkout, **but)
        assert 400 <= refused.status < 500, but


async def test_another_customers_order_is_as_if_it_never_was(browser: Browser) -> None:
    placed = await _pay(browser, await _at_checkout(browser))
    await browser.send((await browser.open("/")).form("/log-out"))
    await browser.signed_up(email="bo@example.com")

    assert (await browser.open(placed.path)).status == 404
    assert (await browser.open(f"/orders/{new_id()}")).status == 404
    assert (await browser.open("/orders/x")).status == 404


async def test_buying_again_fills_the_cart_with_what_is_still_sold(browser: Browser) -> None:
    placed = await _pay(browser, await _at_checkout(browser))
    await _run(browser, "UPDATE product SET active = false WHERE sku = 'soap'")

    again = await browser.send(placed.form(f"{placed.path}/again"))

    assert again.path.startswith("/cart")
    assert "4 items" in again.text
    assert "left out" in again.text


async def test_details_are_corrected_and_a_mistake_is_named(browser: Browser) -> None:
    await browser.signed_up()
    form = (await browser.open("/account")).form("/account/details")

    saved = await browser.send(form, street="1 Main St")
    wrong = await browser.send(form, phone="12")

    assert "Your details are saved" in saved.text
    assert saved.form("/account/details").fields["street"] == "1 Main St"
    assert wrong.status == 422
    assert 'href="#phone"' in wrong.html


async def test_the_optional_consent_goes_both_ways_and_keeps_its_history(browser: Browser, clock: FakeClock) -> None:
    await browser.signed_up()
    form = (await browser.open("/account")).form("/account/consents")

    clock.advance(minutes=1)
    given = await browser.send(form, improve_service="on")
    clock.advance(minutes=1)
    taken = await browser.send(form)

    assert "improve_service" in given.form("/account/consents").fields
    assert "improve_service" not in taken.form("/account/consents").fields
    assert taken.text.count("“Count what I buy to improve the shop”") == 3
    assert "Delivery to you" not in taken.text


async def test_a_changed_password_opens_and_the_old_one_does_not(browser: Browser) -> None:
    await browser.signed_up()
    form = (await browser.open("/account")).form("/account/password")

    wrong = await browser.send(form, current_password="not it at all", new_password="another long secret")
    changed = await browser.send(form, current_password=PASSWORD, new_password="another long secret")

    assert wrong.status == 422
    assert "Your password is changed" in changed.text


async def test_the_account_and_orders_are_behind_the_log_in(browser: Browser) -> None:
    for path in ("/account", "/orders", "/checkout", f"/orders/{new_id()}"):
        assert (await browser.open(path)).path.startswith("/log-in?to="), path
