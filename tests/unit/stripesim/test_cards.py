"""The published cards are what they say they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripesim.cards import BY_ID, BY_NUMBER, CARDS, check_expiry, known
from stripesim.errors import ApiError


def test_every_published_number_is_known_once_and_is_a_valid_number() -> None:
    assert len(BY_NUMBER) == len(CARDS)
    for card in CARDS:
        assert known(card.number) is card


def test_every_published_id_leads_to_its_card() -> None:
    assert BY_ID["pm_card_visa"].number == "4242424242424242"
    assert BY_ID["pm_card_chargeDeclined"] is BY_ID["pm_card_visa_chargeDeclined"]
    assert BY_ID["pm_card_visa_debit"].funding == "debit"


def test_spaces_in_a_number_do_not_matter() -> None:
    assert known("4242 4242-4242 4242").brand == "visa"


@given(st.text(alphabet="0123456789 -x", max_size=24))
def test_no_number_but_a_published_one_is_taken(number: str) -> None:
    digits = number.replace(" ", "").replace("-", "")
    if digits in BY_NUMBER:
        return
    with pytest.raises(ApiError) as refused:
        known(number)
    assert refused.value.body["error"]["code"] in {"invalid_number", "incorrect_number", "card_declined"}


@pytest.mark.parametrize(("month", "year"), [(11, 2026), (1, 27), (12, 2076)])
def test_a_card_is_good_to_the_end_of_its_month(month: int, year: int) -> None:
    assert check_expiry(month, year, this_year=2026, this_month=11) == (month, year if year > 99 else year + 2000)


@pytest.mark.parametrize(
    ("month", "year", "code"),
    [
        (0, 2030, "invalid_expiry_month"),
        (13, 2030, "invalid_expiry_month"),
        (10, 2026, "invalid_expiry_month"),
        (1, 2025, "invalid_expiry_year"),
        (1, 2077, "invalid_expiry_year"),
        (1, -5, "invalid_expiry_year"),
    ],
)
def test_a_card_out_of_its_time_is_refused(month: int, year: int, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        check_expiry(month, year, this_year=2026, this_month=11)
    assert refused.value.body["error"]["code"] == code
