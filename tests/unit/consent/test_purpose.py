from datetime import UTC, datetime, time, timedelta

from kalecart.clock import SHOP_ZONE
from kalecart.consent.purpose import ASKED_AT_SIGN_UP, NECESSITIES, Purpose, delivery_needs
from kalecart.consent.suspension import CONSEQUENCES, Notice, Suspension, takes_effect
from kalecart.consent.tables import consent
from kalecart.consent.words import WORDS

NOON = datetime(2026, 11, 22, 20, tzinfo=UTC)


def test_the_purposes_are_these_and_the_database_knows_the_same():
    rule = next(str(check.sqltext) for check in consent.constraints if check.name == "consent_purpose_declared")

    assert all(f"'{purpose}'" in rule for purpose in Purpose)
    assert rule.count("'") == 2 * len(Purpose)


def test_only_what_delivery_needs_is_necessary():
    assert [purpose for purpose in Purpose if purpose.necessary] == [Purpose.PAYMENT_AND_DELIVERY]


def test_every_field_of_the_sign_up_form_says_why_it_is_asked_and_what_follows_without_it():
    assert {row.field for row in NECESSITIES} == {"name", "address", "unit", "phone", "email", "password", "card"}
    for row in NECESSITIES:
        assert row.reason.endswith(".")
        assert row.without.endswith(".")


def test_no_field_is_explained_twice():
    assert len({row.field for row in NECESSITIES}) == len(NECESSITIES)


def test_each_purpose_has_words_and_no_two_the_same():
    assert set(WORDS) == set(Purpose)
    assert len({words.sha256 for words in WORDS.values()}) == len(Purpose)


def test_every_optional_purpose_says_that_it_is_optional():
    optional = [purpose for purpose in Purpose if not purpose.necessary]

    assert [purpose for purpose in optional if not WORDS[purpose].explanation.startswith("Optional.")] == []


def test_signing_up_asks_for_the_two_purposes_of_collection_and_no_more():
    assert ASKED_AT_SIGN_UP == (Purpose.PAYMENT_AND_DELIVERY, Purpose.IMPROVE_SERVICE)


def test_what_is_refused_ends_delivery_exactly_where_it_says_that_we_cannot_deliver():
    assert {row.field for row in delivery_needs()} == {row.field for row in NECESSITIES if "eliver" in row.without}


def test_a_notice_gives_reasons_and_consequences_and_at_least_the_whole_time():
    notice = Notice(needs=delivery_needs(), effective_at=takes_effect(NOON, timedelta(days=14)))

    assert notice.effective_at - NOON >= timedelta(days=14)
    assert notice.effective_at.astimezone(SHOP_ZONE).time() == time()
    for row in delivery_needs():
        assert row.reason in notice.text
        assert row.without in notice.text
    assert set(CONSEQUENCES) <= set(notice.text.splitlines())


def test_a_notice_keeps_its_day_when_the_clocks_change_in_between():
    told = datetime(2026, 10, 25, 18, tzinfo=UTC)

    ends = takes_effect(told, timedelta(days=14)).astimezone(SHOP_ZONE)

    assert (ends.month, ends.day, ends.hour) == (11, 9, 0)


def test_a_notice_is_in_force_from_its_day_on_whatever_ran_in_between():
    ends = takes_effect(NOON, timedelta(days=14))
    suspension = Suspension(field=None, text="", told_at=NOON, effective_at=ends)

    assert not suspension.in_force(ends - timedelta(microseconds=1))
    assert suspension.in_force(ends)
