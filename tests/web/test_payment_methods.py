"""Cards and bank accounts on the account page and over the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from aiohttp.test_utils import TestServer

from kalecart.payments.bank_account import MANDATE_SHA256, MANDATE_WORDS
from kalecart.payments.tables import payment_method
from kalecart.tasks import task
from tests.till import SECRET_KEY
from tests.web.page import Browser
from tests.web.shop import Answer, Shop

METHODS, ACCOUNTS = "/api/v1/payment-methods", "/api/v1/bank-accounts"


async def save_account(shop: Shop, account: str = "pm_usBankAccount_success", **but: Any) -> Answer:
    body = {"stripe_payment_method_id": account, "mandate_sha256": MANDATE_SHA256.hex(), "agreed": True}
    return await shop.ask("POST", ACCOUNTS, json=body | but)


async def at_stripe(shop: Shop, stand_in: TestServer, path: str, **form: str) -> Any:
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    async with shop.client.session.post(stand_in.make_url(path), data=form, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def a_typed_account(shop: Shop, stand_in: TestServer) -> str:
    form = {
        "type": "us_bank_account",
        "billing_details[name]": "Ada",
        "us_bank_account[account_number]": "000123456789",
        "us_bank_account[routing_number]": "110000000",
    }
    return (await at_stripe(shop, stand_in, "/v1/payment_methods", **form))["id"]


async def test_a_saved_card_is_offered_first_and_removed_over_the_api(shop: Shop) -> None:
    card = await shop.ready_to_order()
    other = (await shop.save_card("pm_card_mastercard")).body["id"]

    assert (await shop.ask("PUT", f"{METHODS}/{card}/default")).status == 204
    assert [(m["id"], m["default"]) for m in (await shop.get(METHODS)).body["payment_methods"]] == [
        (card, True),
        (other, False),
    ]
    assert [(await shop.ask("DELETE", f"{METHODS}/{card}")).status for _ in range(2)] == [204, 204]

    assert [m["id"] for m in (await shop.get(METHODS)).body["payment_methods"]] == [other]
    assert (await shop.ask("PUT", f"{METHODS}/{card}/default")).status == 404


async def test_a_card_is_not_removed_over_the_api_while_an_order_is_paid_with_it(shop: Shop) -> None:
    card = await shop.ready_to_order()
    await shop.order(payment_method_id=card)

    refused = await shop.ask("DELETE", f"{METHODS}/{card}")

    assert (refused.status, refused.problem) == (409, "method-in-use")


async def test_a_bank_account_is_saved_over_the_api_by_the_words_that_were_shown(shop: Shop) -> None:
    await shop.ready_to_order()
    shown = (await shop.get(f"{ACCOUNTS}/mandate")).body
    assert (shown["words"], shown["allowed"], shown["why_not"]) == (MANDATE_WORDS, True, None)

    assert (await save_account(shop, mandate_sha256="0" * 64)).wrong == {"/mandate_sha256"}
    assert (await save_account(shop, agreed=False)).wrong == {"/agreed"}
    saved = await save_account(shop, mandate_sha256=shown["sha256"])

    assert saved.status == 201
    assert (saved.body["kind"], saved.body["last4"], saved.body["usable"]) == ("bank", "6789", True)
    order = await shop.order(payment_method_id=saved.body["id"])
    assert order.status == 202, order.body


async def test_a_bank_account_offered_by_someone_who_is_not_signed_up_is_refused(shop: Shop) -> None:
    """E24: only customers who signed up for delivery pay from a bank account."""
    refused = await save_account(shop)

    assert (refused.status, refused.problem) == (401, "login-needed")


async def test_an_account_that_is_not_confirmed_pays_for_nothing_and_says_what_to_do(
    shop: Shop, stand_in: TestServer
) -> None:
    await shop.ready_to_order()
    account = (await save_account(shop, await a_typed_account(shop, stand_in))).body
    assert not account["usable"]
    refused = await shop.order(payment_method_id=account["id"])
    assert (refused.status, refused.problem) == (422, "account-not-confirmed")

    path = f"{METHODS}/{account['id']}/verification"
    assert (await shop.ask("POST", path, json={"deposit": "what?"})).wrong == {"/deposit"}
    assert (await shop.ask("POST", path, json={"deposit": "SM99ZZ"})).problem == "wrong-deposit"
    assert (await shop.ask("POST", path, json={"deposit": "SM11AA"})).status == 204
    assert (await shop.order(payment_method_id=account["id"], key="again")).status == 202


async def test_a_barred_account_is_refused_with_the_reason_and_cards_are_offered(shop: Shop) -> None:
    card = await shop.ready_to_order()
    account = (await save_account(shop)).body["id"]
    async with shop.db.transaction() as tx:
        barred = sa.update(payment_method).where(payment_method.c.kind == "bank")
        await tx.execute(barred.values(barred_at=shop.runtime.clock.now()))

    refused = await shop.order(payment_method_id=account)
    checkout = await Browser(shop).open("/checkout")

    assert (refused.status, refused.problem) == (422, "account-barred")
    assert f'value="{account}" disabled' in checkout.html
    assert checkout.form("/checkout").fields["card"] == card


async def test_the_account_page_adds_confirms_and_removes_a_bank_account(shop: Shop, stand_in: TestServer) -> None:
    await shop.ready_to_order()
    browser = Browser(shop)
    page = await browser.send((await browser.open("/account")).form("/account/bank"))
    assert page.path.startswith("/account/bank/seti_")
    assert MANDATE_WORDS in page.text
    form = page.form(page.path)
    assert "agreed" in (await browser.send(form)).html

    setup = page.path.rpartition("/")[2]
    await at_stripe(shop, stand_in, f"/v1/setup_intents/{setup}", payment_method=await a_typed_account(shop, stand_in))
    account = await browser.send(form, agreed="on")
    assert account.path == "/account?done=deposit"
    confirm = next(form for action, form in account.read.forms.items() if action.endswith("/confirm"))
    assert "Look at the statement" in (await browser.send(confirm, deposit="SM99ZZ")).text
    done = await browser.send(confirm, deposit="sm11aa")
    assert "The bank account is confirmed." in done.text

    removed = await browser.send(done.form(confirm.action.replace("/confirm", "/remove")))
    assert "will not be charged again" in removed.text
    assert "TEST BANK" not in removed.text
    async with shop.db.transaction() as tx:
        assert await tx.scalar(sa.select(task.c.topic).where(task.c.topic == "detach_method")) == "detach_method"


async def test_somebody_elses_half_added_account_is_not_shown(shop: Shop) -> None:
    await shop.ready_to_order()
    browser = Browser(shop)
    page = await browser.send((await browser.open("/account")).form("/account/bank"))
    await shop.ask("DELETE", "/api/v1/session")
    await shop.sign_up("other@example.com")

    assert (await browser.open(page.path)).status == 404
    assert (await browser.open("/account/bank/seti_unknown")).status == 404
    assert (await browser.open("/account/bank/pi_1")).status == 404


async def test_a_card_that_expires_soon_is_told_of_on_the_account_and_at_the_checkout(shop: Shop) -> None:
    await shop.ready_to_order()
    browser = Browser(shop)
    (card,) = (await shop.get(METHODS)).body["payment_methods"]
    assert card["heed"] is None
    last_month = datetime.strptime(card["expires"], "%m/%Y").replace(tzinfo=UTC)

    ahead = last_month + timedelta(days=10) - shop.runtime.clock.now()
    shop.runtime.clock.advance(days=ahead.days)  # ty: ignore[unresolved-attribute]  # a FakeClock
    await shop.ask("POST", "/api/v1/session", json={"email": "ana@example.com", "password": "a long enough secret"})

    (card,) = (await shop.get(METHODS)).body["payment_methods"]
    assert card["heed"] is not None
    assert card["usable"]
    assert f"expires at the end of {card['expires']}" in (await browser.open("/account")).text
