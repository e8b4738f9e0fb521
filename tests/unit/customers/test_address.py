from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.customers.address import Address, area_in_words, delivers_to, parse_address
from kalecart.customers.problems import Unusable
from tests.builders import TERMS

OFFICE = Address(street="460 S. Spring St.", unit="#913", city="Los Angeles", state="CA", postal_code="90013")


def problems(typed: Address, terms=TERMS) -> dict[str, str]:
    with pytest.raises(Unusable) as caught:
        parse_address(typed, terms=terms)
    return caught.value.problems


def test_an_address_is_kept_as_it_is_written_on_an_envelope():
    assert parse_address(OFFICE, terms=TERMS) == OFFICE
    assert OFFICE.lines == ("460 S. Spring St., #913", "Los Angeles, CA 90013")


def test_a_unit_is_optional():
    parsed = parse_address(replace(OFFICE, unit="  "), terms=TERMS)

    assert parsed.lines[0] == "460 S. Spring St."


@pytest.mark.parametrize("state", ["ca", "California", " CALIFORNIA ", "ca."])
def test_a_state_is_known_by_its_name_and_by_its_letters(state):
    assert parse_address(replace(OFFICE, state=state), terms=TERMS).state == "CA"


def test_a_long_zip_code_is_kept():
    assert parse_address(replace(OFFICE, postal_code=" 90013-1234 "), terms=TERMS).postal_code == "90013-1234"


def test_everything_that_is_missing_is_said_at_once():
    found = problems(Address(street="", city="", state="", postal_code=""))

    assert set(found) == {"/street", "/city", "/state", "/postal_code"}


def test_a_zip_code_of_another_state_is_questioned():
    assert "not in that state" in problems(replace(OFFICE, state="NY"))["/postal_code"]


@pytest.mark.parametrize("code", ["9001", "900133", "90013-12", "ABCDE", "９００１３"])
def test_a_zip_code_has_five_digits(code):
    assert "five digits" in problems(replace(OFFICE, postal_code=code))["/postal_code"]


def test_an_address_outside_the_area_is_told_where_we_deliver():
    words = problems(replace(OFFICE, city="San Francisco", postal_code="94107"))["/postal_code"]

    assert "Los Angeles County (ZIP codes starting 900 to 908 or 910 to 918)" in words


@pytest.mark.parametrize("street", ["P.O. Box 12", "PO BOX 7", "Post Office Box 3"])
def test_groceries_are_not_left_in_a_post_office_box(street):
    assert "post office box" in problems(replace(OFFICE, street=street))["/street"]


def test_a_card_number_in_an_address_is_refused():
    assert "card" in problems(replace(OFFICE, unit="4242 4242 4242 4242"))["/unit"]


def test_an_owner_elsewhere_sets_their_own_area():
    terms = replace(TERMS, delivery_area="Portland", delivery_zips=("972", "97005"))

    assert delivers_to("97201", terms)
    assert not delivers_to("97006", terms)
    assert area_in_words(terms) == "Portland (ZIP codes starting 972 or 97005)"
    assert parse_address(Address(street="1 SW Oak", city="Portland", state="OR", postal_code="97201"), terms=terms)


def test_what_was_sealed_reads_back_the_same():
    assert Address.from_text(OFFICE.to_text()) == OFFICE


@given(st.builds(Address, street=st.text(), unit=st.text(), city=st.text(), state=st.text(), postal_code=st.text()))
def test_whatever_is_typed_is_an_address_or_refusals_in_words(typed):
    try:
        parsed = parse_address(typed, terms=TERMS)
    except Unusable as error:
        parsed, found = None, set(error.problems)

    known = {"/street", "/unit", "/city", "/state", "/postal_code"}
    assert found <= known if parsed is None else parse_address(parsed, terms=TERMS) == parsed


@given(
    st.text(min_size=1, max_size=40),
    st.sampled_from(["CA", "California", "NY", "ca"]),
    st.integers(0, 99_999).map("{:05}".format),
)
def test_only_zip_codes_of_the_area_get_through(street, state, code):
    typed = Address(street=street, city="Los Angeles", state=state, postal_code=code)
    try:
        parse_address(typed, terms=TERMS)
    except Unusable:
        return
    assert delivers_to(code, TERMS)
