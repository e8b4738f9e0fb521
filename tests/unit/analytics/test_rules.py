import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.analytics import question as questions
from kalecart.analytics.budget import QUARTERLY, Purse, envelopes_of
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.rules import Size, Told, may_ask, size_of, told_of
from kalecart.ids import new_id

SUMMER, WINTER = Quarter(year=2026, number=3), Quarter(year=2026, number=4)


def a_question(answered: str) -> questions.SurveyQuestion:
    return questions.SurveyQuestion(id=new_id(), title="Cooking", words="How often?", answered=answered)


@pytest.mark.parametrize(
    ("people", "size"), [(-40, Size.FEW), (299, Size.FEW), (300, Size.SOME), (1_199, Size.SOME), (1_200, Size.MANY)]
)
def test_a_shop_is_as_large_as_its_noisy_count_says(people: int, size: Size) -> None:
    assert size_of(people) is size


def test_a_small_shop_tells_aisles_once_a_year_and_is_asked_nothing() -> None:
    """E77."""
    assert told_of(Size.FEW, SUMMER) == ()
    assert told_of(Size.FEW, WINTER) == (Told.AISLES_ONLY,)
    assert not may_ask(Size.FEW)


def test_products_are_told_by_large_shops_only() -> None:
    assert told_of(Size.SOME, SUMMER) == (Told.AISLES_ONLY,)
    assert told_of(Size.MANY, SUMMER) == (Told.BREADTH, Told.PRODUCTS, Told.AISLES, Told.BASKETS)
    assert may_ask(Size.SOME)


def _question(what: Told, quarter: Quarter) -> questions.Question:
    return questions.products(quarter, each_max=160) if what is Told.PRODUCTS else questions.told(what, quarter)


@given(st.sampled_from(Size), st.integers(1, 4), st.integers(1, 5))
def test_whatever_the_rules_let_a_quarter_tell_fits_into_its_envelopes(size: Size, number: int, asked: int) -> None:
    quarter = Quarter(year=2026, number=number)
    envelopes = {each.id: each.cap_microrho for each in envelopes_of(2026)}
    told = [questions.count(quarter), *(_question(what, quarter) for what in told_of(size, quarter))]
    told += questions.survey(new_id(), [a_question("choice")] * asked, quarter=quarter)

    for each in told:
        envelopes[each.envelope_id] -= each.microrho

    assert min(envelopes.values()) >= 0


def test_the_same_question_has_the_same_key_whoever_asks_it() -> None:
    asked = questions.share(WINTER, "kale", envelope_id="question:2027", microrho=10_000)
    assert asked.key == questions.share_key(WINTER, "kale") == "share:2026-Q4:kale"
    assert questions.told(Told.AISLES, WINTER).key == questions.told(Told.AISLES_ONLY, WINTER).key == "aisles:2026-Q4"
    assert questions.count(WINTER).quarter == WINTER


def test_only_a_typed_answer_has_a_chance_of_showing_what_one_person_wrote() -> None:
    chosen, typed = questions.survey(new_id(), [a_question("choice"), a_question("text")], quarter=WINTER)

    assert (chosen.delta, typed.delta) == (0, 1e-7)
    assert chosen.microrho + typed.microrho == QUARTERLY[Purse.SURVEY]
