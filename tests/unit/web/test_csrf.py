import pytest
from multidict import CIMultiDict

from web.csrf import meant, origin_of

OURS = "https://shop.example"


@pytest.mark.parametrize(
    ("headers", "has_cookie", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True, True),
        ({"Sec-Fetch-Site": "none"}, True, True),
        ({"Sec-Fetch-Site": "same-site"}, True, False),
        ({"Sec-Fetch-Site": "cross-site"}, False, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": OURS}, True, False),
        ({"Sec-Fetch-Site": ""}, True, False),
        ({"Origin": OURS}, True, True),
        ({"Origin": "http://127.0.0.1:8000", "Host": "127.0.0.1:8000"}, True, True),
        ({"Origin": "https://evil.example", "Host": "shop.example"}, True, False),
        ({"Origin": "https://shop.example.evil", "Host": "shop.example"}, True, False),
        ({"Origin": "null", "Host": "shop.example"}, True, False),
        ({"Origin": "null"}, False, False),
        ({"Origin": "http://["}, True, False),
        ({"Origin": ""}, True, False),
        ({}, True, False),
        ({}, False, True),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_changes_something_must_come_from_our_own_pages(
    method: str, headers: dict[str, str], has_cookie: bool, allowed: bool
) -> None:
    assert meant(method, CIMultiDict(headers), public_origin=OURS, has_cookie=has_cookie) is allowed


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_is_always_allowed(method: str) -> None:
    assert meant(method, CIMultiDict({"Sec-Fetch-Site": "cross-site"}), public_origin=OURS, has_cookie=True)


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("http://127.0.0.1:8000/some/page?q=1") == "http://127.0.0.1:8000"
