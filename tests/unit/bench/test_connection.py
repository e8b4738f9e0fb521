import pytest

from bench.connection import parse, request


def test_a_request_says_how_long_its_body_is() -> None:
    assert (
        request("PUT", "/x", {"Host": "shop"}, b"{}") == b"PUT /x HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert request("GET", "/x", {"Host": "shop"}) == b"GET /x HTTP/1.1\r\nHost: shop\r\n\r\n"
    assert b"Content-Length: 0" in request("POST", "/x", {"Host": "shop"})


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"


@pytest.mark.parametrize("sent", [WHOLE, CHUNKED], ids=["sized", "chunked"])
def test_an_answer_is_read_once_all_of_it_is_there_and_not_before(sent: bytes) -> None:
    assert [parse(bytearray(sent[:end])) for end in range(len(sent))] == [None] * len(sent)
    answer = parse(bytearray(sent))
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"hello")


def test_an_answer_without_a_body_ends_with_its_head() -> None:
    answer = parse(bytearray(b"HTTP/1.1 204 No Content\r\n\r\n"))
    assert answer is not None
    assert (answer.status, answer.body) == (204, b"")


def test_the_names_of_headers_are_read_in_any_case() -> None:
    answer = parse(bytearray(b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 2\r\n\r\nok"))
    assert answer is not None
    assert answer.body == b"ok"


def test_what_has_no_end_is_refused_instead_of_waited_for() -> None:
    with pytest.raises(ValueError, match="without a length"):
        parse(bytearray(b"HTTP/1.1 200 OK\r\n\r\nhello"))


def test_a_cookie_that_is_set_is_found_by_its_name() -> None:
    head = b"Content-Length: 0\r\nSet-Cookie: other=1; Path=/\r\nSet-Cookie: kale_cart=abc-_; HttpOnly\r\n\r\n"
    answer = parse(bytearray(b"HTTP/1.1 200 OK\r\n" + head))
    assert answer is not None
    assert answer.cookie("kale_cart") == "abc-_"
    assert answer.cookie("kale") is None
