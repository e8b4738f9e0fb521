import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kalecart.customers.card_numbers import NOT_HERE, carries_card_number, luhn
from kalecart.customers.contact import (
    NAME_MAX,
    email_key,
    parse_email,
    parse_name,
    parse_phone,
    phone_label,
    text_line,
)
from kalecart.customers.problems import Unusable

# What people type, what programs send, and what neither should.
ANYTHING = st.text() | st.text(alphabet="0123456789 .-+()@x\u200d\u202e\x00\n") | st.from_regex(r"[+0-9() .\-]{0,60}")


def value_or_words(parse, typed: str) -> tuple[str | None, str]:
    """What a parser made of it; anything raised but a refusal fails the test."""
    try:
        return parse(typed), ""
    except Unusable as error:
        return None, error.problems[""]


def refusal(parse, typed: str) -> str:
    with pytest.raises(Unusable) as caught:
        parse(typed)
    return caught.value.problems[""]


class TestName:
    @pytest.mark.parametrize(
        "name", ["Ana", "Łukasz Żółć", "José María O'Neill-Smith", "玉子", "رضا می‌خواهم", "X Æ A-12"]
    )
    def test_a_name_from_anywhere_is_kept_as_it_is(self, name):
        assert parse_name(name) == name

    def test_spaces_around_and_inside_are_tidied(self):
        assert parse_name("  Ana\u00a0 Lima ") == "Ana Lima"

    def test_composed_and_decomposed_letters_are_the_same_name(self):
        assert parse_name("Jose\u0301") == parse_name("José")

    @pytest.mark.parametrize("typed", ["", "   ", "\u200d"])
    def test_an_empty_name_is_asked_for(self, typed):
        assert refusal(parse_name, typed) == "Enter your name."

    @pytest.mark.parametrize("typed", ["12345", "--", "213 555 0100"])
    def test_a_name_without_letters_is_refused(self, typed):
        assert "letters" in refusal(parse_name, typed)

    @pytest.mark.parametrize("typed", ["Ana\nLima", "Ana\tLima", "A\x00na", "\u202eanA", "\ud800", "An\u2028a"])
    def test_control_characters_and_invisible_signs_are_refused(self, typed):
        assert "one line" in refusal(parse_name, typed)

    def test_the_longest_name_fits_and_a_longer_one_does_not(self):
        assert parse_name("a" * NAME_MAX)
        assert "100" in refusal(parse_name, "a" * (NAME_MAX + 1))

    def test_a_card_number_in_the_name_field_is_sent_to_the_card_form(self):
        assert refusal(parse_name, "Ana 4242 4242 4242 4242") == NOT_HERE

    @given(ANYTHING)
    def test_whatever_is_typed_is_a_name_or_a_refusal_in_words(self, typed):
        name, words = value_or_words(parse_name, typed)

        assert words.endswith(".") if name is None else parse_name(name) == name


class TestEmail:
    def test_capitals_are_kept_for_writing_and_ignored_for_finding(self):
        assert parse_email(" Ana.Lima@EXAMPLE.com ") == "Ana.Lima@example.com"
        assert email_key(parse_email("Ana.Lima@EXAMPLE.com")) == email_key(parse_email("ana.lima@example.com"))

    def test_both_spellings_of_an_international_domain_are_one_address(self):
        assert email_key(parse_email("x@münchen.de")) == email_key(parse_email("x@xn--mnchen-3ya.de"))

    @pytest.mark.parametrize(
        "typed", ["ana", "ana@", "@example.com", "a b@example.com", "ana@example", "a" * 300 + "@b.co"]
    )
    def test_what_no_mail_would_reach_is_refused_with_an_example(self, typed):
        assert "ana@example.com" in refusal(parse_email, typed)

    def test_an_empty_address_is_asked_for(self):
        assert refusal(parse_email, " ") == "Enter your e-mail address."

    def test_what_is_longer_than_any_address_is_refused_unread(self):
        assert refusal(parse_email, "4242 4242 4242 4242 " * 3_000).startswith("Enter an e-mail address")

    def test_a_card_number_is_no_mailbox(self):
        assert refusal(parse_email, "4242424242424242@example.com") == NOT_HERE
        assert refusal(parse_email, "4242 4242 4242 4242") == NOT_HERE

    def test_an_address_of_a_machine_may_hold_digits_that_pass_for_a_card(self):
        address = "relay-4242424242424242-b7@4000056655665556.example.com"

        assert parse_email(address) == address

    @given(ANYTHING | st.emails())
    @example("\ud800@example.com")
    def test_whatever_is_typed_is_an_address_or_a_refusal_in_words(self, typed):
        email, words = value_or_words(parse_email, typed)

        assert words if email is None else email_key(parse_email(email)) == email_key(email)


class TestPhone:
    @pytest.mark.parametrize(
        "typed", ["(213) 555-0123", "213.555.0123", "+1 213 555 0123", "1-213-555-0123", "٢١٣٥٥٥٠١٢٣"]
    )
    def test_every_way_of_writing_a_number_is_the_same_number(self, typed):
        assert parse_phone(typed) == "+12135550123"

    def test_it_is_shown_as_people_here_write_it(self):
        assert phone_label("+12135550123") == "(213) 555-0123"
        assert phone_label("+4930901820") == "+49 30 901820"

    def test_an_extension_cannot_be_dialled_from_the_street(self):
        assert "extension" in refusal(parse_phone, "(213) 555-0123 x12")

    @pytest.mark.parametrize("typed", ["555-0123", "1", "ana", "+1 999 999 9999", "1" * 500, "4242424242424242"])
    def test_what_does_not_ring_is_refused(self, typed):
        assert "phone number" in refusal(parse_phone, typed)

    @given(ANYTHING)
    def test_whatever_is_typed_is_a_number_or_a_refusal_in_words(self, typed):
        phone, words = value_or_words(parse_phone, typed)

        assert words if phone is None else parse_phone(phone_label(phone)) == phone


class TestCardNumbers:
    @pytest.mark.parametrize(
        "text",
        [
            "4242424242424242",
            "pay 4000-0566-5566-5556 please",
            "90013 4242 4242 4242 4242",
            "３７８２８２２４６３１０００５",
            "6011.1111.1111.1117",
        ],
    )
    def test_a_card_number_is_found_wherever_it_stands(self, text):
        assert carries_card_number(text)

    @pytest.mark.parametrize("text", ["", "4242424242424241", "(213) 555-0123", "x² ³", "12345678901234567890123456"])
    def test_other_numbers_are_left_alone(self, text):
        assert not carries_card_number(text)

    @pytest.mark.parametrize("text", ["4 " * 20_000, "1" * 60_000, "4242 " * 10_000])
    def test_a_long_text_of_digits_takes_no_longer_than_its_length(self, text):
        began = time.process_time()
        carries_card_number(text)

        assert time.process_time() - began < 5  # where the groups were all put together, it took minutes

    @given(st.text(alphabet="0123456789", min_size=12, max_size=18))
    def test_any_number_with_its_check_digit_is_found(self, digits):
        check = next(str(last) for last in range(10) if luhn(f"{digits}{last}"))

        assert carries_card_number(f"note: {digits}{check}!")


@given(ANYTHING)
def test_a_line_of_text_is_one_line(typed):
    try:
        line = text_line(typed, most=50, empty="Empty.")
    except Unusable:
        return
    assert line == " ".join(line.split())
    assert line.isprintable() or "\u200c" in line or "\u200d" in line
    line.encode()
