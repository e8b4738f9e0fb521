"""Catalogue, product and cart pages, used without JavaScript and as htmx asks for parts of them."""

import pytest

from tests.web.page import Browser
from tests.web.shop import Shop

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(shop: Shop) -> Browser:
    return Browser(shop)


async def test_every_public_page_opens_and_sets_no_cookie(browser: Browser) -> None:
    for path in (
        "/",
        "/?q=kale",
        "/products/kale",
        "/cart",
        "/sign-up",
        "/log-in",
        "/policy",
        "/promises",
        "/cookies-off",
    ):
        page = await browser.open(path)

        assert page.status == 200, path
        assert "Set-Cookie" not in page.headers, path
        assert page.headers["Cache-Control"] == "no-store"


async def test_headings_do_not_skip_a_level_and_ids_are_used_once(browser: Browser) -> None:
    for path in (
        "/",
        "/?q=kale",
        "/products/kale",
        "/cart",
        "/sign-up",
        "/log-in",
        "/policy",
        "/cookies-off",
        "/nowhere",
    ):
        read = (await browser.open(path)).read

        assert read.headings[0] in {1, 2}, path
        assert read.headings.count(1) == 1, path
        assert len(set(read.ids)) == len(read.ids), path


async def test_a_card_shows_price_and_price_per_unit(browser: Browser) -> None:
    text = (await browser.open("/")).text

    assert "$3.49 each" in text


async def test_adding_shows_what_is_in_the_cart_and_the_one_cookie_is_enough(browser: Browser) -> None:
    added = await browser.press(await browser.open("/"), "kale:2")

    assert added.path == "/"
    assert added.status == 200
    assert ("line", "kale:3") in added.form("/cart/lines").buttons
    assert "2 items" in added.text


async def test_a_browser_without_cookies_is_told_why_ordering_needs_one(browser: Browser) -> None:
    page = await browser.open("/")
    await browser.press(page, "kale:1")
    browser.shop.client.session.cookie_jar.clear()

    told = await browser.open("/cookies?to=/")

    assert told.path == "/cookies-off?off=1"
    assert "keeps no cookies" in told.text
    assert (await browser.open("/policy")).status == 200


async def test_a_stepper_gets_only_the_parts_that_changed(browser: Browser) -> None:
    await browser.press(await browser.open("/"), "kale:1")

    parts = await browser.shop.ask("POST", "/cart/lines", headers=HTMX, data={"line": "kale:5", "from": "/"})

    assert parts.status == 200
    assert "<html" not in parts.body
    assert 'hx-target="#step-kale"' in parts.body
    assert "5 items" in parts.body


async def test_a_line_taken_out_can_be_put_back(browser: Browser) -> None:
    await browser.press(await browser.open("/"), "kale:3")

    without = await browser.press(await browser.open("/cart"), "kale:0")

    assert "is out of the cart" in without.text
    assert ("line", "kale:3") in without.form("/cart/lines").buttons
    back = await browser.press(without, "kale:3")
    assert "3 items" in back.text


async def test_a_stale_tab_is_shown_the_current_cart_and_what_changed(browser: Browser) -> None:
    await browser.press(await browser.open("/"), "kale:1")
    old_tab = await browser.open("/")
    await browser.press(await browser.open("/"), "kale:4")

    refused = await browser.press(old_tab, "soap:1")

    assert refused.status == 409
    assert "changed in another tab" in refused.text
    assert "you saw 1, there are now 4" in refused.text
    assert "soap" not in (await browser.open("/cart")).form("/cart/lines").fields["seen"]


async def test_a_mangled_line_is_refused_and_the_cart_is_unchanged(browser: Browser) -> None:
    await browser.press(await browser.open("/"), "kale:1")
    page = await browser.open("/")

    for line in ("kale", "kale:-1", "kale:1.5", "kale:1000000000", "kale:many", "nothing:1", "kale:100", ":", "\0:1"):
        assert (await browser.press(page, line)).status == 422, line

    assert "1 item" in (await browser.open("/cart")).text


async def test_search_finds_while_one_types_and_helps_when_it_does_not(browser: Browser) -> None:
    found = await browser.open("/?q=kale", headers=HTMX)
    nothing = await browser.open("/?q=zzzz")

    assert "<html" not in found.html
    assert "1 product" in found.text
    assert "No products match “zzzz”" in nothing.text
    assert "Try" in nothing.text


async def test_what_is_typed_is_never_markup(browser: Browser) -> None:
    page = await browser.open('/?q="><script>alert(1)</script>')

    assert "<script>alert" not in page.html


async def test_nobody_is_sent_to_another_site(browser: Browser) -> None:
    form = (await browser.open("/")).form("/cart/lines")
    for elsewhere in ("https://example.com/", "//example.com/", "/\\example.com", "javascript:alert(1)"):
        page = await browser.send(form, line="kale:1", **{"from": elsewhere, "version": "", "seen": ""})
        assert page.path == "/", elsewhere


async def test_below_the_minimum_the_cart_says_how_much_is_missing(browser: Browser) -> None:
    await browser.press(await browser.open("/"), "kale:1")

    cart = await browser.open("/cart")

    assert "Add $16.51 more" in cart.text
    assert "/checkout" not in cart.html


async def test_static_files_are_named_by_content_and_kept(browser: Browser) -> None:
    html = (await browser.open("/")).html
    url = next(part.partition('"')[0] for part in html.split('href="') if part.startswith("/static/shop."))

    sheet = await browser.open(url)

    assert "immutable" in sheet.headers["Cache-Control"]
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert (await browser.open("/static/shop.css")).status == 404


async def test_a_picture_that_is_not_there_and_a_path_out_of_the_folder_are_not_found(browser: Browser) -> None:
    for name in ("none.svg", "..%2f..%2fREADME.md", "x.txt"):
        assert (await browser.open(f"/pictures/{name}")).status == 404


@pytest.mark.parametrize("path", ["/nowhere", "/products/none", "/orders/not-an-id/x"])
async def test_what_is_not_there_is_a_friendly_page(browser: Browser, path: str) -> None:
    page = await browser.open(path)

    assert page.status == 404
    assert "To the shop" in page.text
