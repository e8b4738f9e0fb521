from kalecart.consent.purpose import NECESSITIES, Purpose
from kalecart.consent.tables import consent
from kalecart.consent.words import WORDS


def test_there_are_two_purposes_and_the_database_knows_the_same():
    rule = next(str(check.sqltext) for check in consent.constraints if check.name == "consent_purpose_declared")

    assert all(f"'{purpose}'" in rule for purpose in Purpose)
    assert rule.count("'") == 2 * len(Purpose)


def test_only_what_delivery_needs_is_necessary():
    assert [purpose for purpose in Purpose if purpose.necessary] == [Purpose.PAYMENT_AND_DELIVERY]


def test_every_field_of_the_sign_up_form_says_why_it_is_asked_and_what_follows_without_it():
    assert {row.field for row in NECESSITIES} == {"name", "address", "phone", "email", "password", "card"}
    for row in NECESSITIES:
        assert row.reason.endswith(".")
        assert row.without.endswith(".")


def test_no_field_is_explained_twice():
    assert len({row.field for row in NECESSITIES}) == len(NECESSITIES)


def test_each_purpose_has_words_and_no_two_the_same():
    assert set(WORDS) == set(Purpose)
    assert len({words.sha256 for words in WORDS.values()}) == len(Purpose)


def test_the_optional_purpose_says_that_it_is_optional():
    assert WORDS[Purpose.IMPROVE_SERVICE].explanation.startswith("Optional.")
