"""What every request meets, whatever it asks for."""

import asyncio

import pytest
from aiohttp import ClientConnectionError, web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from kalecart.runtime import Runtime
from tests.web.shop import Shop
from web import edge
from web.app import create_app
from web.headers import CARD_FIELD
from web.keys import EDGE

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def broken(runtime: Runtime) -> TestClient:
    """A shop with a bug in it, and a page that holds the card field."""
    app = create_app(runtime)

    async def bug(_request: web.Request) -> web.Response:
        raise LookupError("the secret is kept in a drawer")

    async def gone(_request: web.Request) -> web.Response:
        raise ConnectionResetError

    async def card(_request: web.Request) -> web.Response:
        response = web.Response(text="<p>card</p>", content_type="text/html")
        response[CARD_FIELD] = True
        return response

    app.router.add_get("/api/v1/bug", bug)
    app.router.add_get("/bug", bug)
    app.router.add_get("/card", card)
    app.router.add_get("/gone", gone)
    async with TestClient(TestServer(app)) as client:
        yield client


BAD = (
    ("PUT", "/api/v1/cart/lines/kale", {"data": "{", "headers": JSON}, 400, "not-json"),
    ("PUT", "/api/v1/cart/lines/kale", {"data": b"", "headers": JSON}, 400, "not-json"),
    ("PUT", "/api/v1/cart/lines/kale", {"data": b"\xff\xfe", "headers": JSON}, 400, "not-json"),
    ("PUT", "/api/v1/cart/lines/kale", {"data": "quantity=1"}, 415, "wrong-content-type"),
    ("PUT", "/api/v1/cart/lines/kale", {"json": {"quantity": "x" * 70_000}}, 413, "too-large"),
    ("PUT", "/api/v1/cart/lines/kale", {"json": []}, 422, "malformed"),
    ("PUT", "/api/v1/cart/lines/ka.le", {"json": {"quantity": 1}}, 404, "not-found"),
    ("PUT", "/api/v1/cart/lines/ka%00le", {"json": {"quantity": 1}}, 404, "not-found"),
    ("GET", "/api/v1/orders/1", {}, 401, "login-needed"),
    ("PATCH", "/api/v1/cart", {}, 405, "wrong-method"),
    ("GET", "/api/v1/nowhere", {}, 404, "not-found"),
    ("GET", "/api/v1/products?q=%00", {}, 422, "malformed"),
    ("GET", "/api/v1/products?limit=x&colour=red", {}, 422, "malformed"),
    ("GET", "/api/v1/products?cursor=99999999999", {}, 422, "malformed"),
)


async def test_bad_input_is_answered_with_a_problem(shop: Shop) -> None:
    for method, path, more, status, problem in BAD:
        refused = await shop.ask(method, path, **more)

        assert (path, refused.status, refused.problem) == (path, status, problem)
        assert refused.body["instance"].startswith("urn:kalecart:problem:")


async def test_a_quantity_that_is_none_is_refused_by_name_and_the_cart_kept(shop: Shop) -> None:
    await shop.fill("kale", 2)

    for quantity in (0, -1, 1.5, 10**9, 10**40, "two", "2", None, True, [1], {}):
        refused = await shop.ask("PUT", "/api/v1/cart/lines/kale", json={"quantity": quantity})
        assert (refused.status, refused.wrong) == (422, {"/quantity"})

    assert (await shop.get("/api/v1/cart")).body["units"] == 2


async def test_an_unknown_product_is_refused_by_name(shop: Shop) -> None:
    refused = await shop.fill("unobtainium", 1)

    assert (refused.status, refused.wrong) == (422, {"/sku"})


async def test_ten_megabytes_are_refused_unread(shop: Shop) -> None:
    async def endless():
        for _ in range(160):
            yield b"x" * 65_536

    try:
        refused = await shop.ask("POST", "/api/v1/session", data=endless(), headers=JSON)
    except (ClientConnectionError, OSError):
        return  # the door was shut before all of it was through
    assert refused.status == 413


async def test_what_another_site_sends_is_refused(shop: Shop) -> None:
    await shop.fill("kale", 1)
    hostile = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}

    refused = await shop.ask("PUT", "/api/v1/cart/lines/kale", json={"quantity": 9}, headers=hostile)

    assert (refused.status, refused.problem) == (403, "cross-site")
    assert (await shop.get("/api/v1/cart")).body["units"] == 1


async def test_a_program_without_cookies_needs_no_origin_and_one_with_them_does(shop: Shop) -> None:
    shop.same_origin.clear()
    first = await shop.fill("kale", 1)

    second = await shop.fill("kale", 2)
    named = await shop.ask(
        "PUT", "/api/v1/cart/lines/kale", json={"quantity": 3}, headers={"Origin": "http://127.0.0.1:8000"}
    )

    assert (first.status, second.status, named.status) == (200, 403, 200)


async def test_a_bug_is_a_number_and_nothing_else(broken: TestClient) -> None:
    with capture_logs() as logged:
        program = await (await broken.get("/api/v1/bug")).json(content_type="application/problem+json")
        page = await broken.get("/bug")

    assert program["status"] == page.status == 500
    assert page.content_type == "text/html"
    assert "drawer" not in str(program) + await page.text()
    assert next((entry["event"], entry["request_id"]) for entry in logged) == ("bug", program["instance"])


async def test_pages_carry_the_headers_that_keep_them_safe(shop: Shop, broken: TestClient) -> None:
    plain = (await shop.get("/nowhere")).headers
    card = (await broken.get("/card")).headers
    program = (await shop.get("/api/v1/cart")).headers

    assert plain["Content-Security-Policy"].startswith("default-src 'self'; img-src 'self' data:; frame-ancestors")
    assert "script-src" not in plain["Content-Security-Policy"]
    origin = shop.runtime.settings.stripe_js_url.removesuffix("/stripe.js")
    for source in ("script-src", "frame-src", "connect-src"):
        assert f"{source} 'self' {origin}" in card["Content-Security-Policy"]
    assert plain["Permissions-Policy"]
    assert plain["Cross-Origin-Opener-Policy"] == "same-origin"
    for headers in (plain, card, program):
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "unsafe" not in headers["Content-Security-Policy"].replace("style-src 'unsafe-inline'", "")


async def test_more_than_the_shop_can_handle_is_asked_to_come_back(shop: Shop) -> None:
    door = shop.client.server.app[EDGE]
    door.in_flight = edge.IN_FLIGHT_MAX

    refused = await shop.get("/api/v1/cart")

    assert (refused.status, refused.problem, refused.headers["Retry-After"]) == (503, "busy", "1")
    assert door.in_flight == edge.IN_FLIGHT_MAX


async def test_hundreds_who_send_slowly_keep_nobody_else_waiting(shop: Shop) -> None:
    door = shop.client.server.app[EDGE]
    door.bodies._wait_s = 600  # none of them is given up before the last of them has come
    slow = [await _sends_slowly(shop) for _ in range(edge.IN_FLIGHT_MAX + 10)]
    async with asyncio.timeout(120):
        while len(door.bodies) < len(slow):  # noqa: ASYNC110  # a bounded wait for the last of them to be let in
            await asyncio.sleep(0.01)

    filled, looked = await shop.fill("kale", 1), await shop.get("/api/v1/cart")

    assert (filled.status, looked.status, door.in_flight) == (200, 200, 0)
    for writer in slow:
        writer.close()


async def test_whoever_hangs_up_in_the_middle_is_no_error_of_ours(
    broken: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        answer = await broken.get("/gone")

    assert (answer.status, logs, caplog.records) == (499, [], [])


async def test_the_process_says_how_it_is(shop: Shop) -> None:
    await shop.fill("kale", 1)

    assert (await shop.get("/healthz")).body == {"status": "alive"}
    assert (await shop.get("/readyz")).body == {"status": "ready"}
    metrics = (await shop.get("/metrics")).body
    counted = '{method="PUT",route="/api/v1/cart/lines/{sku}",status="200"}'
    assert f"kalecart_http_request_duration_seconds_count{counted} 1.0" in metrics


async def test_a_cookie_that_is_no_text_is_nobodys(shop: Shop) -> None:
    """Bytes that a header may carry and no browser sends."""
    answers = {"/": b"200", "/api/v1/cart": b"200", "/api/v1/me": b"401", "/staff/orders": b"303"}
    for name in (b"kale_cart", b"kale_session", b"kale_staff"):
        for path, status in answers.items():
            answered = await _said(shop, b"GET %s" % path.encode(), b"Cookie: %s=\xff\xfe\r\n\r\n" % name)

            assert (name, path, answered) == (name, path, status)


async def test_a_body_that_is_not_packed_as_it_says_is_refused(shop: Shop) -> None:
    packed = b"Content-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzip?"

    assert await _said(shop, b"POST /api/v1/session", packed) == b"400"
    assert await _said(shop, b"POST /stripe/webhook", packed) == b"400"


async def test_a_signature_that_is_no_text_is_a_forgery(shop: Shop) -> None:
    signed = b"Stripe-Signature: t=1,v1=\xff\r\nContent-Length: 2\r\n\r\n{}"

    assert await _said(shop, b"POST /stripe/webhook", signed) == b"400"


async def _sends_slowly(shop: Shop) -> asyncio.StreamWriter:
    """A request whose body never comes."""
    _, writer = await asyncio.open_connection(shop.client.host, shop.client.port)
    writer.write(
        b"PUT /api/v1/cart/lines/kale HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
        b"Content-Length: 14\r\n\r\n{"
    )
    return writer


async def _said(shop: Shop, line: bytes, rest: bytes) -> bytes:
    """The status of the answer to what an honest library would not send."""
    reader, writer = await asyncio.open_connection(shop.client.host, shop.client.port)
    writer.write(line + b" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n" + rest)
    answered = await reader.readline()
    writer.close()
    return answered.split()[1]


async def test_a_picture_whose_name_no_folder_could_hold_is_not_there(shop: Shop) -> None:
    assert (await shop.get(f"/pictures/{'a' * 300}.svg")).status == 404
