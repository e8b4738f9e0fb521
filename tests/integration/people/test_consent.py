import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.consent.honour import honour_signal
from kalecart.consent.purpose import ASKED_AT_SIGN_UP, Decision, Purpose
from kalecart.consent.reads import ConsentState, consents_of, history_of
from kalecart.consent.receipt import Receipt
from kalecart.consent.record import Choices, entry, record_consents
from kalecart.consent.store import add
from kalecart.consent.tables import consent, consent_words
from kalecart.consent.words import WORDS
from kalecart.database import ConstraintBroken
from kalecart.errors import Invalid
from kalecart.ids import CustomerId, new_id
from kalecart.policy import reads as policy
from tests.people import Door

NOTICE = timedelta(days=14)
IMPROVE = Purpose.IMPROVE_SERVICE
NEEDED = Purpose.PAYMENT_AND_DELIVERY


async def chosen(
    door: Door, customer_id: CustomerId, given: dict[Purpose, bool], **but: object
) -> dict[Purpose, ConsentState]:
    door.clock.advance(minutes=1)
    choices = Choices(**({"given": given, "policy_version": "2026-11-01"} | but))  # ty: ignore[invalid-argument-type]
    held = await record_consents(choices, customer_id=customer_id, db=door.db, clock=door.clock, notice=NOTICE)
    return {state.purpose: state for state in held}


async def decisions(door: Door, customer_id: CustomerId) -> list[tuple[Purpose, bool, str]]:
    async with door.db.snapshot() as tx:
        return [(past.purpose, past.given, past.source) for past in await history_of(tx, customer_id)]


async def test_the_optional_consent_is_given_and_withdrawn_in_one_step_each(door):
    who = (await door.signs_up()).customer_id

    assert (await chosen(door, who, {IMPROVE: True}))[IMPROVE].given
    assert not (await chosen(door, who, {IMPROVE: False}))[IMPROVE].given
    latest = (await decisions(door, who))[:2]
    assert latest == [(IMPROVE, False, "account_page"), (IMPROVE, True, "account_page")]


async def test_choosing_what_already_holds_adds_nothing(door):
    who = (await door.signs_up()).customer_id
    before = await decisions(door, who)

    await chosen(door, who, {IMPROVE: False, NEEDED: True})

    assert await decisions(door, who) == before


async def test_a_consent_to_a_policy_that_was_never_in_force_is_refused(door):
    who = (await door.signs_up()).customer_id

    with pytest.raises(Invalid):
        await record_consents(
            Choices(given={IMPROVE: True}, policy_version="2999-01-01"),
            customer_id=who,
            db=door.db,
            clock=door.clock,
            notice=NOTICE,
        )


async def test_a_version_published_while_the_form_was_open_is_not_the_one_that_is_recorded(door):
    """E87: what was shown is what was agreed to."""
    who = (await door.signs_up()).customer_id
    async with door.db.transaction() as tx:
        before = (await policy.current(tx, shop_date(door.clock.now()))).version
    door.clock.advance(days=35)

    held = await chosen(door, who, {IMPROVE: True}, policy_version=before)

    async with door.db.snapshot() as tx:
        assert (await policy.current(tx, shop_date(door.clock.now()))).version != before
    assert held[IMPROVE].policy_version == before


async def test_of_two_decisions_at_one_instant_the_withdrawal_holds(door):
    who = (await door.signs_up()).customer_id
    now = door.clock.advance(minutes=1)
    async with door.db.transaction() as tx:
        for given in (False, True):
            await add(tx, entry(IMPROVE, who, "2026-11-01", given=given, source="account_page"), now=now)

    async with door.db.snapshot() as tx:
        held = {state.purpose: state.given for state in await consents_of(tx, who)}
    assert not held[IMPROVE]


async def test_the_exact_words_are_kept_once(door):
    await door.signs_up()
    await door.signs_up(email="bea@example.com")

    async with door.db.snapshot() as tx:
        kept = {row.sha256: row.text for row in await tx.execute(sa.select(consent_words))}
    assert kept == {WORDS[purpose].sha256: WORDS[purpose].text for purpose in ASKED_AT_SIGN_UP}


async def test_each_consent_is_asked_for_by_itself_and_none_brings_another(door):
    who = (await door.signs_up()).customer_id

    held = await chosen(door, who, {Purpose.NEWS_BY_EMAIL: True})

    assert [purpose for purpose, state in held.items() if state.given] == [NEEDED, Purpose.NEWS_BY_EMAIL]


async def test_a_browsers_signal_ends_being_counted_and_the_ledger_says_so(door):
    who = (await door.signs_up(improve_service=True)).customer_id
    await chosen(door, who, {Purpose.ADDITIONAL_INFORMATION: True, Purpose.NEWS_BY_EMAIL: True})
    door.clock.advance(minutes=1)

    ended = await honour_signal(who, db=door.db, clock=door.clock)

    assert ended == [IMPROVE, Purpose.ADDITIONAL_INFORMATION]
    assert {(purpose, False, "gpc") for purpose in ended} <= set(await decisions(door, who))
    assert await honour_signal(who, db=door.db, clock=door.clock) == []
    async with door.db.snapshot() as tx:
        held = {state.purpose: state.given for state in await consents_of(tx, who)}
    assert [purpose for purpose, given in held.items() if given] == [NEEDED, Purpose.NEWS_BY_EMAIL]


async def test_a_choice_made_against_the_signal_stands_whenever_the_signal_comes_again(door):
    who = (await door.signs_up(improve_service=True, signal=True)).customer_id

    assert await honour_signal(who, db=door.db, clock=door.clock) == []
    await chosen(door, who, {IMPROVE: False}, signal=True)
    assert (await chosen(door, who, {IMPROVE: True}, signal=True))[IMPROVE].given
    assert await honour_signal(who, db=door.db, clock=door.clock) == []


async def test_a_receipt_holds_every_decision_with_the_words_and_their_hash(door):
    who = (await door.signs_up()).customer_id
    await chosen(door, who, {IMPROVE: True})

    async with door.db.snapshot() as tx:
        past = await history_of(tx, who)
    text = Receipt(customer_id=who, made_at=door.clock.now(), decisions=past).text

    assert len(past) == 3
    for decision in past:
        assert hashlib.sha256(decision.text.encode()).digest() == decision.sha256
        assert decision.sha256.hex() in text
        assert all(f"| {line}" in text for line in decision.text.split("\n"))
    assert text.count("NOT AGREED") == 1


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"source": "partner_list"}, "consent_source_lawful"),
        ({"purpose": "advertising"}, "consent_purpose_declared"),
        ({"policy_version": "none"}, "consent_policy_known"),
        ({"words_sha256": b"never shown"}, "consent_words_known"),
        ({"customer_id": new_id()}, "consent_customer_known"),
        ({"source": "gpc"}, "consent_signal_only_withdraws"),
    ],
)
async def test_the_database_refuses_a_consent_without_a_lawful_source(door, change, constraint):
    who = (await door.signs_up()).customer_id
    lawful = {
        "id": new_id(),
        "customer_id": who,
        "purpose": IMPROVE.value,
        "decision": Decision.GIVEN.value,
        "policy_version": "2026-11-01",
        "words_sha256": WORDS[IMPROVE].sha256,
        "source": "account_page",
        "decided_at": door.clock.now(),
    }

    with pytest.raises(ConstraintBroken, match=constraint):
        async with door.db.transaction() as tx:
            await tx.execute(sa.insert(consent).values(**(lawful | change)))
