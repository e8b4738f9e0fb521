import hashlib
import re

from kalecart.chance import new_token, token_hash


def test_a_token_is_safe_in_a_cookie_and_has_256_bits() -> None:
    token = new_token()

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)


def test_no_two_tokens_are_the_same() -> None:
    assert len({new_token() for _ in range(1_000)}) == 1_000


def test_what_is_stored_of_a_token_does_not_open_anything() -> None:
    token = new_token()

    assert token_hash(token) == hashlib.sha256(token.encode()).digest()
    assert token.encode() not in token_hash(token)
