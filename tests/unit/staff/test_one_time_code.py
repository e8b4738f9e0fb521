"""Codes of an app: good for their half minute and its neighbours, once."""

import hashlib
import hmac
from base64 import b32decode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.staff.one_time_code import (
    DRIFT_STEPS,
    STEP_S,
    address_for_app,
    code_of,
    in_groups,
    matched,
    new_secret,
    step_at,
)

NOW = datetime(2026, 11, 22, 18, 0, 10, tzinfo=UTC)
# RFC 6238, appendix B: the last six digits of its eight.
PUBLISHED = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("at", "code"), PUBLISHED)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert code_of(SECRET, at // STEP_S) == code


@given(st.integers(min_value=-5, max_value=5))
def test_the_code_before_and_the_one_after_count_and_no_others(away: int) -> None:
    step = step_at(NOW) + away

    found = matched(SECRET, code_of(SECRET, step), now=NOW, last_step=None)

    assert found == (step if abs(away) <= DRIFT_STEPS else None)


def test_a_code_is_good_once_and_takes_those_before_it_along() -> None:
    here = step_at(NOW)

    assert matched(SECRET, code_of(SECRET, here), now=NOW, last_step=here) is None
    assert matched(SECRET, code_of(SECRET, here - 1), now=NOW, last_step=here) is None
    assert matched(SECRET, code_of(SECRET, here + 1), now=NOW, last_step=here) == here + 1


def test_blanks_do_not_count_and_nothing_else_is_a_code() -> None:
    code = code_of(SECRET, step_at(NOW))

    assert matched(SECRET, f" {code[:3]} {code[3:]} ", now=NOW, last_step=None) is not None
    for typed in ("", "abc", code + "0", code[:5], "１２３４５６", "\0" * 6, "9" * 10_000):
        assert matched(SECRET, typed, now=NOW, last_step=None) is None


def test_a_secret_is_160_bits_and_an_app_can_take_it_from_an_address() -> None:
    secret = new_secret()
    address = urlsplit(address_for_app(secret, whose="Maya Ortiz & Sons"))

    assert (len(b32decode(secret)), address.scheme, address.netloc) == (20, "otpauth", "totp")
    assert parse_qs(address.query)["secret"] == [secret]
    assert in_groups(secret).replace(" ", "") == secret
    assert new_secret() != secret


def test_the_library_counts_as_we_would() -> None:
    step = step_at(NOW + timedelta(days=400))
    mac = hmac.digest(b32decode(SECRET), step.to_bytes(8), hashlib.sha1)
    cut = mac[-1] & 15
    number = int.from_bytes(mac[cut : cut + 4]) & 0x7FFFFFFF

    assert code_of(SECRET, step) == f"{number % 1_000_000:06}"
