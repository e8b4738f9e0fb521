"""The account: choices, the notice about delivery, details that are asked about, as a person uses them."""

import re

import sqlalchemy as sa

from kalecart.consent.purpose import Purpose
from kalecart.customers import store
from kalecart.customers.correction import CheckWhy
from kalecart.ids import CustomerId
from tests.clock import FakeClock
from tests.web.page import Browser, Page
from tests.web.shop import Shop


def switches(page: Page) -> set[str]:
    return set(page.form("/account/consents").fields) & set(Purpose)


async def test_each_choice_is_given_and_withdrawn_with_the_same_one_form(shop: Shop, clock: FakeClock) -> None:
    browser = Browser(shop)
    await browser.signed_up()
    page = await browser.open("/account")
    assert switches(page) == {Purpose.PAYMENT_AND_DELIVERY}

    for purpose in Purpose:
        form = page.form("/account/consents")
        kept = {name: value for name, value in form.fields.items() if name != purpose}
        form.fields = kept
        clock.advance(minutes=1)
        off = await browser.send(form)
        assert purpose not in switches(off)
        clock.advance(minutes=1)
        page = await browser.send(off.form("/account/consents"), **{purpose.value: "on"})
        assert purpose in switches(page)


async def test_delivery_ends_with_a_notice_on_the_page_and_is_back_after_one_press(
    shop: Shop, clock: FakeClock
) -> None:
    browser = Browser(shop)
    card = await shop.ready_to_order()
    page = await browser.open("/account")
    clock.advance(minutes=1)

    told = await browser.send(page.form("/account/refusals"), field="address")
    assert "Delivery to you ends on Tuesday, November 17, 2026" in told.text
    assert "So that we know where to bring your order" in told.text

    clock.advance(days=20)
    refused = await shop.order(payment_method_id=card)
    over = await browser.open("/account")
    assert (refused.status, refused.problem) == (422, "delivery-ended")
    assert "Delivery to you has ended" in over.text

    back = await browser.send(over.form("/account/consents/agree"))
    assert "Delivery to you" not in back.text
    assert "in the notice about delivery" in back.text


async def test_a_switch_that_was_not_on_the_page_says_nothing(shop: Shop) -> None:
    browser = Browser(shop)
    await browser.signed_up()
    form = (await browser.open("/account")).form("/account/consents")
    form.fields = {"policy_version": form.fields["policy_version"]}

    assert Purpose.PAYMENT_AND_DELIVERY in switches(await browser.send(form))


async def test_a_question_about_details_is_answered_with_one_press(shop: Shop, clock: FakeClock) -> None:
    browser = Browser(shop)
    await browser.signed_up()
    me = CustomerId(shop.id_in("/" + (await shop.get("/api/v1/me")).body["customer_id"]))
    async with shop.db.transaction() as tx:
        await store.raise_check(tx, me, CheckWhy.MAIL_FAILED, now=clock.now())
    asked = await browser.open("/account")
    assert "A letter to your e-mail address came back." in asked.text

    answered = await browser.send(asked.form("/account/still-right"))

    assert "Are your details still right?" not in answered.text
    clock.advance(days=365)
    await shop.ask("POST", "/api/v1/session", json={"email": "ana@example.com", "password": "a long enough secret"})
    assert "It is a year since" in (await browser.open("/account")).text
    assert (await shop.get("/api/v1/me/corrections")).body["asked"] == ["yearly"]
    assert (await shop.ask("POST", "/api/v1/me/confirmation")).status == 204
    assert (await shop.get("/api/v1/me/corrections")).body["asked"] == []


async def test_a_corrected_address_can_take_an_open_order_along(shop: Shop, clock: FakeClock) -> None:
    browser = Browser(shop)
    card = await shop.ready_to_order()
    order = (await shop.order(payment_method_id=card)).body
    form = (await browser.open("/account")).form("/account/details")

    saved = await browser.send(form, street="1 Main St", **{f"bring-{order['id']}": "on"})

    assert f"Order {order['number']} comes to the new address." in saved.text
    assert "until then “460 S Spring St, Los Angeles, CA 90013”" in saved.text
    assert "Comes to the address you corrected" in (await browser.open(f"/orders/{order['id']}")).text


# What differs between any two shoppers: numbers of ours and secrets of a page.
OWN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|name=\"key\" value=\"[^\"]+\"|>[A-Z0-9]{5}-[A-Z0-9]{4}<")


async def test_two_customers_who_differ_only_in_what_is_optional_get_the_same_shop(
    shop: Shop, clock: FakeClock
) -> None:
    seen = []
    for yes in (False, True):
        await shop.ask("DELETE", "/api/v1/session")
        shop.client.session.cookie_jar.clear()
        await shop.fill("kale", 4)
        await shop.fill("soap", 2)
        await shop.sign_up(email=f"ana{yes:d}@example.com", improve_service=yes)
        clock.advance(minutes=1)
        optional = {"improve_service": yes, "additional_information": yes, "news_by_email": yes}
        await shop.ask("PUT", "/api/v1/consents", json=optional)
        card = (await shop.save_card()).body["id"]
        pages = [await shop.get(path) for path in ("/", "/products/kale", "/cart", "/checkout")]
        facts = [await shop.get(path) for path in ("/api/v1/products", "/api/v1/cart")]
        placed = await shop.order(key=f"key-{yes}", payment_method_id=card)
        async with shop.db.transaction() as tx:
            await tx.execute(sa.text("UPDATE stock SET on_hand = 50"))
            await tx.execute(sa.text("UPDATE delivery_window SET taken = 0"))
        texts = [OWN.sub("", page.body) for page in pages]
        quote = [fact.body.get("quote") or fact.body["products"] for fact in facts]
        seen.append((placed.status, placed.body["total_cents"], texts, quote))

    assert seen[0] == seen[1]
    assert seen[0][0] == 202
