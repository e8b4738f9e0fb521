"""What a survey may not ask, and what nobody should type into one: nothing that tells who somebody is (C6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalecart.surveys.identifying import asked_for, held_in

IDENTIFYING = {
    "What is your name?": "a name",
    "Name": "a name",
    "Your children's names?": "a name",
    "Please sign with your initials": "a name",
    "What is your phone number?": "a phone number",
    "How can we reach you?": "a phone number",
    "E-mail": "an e-mail address",
    "Your email address?": "an e-mail address",
    "Where do you live?": "an address",
    "Which street do you live on?": "an address",
    "Date of birth": "a date of birth",
    "When is your birthday?": "a date of birth",
    "Credit card number": "the number of an account, a card or a document",
    "Social Security number": "the number of an account, a card or a document",
    "Your Instagram handle?": "an account on another site",
    "Answer to ana@example.com": "an e-mail address",
    "Is it 460 S. Spring St.?": "an address",
    "Name (optional)": "a name",
    "Please enter name": "a name",
    "What should we call you?": "a name",
    "How do people address you?": "a name",
    "What name do you go by?": "a name",
    "Who do you live with? Names, please": "a name",
    "What is your n-a-m-e?": "a name",
    "Introduce yourself": "a name",
    "Your signature": "a name",
    "Phone (optional)": "a phone number",
    "How can we get in touch with you?": "a phone number",
    "Your contact details": "a phone number",
    "What’s your number?": "a phone number",
    "Tell us your mail address": "an e-mail address",
    "Email (optional):": "an e-mail address",
    "Your Gmail?": "an e-mail address",
    "Your street and number": "an address",
    "Your home town and street?": "an address",
    "Which apartment do you live in?": "an address",
    "Where should we send your voucher?": "an address",
    "Where exactly is your home?": "an address",
    "The date you were born": "a date of birth",
    "What is your age and birthday?": "a date of birth",
    "Enter your Social Security": "the number of an account, a card or a document",
    "Your Instagram?": "an account on another site",
    "ＮＡＭＥ": "a name",
    "What is your n\u200bame?": "a name",
    "What is your n\u0430me?": "something in letters of two alphabets",
}
HARMLESS = (
    "How often do you cook at home?",
    "Do you order groceries by phone?",
    "How many people live in your household?",
    "Name a vegetable you would like us to stock",
    "How many credit cards do you have?",
    "Do you read our e-mails?",
    "Have you ever been short of money for food?",
    "Do you use a mobile phone to shop?",
    "In which year did you first shop with us?",
    "Which street food do you like best?",
    "How far from our shop do you live?",
    "What do you call this vegetable?",
    "Which brand names do you trust?",
    "Should drivers call you?",
    "Do you follow us on Instagram?",
    "Would you like us to call before delivery?",
    "Where do you usually shop?",
    "How old are you?",
    "25\N{EN DASH}34",
    "$50,000 to $100,000",
    "¿Con qué frecuencia cocina en casa?",
)
GROCERIES = ("oat milk", "7up", "2 % milk", "kale & beans", "тофу", "one or two leeks", "beans at $2.50")
TELLING = {
    "my name is Ana": "a name",
    "Mr. Brown": "a name",
    "ana (at) example.com": "an e-mail address",
    "my name's ana": "a name",
    "ana at example.com": "an e-mail address",
    "ana [at] example dot com": "an e-mail address",
    "born 3 may 1980": "a date that could be somebody's birth",
    "two one three five five five oh one": "a phone number",
    "(213) 555-0100": "a phone number",
    "٢١٣ ٥٥٥ ٠١٠٠": "a phone number",
    "4242 4242 4242 4242": "a card number",
    "460 S. Spring St.": "an address",
    "12/03/1980": "a date that could be somebody's birth",
    "@anaeats": "an account on another site",
    "I am no. 9 8 7 6 5 4 3": "a phone number",
}


@pytest.mark.parametrize("text", IDENTIFYING, ids=ascii)
def test_a_question_that_identifies_people_is_refused_with_the_reason(text: str) -> None:
    assert asked_for(text, typed=False) == IDENTIFYING[text]


@pytest.mark.parametrize("text", HARMLESS, ids=ascii)
def test_what_identifies_nobody_may_be_asked(text: str) -> None:
    assert asked_for(text, typed=True) is None


def test_a_small_area_may_be_chosen_from_a_list_and_not_typed() -> None:
    assert asked_for("Which ZIP code do you shop in?", typed=False) is None
    assert asked_for("Which ZIP code do you shop in?", typed=True) == "where exactly somebody lives"


@pytest.mark.parametrize("text", TELLING, ids=ascii)
def test_a_typed_answer_that_tells_who_answered_is_refused_with_the_reason(text: str) -> None:
    assert held_in(text) == TELLING[text]


@pytest.mark.parametrize("text", GROCERIES, ids=ascii)
def test_a_word_or_two_about_groceries_may_be_typed(text: str) -> None:
    assert held_in(text) is None


@given(st.text(max_size=300))
def test_whatever_is_typed_is_judged_and_breaks_nothing(text: str) -> None:
    assert held_in(text) is None or asked_for(text, typed=True) is not None
