import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.catalogue.query import QUERY_WORDS_MAX, closest, fold, words


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Jalapeños", "jalapenos"),
        ("  Half & Half ", "half half"),
        ("Farmer's", "farmers"),
        ("2% Milk", "2 milk"),
        ("crème brûlée", "creme brulee"),
        ("100%_\\", "100"),
        ("", ""),
    ],
)
def test_words_compare_without_case_accents_and_signs(typed, folded):
    assert fold(typed) == folded


@given(st.text())
def test_nothing_typed_reaches_a_pattern_as_a_sign(typed):
    found = words(typed)

    assert len(found) <= QUERY_WORDS_MAX
    assert all(word.isalnum() for word in found)
    assert fold(" ".join(found)) == " ".join(found)


@pytest.mark.parametrize(
    ("typed", "meant"), [("kail", "kale"), ("brocolli", "broccoli"), ("tomatos", "tomatoes"), ("zzzz", None)]
)
def test_the_closest_word_is_the_one_meant(typed, meant):
    assert closest(typed, {"kale", "kaiser", "broccoli", "tomatoes", "potatoes", "ale"}) == meant
