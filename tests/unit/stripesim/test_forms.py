"""Forms are read as Stripe reads them, and never in any other way than with an answer."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripesim.errors import InvalidParameters
from stripesim.forms import Form, parse


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("amount=1&currency=usd", {"amount": "1", "currency": "usd"}),
        ("card[number]=42&card[cvc]=1", {"card": {"number": "42", "cvc": "1"}}),
        ("a[b][c]=d&a[b][e]=", {"a": {"b": {"c": "d", "e": ""}}}),
        ("expand[]=x&expand[]=y", {"expand": {"0": "x", "1": "y"}}),
        ("expand%5B0%5D=x%2By", {"expand": {"0": "x+y"}}),
        ("amount=1&amount=2", {"amount": "2"}),
    ],
)
def test_brackets_make_a_tree(text: str, tree: dict[str, Any]) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize("text", ["a=1&a[b]=2", "a[b]=2&a=1", "a[b=1", "a]b[=1", "[a]=1", "a" + "[b]" * 20 + "=1"])
def test_a_tree_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameters):
        parse(text)


@given(st.text(max_size=80))
def test_no_form_breaks_the_reader(text: str) -> None:
    try:
        tree = parse(text)
    except InvalidParameters:
        return
    assert isinstance(tree, dict)


@given(st.text(max_size=20))
def test_no_value_breaks_the_typed_readers(value: str) -> None:
    form = Form({"name": value})
    for read in (form.text, form.integer, form.boolean, form.hash, form.texts, form.required):
        with suppress(InvalidParameters):
            read("name")


def test_an_error_names_the_parameter_with_its_brackets() -> None:
    inner = Form({"card": {"exp_month": "x"}}).hash("card")
    assert inner is not None

    with pytest.raises(InvalidParameters) as refused:
        inner.integer("exp_month")

    assert refused.value.body["error"]["param"] == "card[exp_month]"


def test_metadata_is_merged_key_by_key() -> None:
    before = {"a": "1", "b": "2"}

    assert Form({}).metadata(before) == before
    assert Form({"metadata": {"b": "", "c": "3"}}).metadata(before) == {"a": "1", "c": "3"}
    assert Form({"metadata": ""}).metadata(before) == {}


@pytest.mark.parametrize(
    "metadata", [{"k" * 41: "v"}, {"k": "v" * 501}, {str(number): "v" for number in range(51)}, {"k": {"inner": "v"}}]
)
def test_metadata_has_limits(metadata: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameters):
        Form({"metadata": metadata}).metadata()
