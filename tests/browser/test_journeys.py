"""The journeys customers pay for, in Chromium, on a desk and in a hand (light and dark), with no axe violation."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, expect

from kalecart.ids import new_code
from tests.browser.planted_day import left_behind, visiting
from tests.browser.shopper import Shopper
from tests.live import LiveShop
from tests.planted import Planted, traces

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DESK = {"viewport": ViewportSize(width=1280, height=900), "color_scheme": "light"}
HAND = {"viewport": ViewportSize(width=360, height=780), "color_scheme": "dark"}
WORKS = "4242424242424242"
# Can be saved, and is declined when it is charged.
DECLINED = "4000000000000341"
# Its bank asks for a confirmation at every charge.
ASKS = "4000002760003184"
# Whether a button can be pressed no more while what it sent is on its way, and still not after going back.
IMPATIENT = """async button => {
    const passed = () => new Promise(done => setTimeout(() => done(button.disabled)));
    button.form.dispatchEvent(new SubmitEvent("submit", {bubbles: true}));
    const sent = await passed();
    window.dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}));
    return [sent, await passed()];
}"""
BASKET = {"kale-curly": 1, "kale-red": 1, "kale-lacinato": 1, "kale-baby": 4}


@pytest_asyncio.fixture(params=[DESK, HAND], ids=["desk", "hand"], loop_scope="module")
async def shopper(request: pytest.FixtureRequest, chromium: Browser, live_shop: LiveShop) -> AsyncIterator[Shopper]:
    context = await chromium.new_context(**request.param)
    page = await context.new_page()
    # Ten letters: the digits of an id now and then make a number of a card, which no address may carry.
    yield Shopper(page, live_shop, f"{new_code().lower()}@example.com")
    await context.close()


async def _to_the_checkout(shopper: Shopper) -> None:
    await shopper.arrive("/checkout", BASKET)
    await expect(shopper.page.get_by_role("heading", level=1)).to_have_text("Check out")


async def test_shop_sign_up_pay_and_see_it_paid(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.open("/")
    await shopper.check("the empty shop")
    await shopper.put_in(*BASKET)
    await page.locator("#more-kale-baby").click(click_count=3)
    await expect(page.locator("#cart-pill")).to_contain_text("7 items")
    await shopper.open("/checkout")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    await shopper.sign_up()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check out")
    await shopper.check("the checkout")
    await shopper.type_card(WORKS)

    await page.get_by_role("button", name=re.compile(r"Pay \$[0-9.]+ and place order")).click()

    await shopper.see_state("paid")
    await expect(page.locator("#live-now")).to_contain_text("Paid")
    await shopper.check("the paid order")
    told = ("/policy", "/policy/changes", "/promises")
    for path in ("/orders", "/account", "/account/data", "/account/disclosures", "/account/surveys", "/cart", *told):
        await shopper.open(path)
        await shopper.check(path)


async def test_declined_then_another_card(shopper: Shopper) -> None:
    page = shopper.page
    await _to_the_checkout(shopper)
    await shopper.type_card(DECLINED)
    await page.get_by_role("button", name=re.compile("place order")).click()
    await shopper.see_state("declined")
    await expect(page.get_by_text("The payment was declined")).to_be_visible()
    await shopper.check("the declined order")
    order = page.url
    await shopper.type_card(WORKS)

    await page.get_by_role("button", name=re.compile("^Pay")).click()

    await shopper.see_state("paid")
    assert page.url == order
    await shopper.check("the order paid with another card")


@pytest.mark.parametrize("shopper", [DESK], ids=["desk"], indirect=True)
async def test_a_bank_that_asks_is_answered_on_its_own_page_and_the_order_is_paid(shopper: Shopper) -> None:
    page = shopper.page
    await _to_the_checkout(shopper)
    await shopper.type_card(ASKS)
    await page.get_by_role("button", name=re.compile("place order")).click()
    await shopper.see_state("action_needed")
    await shopper.check("the order whose bank asks")
    order = page.url

    await page.get_by_role("link", name="Confirm at your bank").click()
    await page.get_by_role("button", name="Complete authentication").click()

    await shopper.see_state("paid")
    assert page.url.partition("?")[0] == order
    assert "secret" not in page.url
    await shopper.check("the confirmed order")


@pytest.mark.parametrize("shopper", [HAND], ids=["hand"], indirect=True)
async def test_a_cancelled_order_shows_its_money_going_back(shopper: Shopper) -> None:
    page = shopper.page
    await _to_the_checkout(shopper)
    await shopper.type_card(WORKS)
    await page.get_by_role("button", name=re.compile("place order")).click()
    await shopper.see_state("paid")

    await page.get_by_role("link", name="Cancel this order").click()
    await expect(page.get_by_text("go back")).to_be_visible()
    await shopper.check("the question before cancelling")
    await page.get_by_role("button", name="Cancel the order").click()

    await shopper.see_state("cancelled")
    await expect(page.locator("#live-now")).to_contain_text("Banks take 5 to 10 days")
    await shopper.check("the cancelled order")


@pytest.mark.parametrize("shopper", [HAND], ids=["hand"], indirect=True)
async def test_a_bank_account_is_typed_into_stripes_window_and_saved(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.arrive("/account")
    await page.get_by_role("button", name="Add a bank account").click()
    await page.get_by_role("switch", name="I give this permission").check()
    await shopper.check("the permission to debit")

    await page.get_by_role("button", name="Choose the account").click()
    window = page.frame_locator("dialog iframe")
    await window.get_by_label("Routing number").fill("110000000")
    await window.get_by_label("Account number").fill("000123456789")
    await window.get_by_role("button", name="Link account").click()

    await expect(page.get_by_text("The bank account is saved.")).to_be_visible()
    await expect(page.get_by_text("account ending 6789").first).to_be_visible()
    await shopper.check("the account with a bank account")


async def test_staff_find_an_order_and_see_whose_it_is_only_for_a_purpose(shopper: Shopper) -> None:
    page = shopper.page
    await _to_the_checkout(shopper)
    await shopper.type_card(WORKS)
    await page.get_by_role("button", name=re.compile("place order")).click()
    await shopper.see_state("paid")
    order = page.url.rpartition("/")[2]
    known = shopper.shop.log_ins()["orders"]
    await shopper.open("/staff/orders")
    await shopper.check("the staff log-in")
    await page.get_by_label("E-mail").fill(known["email"])
    await page.get_by_label("Password").fill(known["password"])
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
    await shopper.check("the orders list")
    await page.locator(f"a[href='/staff/orders/{order}']").click()
    await expect(page.get_by_label("Show it to")).to_be_visible()
    await expect(page.get_by_text("Ana Shopper")).to_have_count(0)
    await shopper.check("the masked order")

    await page.get_by_label("Show it to").select_option("delivery")
    await page.get_by_role("button", name="Show and record").click()

    await expect(page.get_by_text("Ana Shopper")).to_be_visible()
    await shopper.check("the order with its customer")


@pytest.mark.parametrize("shopper", [HAND], ids=["hand"], indirect=True)
async def test_who_works_here_adds_a_passkey_and_logs_in_with_it_alone(shopper: Shopper) -> None:
    """With a device that Chromium plays: it asks its owner for nothing and always finds them."""
    page, shop = shopper.page, f"http://localhost:{shopper.shop.port}"
    known = shopper.shop.log_ins()["privacy"]
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": device | {"isUserVerified": True}})
    await page.goto(f"{shop}/staff/log-in?to=/staff/log-ins")
    await page.get_by_label("E-mail").fill(known["email"])
    await page.get_by_label("Password").fill(known["password"])
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page.locator("#password-key")).to_be_visible()
    await shopper.check("the page of one's own log-in")

    await page.locator("#password-key").fill(known["password"])
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    await shopper.check("the recovery codes")
    await page.get_by_role("navigation").get_by_text("You", exact=True).click()
    await shopper.check("the menu of the console")
    await page.get_by_role("button", name="Log out").click()
    await page.get_by_role("button", name="Log in with a passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Requests about people’s data")

    await page.goto(f"{shop}/staff/log-ins")
    await expect(page.get_by_text("by passkey")).to_be_visible()
    await page.get_by_text("Remove").first.click()
    await page.get_by_label("Password").first.fill(known["password"])
    await page.get_by_role("button", name="Remove it").click()
    await expect(page.get_by_text("None yet.")).to_be_visible()


async def test_a_complaint_is_answered_by_who_finds_it_on_the_board_and_its_sender_sees_so(shopper: Shopper) -> None:
    page, known = shopper.page, shopper.shop.log_ins()["manager"]
    await shopper.open("/complaints")
    await shopper.check("the form of a complaint")
    await page.get_by_label("Your concerns").fill("My order was read out at the door.")
    await page.get_by_label("E-mail").fill(shopper.email)
    await page.get_by_role("button", name="Send the complaint").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("We have your complaint")
    await shopper.check("the complaint that was lodged")
    number, code = await page.locator("dd code").all_inner_texts()

    await shopper.open("/staff/complaints")
    await page.get_by_label("E-mail").fill(known["email"])
    await page.get_by_label("Password").fill(known["password"])
    await page.get_by_role("button", name="Log in", exact=True).click()
    await expect(page.get_by_role("link", name=number)).to_be_visible()
    await shopper.check("the board of complaints")
    await page.get_by_role("link", name=number).click()
    await expect(page.get_by_label("What was found")).to_be_visible()
    await shopper.check("the complaint at the console")
    await page.get_by_label("What was found").fill("It was.")
    await page.get_by_label("The steps the shop takes").fill("Drivers say nothing but the number.")
    await page.get_by_label("How it goes").select_option("post")  # no e-mail leaves this shop
    await page.get_by_label("Where a letter on paper goes").fill("460 S Spring St, Los Angeles, CA 90013")
    await page.get_by_role("button", name="Sign and send").click()
    await expect(page.get_by_role("heading", name="To be posted: the answer")).to_be_visible()
    await shopper.check("the answer that is to be posted")
    posting = page.get_by_role("button", name="I have posted it")
    assert await posting.evaluate(IMPATIENT) == [True, False]
    await posting.click()
    await expect(page.get_by_role("heading", name="To be posted")).to_have_count(0)
    await expect(page.get_by_role("heading", name="Answer, signed")).to_be_visible()

    await shopper.open("/complaints/look")
    await page.get_by_label("Number").fill(number)
    await page.get_by_label("Code").fill(code)
    await page.get_by_role("button", name="Look").click()
    await expect(page.get_by_role("heading", name="Our answer")).to_be_visible()
    await shopper.check("the complaint that was answered")


async def test_a_stepper_without_a_connection_says_so_and_shows_what_is_true(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.open("/")
    await shopper.put_in("kale-curly")
    await page.context.set_offline(offline=True)

    await page.locator("#more-kale-curly").click()

    await expect(page.get_by_text("The shop could not be reached")).to_be_visible()
    await expect(page.locator("#step-kale-curly output")).to_have_text("1")
    await page.context.set_offline(offline=False)
    await page.locator("#more-kale-curly").click()
    await expect(page.locator("#cart-pill")).to_contain_text("2 items")


async def test_search_helps_while_one_types_and_a_stale_tab_is_told(shopper: Shopper) -> None:
    page = shopper.page
    await shopper.open("/")
    await shopper.put_in("kale-curly")
    old_tab = page
    new_tab = await page.context.new_page()
    await new_tab.goto(shopper.shop.url + "/cart")
    await new_tab.locator("#more-kale-curly").click()
    await expect(new_tab.locator("#cart-pill")).to_contain_text("2 items")

    await old_tab.locator("#more-kale-red").click()

    await expect(old_tab.get_by_role("heading", name="Your cart was changed in another tab")).to_be_visible()
    await shopper.check("the cart of the stale tab")
    await old_tab.locator("#more-kale-curly").click()
    await expect(old_tab.locator("#cart-pill")).to_contain_text("3 items")
    await shopper.open("/")
    await page.get_by_role("searchbox").press_sequentially("kail", delay=40)
    await expect(page.get_by_role("heading", level=1)).to_have_text("No products match “kail”")
    await expect(page.get_by_role("link", name="‘kale’")).to_be_visible()
    await shopper.check("the search that found nothing")


async def test_while_a_manager_holds_payments_back_the_shopper_is_told_and_paid_afterwards(shopper: Shopper) -> None:
    page, known = shopper.page, shopper.shop.log_ins()["manager"]
    await shopper.open("/staff/queue")
    await page.get_by_label("E-mail").fill(known["email"])
    await page.get_by_label("Password").fill(known["password"])
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_role("button", name="Pause Charge order").click()
    await expect(page.get_by_role("button", name="Resume Charge order")).to_be_visible()
    await shopper.check("the queue with a paused topic")

    try:
        await _to_the_checkout(shopper)
        await shopper.type_card(WORKS)
        await page.get_by_role("button", name=re.compile("place order")).click()
        await shopper.see_state("held")
        await shopper.check("the order whose payment is held")
        console = await page.context.new_page()
        await console.goto(shopper.shop.url + "/staff/queue/tasks?topic=charge_order&state=due")
        await expect(console.get_by_text("topic paused")).to_be_visible()
    finally:
        answer = await page.request.post(
            shopper.shop.url + "/staff/queue/topics/charge_order/resume", headers={"Sec-Fetch-Site": "same-origin"}
        )

    assert answer.ok
    await shopper.see_state("paid")
    for name in ("queue/tasks", "alerts", "requests", "sources", "policy", "reviews", "people", "training"):
        await shopper.open(f"/staff/{name}")
        await shopper.check(name)


async def test_the_real_processes_leave_nothing_readable_and_a_whole_audit_trail(live_shop: LiveShop) -> None:
    """In their logs and PostgreSQL's, in Valkey, in any table or file (C8, E72)."""
    ana, bea = Planted(seed="Wrenna", digits="0163"), Planted(seed="Ospreya", digits="0164")
    async with visiting(live_shop, ana) as visitor:
        assert await visitor.sign_up(ana) == 201
        assert await visitor.sign_up(bea, email=ana.values["email"]) in {409, 422}
        assert await visitor.sign_up(bea, name="\0" + bea.values["name"], phone=bea.values["street"]) in {400, 422}
        declined = await visitor.orders("pm_card_chargeCustomerFail")
        order = await visitor.orders("pm_card_visa")
        assert (await visitor.ask("GET", f"/orders/{order}"))[0] == 200
        assert (await visitor.ask("POST", f"/api/v1/orders/{declined}/cancel"))[0] < 300
        assert (await visitor.ask("DELETE", "/api/v1/session"))[0] == 204
    async with visiting(live_shop) as staff:
        known = live_shop.log_ins()["orders"]
        log_in = {"email": known["email"], "password": known["password"]}
        assert (await staff.ask("POST", "/api/v1/staff/session", json=log_in))[0] < 300
        _, shown = await staff.ask("POST", f"/staff/orders/{order}/customer", data={"purpose": "delivery"})
        assert ana.found_in(shown) >= {"name", "street", "phone"}, "or the search below finds nothing anywhere"
        _, figures = await staff.ask("GET", "/metrics")

    left = await left_behind(live_shop) | {"metrics": str(figures).encode()}

    assert {"web.log", "worker-1.log", "postgres.log", "valkey", "table task", "table audit_entry"} <= set(left)
    assert {place: traces(content, ana, bea) for place, content in left.items() if traces(content, ana, bea)} == {}
    verified, words = await live_shop.command("audit", "verify", "--data-dir", str(live_shop.data_dir))
    assert (verified, "the audit trail is whole" in words) == (0, True), words
