"""Stripe's search language, as far as the stand-in speaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripesim.errors import InvalidParameters
from stripesim.search import parse

INTENT = {
    "amount": 1250,
    "created": 1_793_642_400,
    "currency": "usd",
    "customer": None,
    "metadata": {"order_id": "KC-7", "it's": "odd"},
    "status": "succeeded",
}


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("status:'succeeded'", True),
        ('status:"canceled"', False),
        ("-status:'canceled'", True),
        ("metadata['order_id']:'KC-7'", True),
        ("metadata[\"order_id\"]:'kc-7'", True),
        ("metadata['order_id']~'kc'", True),
        ("metadata['nothing']:null", True),
        ("metadata[\"it's\"]:'odd'", True),
        ("customer:null", True),
        ("-customer:null", False),
        ("amount>1000 AND currency:'usd'", True),
        ("amount>=1250 and amount<=1250", True),
        ("amount<1250 OR status:'succeeded'", True),
        ("amount<1250 AND status:'succeeded'", False),
    ],
)
def test_a_query_finds_what_it_says(query: str, *, holds: bool) -> None:
    assert parse(query)(INTENT) is holds


@pytest.mark.parametrize(
    "query",
    [
        *("", "status", "status:succeeded", "colour:'red'", "amount:'x'", "amount~1250", "status>'a'", "metadata:'x'"),
        *("status:'a' status:'b'", "status:'a' AND", "status:'a' AND amount>1 OR amount<9", "status:'a"),
        " AND ".join(["amount>1"] * 11),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(query: str) -> None:
    with pytest.raises(InvalidParameters):
        parse(query)


@given(st.text(max_size=60))
def test_no_query_breaks_the_reader(query: str) -> None:
    try:
        wanted = parse(query)
    except InvalidParameters:
        return
    assert wanted(INTENT) in {True, False}
