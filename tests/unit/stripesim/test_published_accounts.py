"""The published bank accounts are what they say they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripesim.bank_accounts import ACCOUNTS, BY_ID, BY_NUMBER, ROUTING_NUMBER, Outcome
from stripesim.bank_accounts import given as read_account
from stripesim.errors import InvalidParameters
from stripesim.forms import Form


def test_every_published_account_is_known_once_by_number_and_by_id() -> None:
    assert len(BY_NUMBER) == len(BY_ID) == len(ACCOUNTS)


def test_an_account_whose_debits_fail_says_why_and_no_other_does() -> None:
    for account in ACCOUNTS:
        assert (account.returned is not None) == (account.outcome is Outcome.FAILED)


@given(st.text(alphabet="0123456789 -x", max_size=17), st.text(alphabet="01 x", max_size=9))
def test_no_account_but_a_published_one_is_taken(number: str, routing: str) -> None:
    form = Form({"account_number": number, "routing_number": routing})
    if number in BY_NUMBER and routing == ROUTING_NUMBER:
        assert read_account(form)[0] is BY_NUMBER[number]
        return
    with pytest.raises(InvalidParameters):
        read_account(form)
