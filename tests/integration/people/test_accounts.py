import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from kalecart.accounts.amend import Amendment, amend
from kalecart.accounts.change_password import NewPassword, change_password
from kalecart.accounts.log_in import PER_ACCOUNT, PER_ORIGIN, WrongLogIn
from kalecart.accounts.log_out import log_out, log_out_everywhere
from kalecart.accounts.sign_up import TAKEN_TOLD, EmailTaken
from kalecart.allowances import TooManyTries
from kalecart.carts.fill import set_line
from kalecart.carts.reads import cart_of
from kalecart.chance import token_hash
from kalecart.consent.purpose import Purpose
from kalecart.consent.reads import consents_of
from kalecart.customers import passwords, store
from kalecart.customers.profile import Profile
from kalecart.customers.reads import address_of, profile, who
from kalecart.customers.session import SESSION_TTL
from kalecart.customers.tables import address, customer, session
from kalecart.errors import Invalid, NotFound
from kalecart.ids import CustomerId, new_id
from tests.builders import a_product
from tests.people import ADDRESS, EMAIL, PASSWORD, Door, a_visit


async def logged_in(door: Door, token: str) -> CustomerId | None:
    async with door.db.direct() as pg:
        return await who(pg, token_hash(token), door.clock.now())


async def details(door: Door, customer_id: CustomerId) -> Profile:
    async with door.db.snapshot() as tx:
        return await profile(tx, customer_id, door.vault)


async def amended(door: Door, customer_id: CustomerId, **fields) -> Profile:
    return await amend(Amendment(**fields), customer_id=customer_id, terms=door.terms, **door.verbs)


async def count(door: Door, table: sa.Table) -> int:
    async with door.db.snapshot() as tx:
        return await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0


class TestSignUp:
    async def test_who_signs_up_is_logged_in_and_known_by_what_they_typed(self, door):
        entered = await door.signs_up(name=" Ana  Lima", phone="213.555.0123", email="Ana.Lima@Example.com")

        assert await logged_in(door, entered.session_token) == entered.customer_id
        known = await details(door, entered.customer_id)
        assert (known.name, known.email, known.phone) == ("Ana Lima", "Ana.Lima@example.com", "+12135550123")
        assert known.address == ADDRESS
        assert known.phone_label == "(213) 555-0123"

    async def test_every_field_that_is_wrong_is_named_at_once_and_nothing_is_kept(self, door):
        nowhere = replace(ADDRESS, street="", postal_code="94107")
        with pytest.raises(Invalid) as caught:
            await door.signs_up(
                name="", email="ana", phone="1", password="short", address=nowhere, payment_and_delivery=False
            )

        assert set(caught.value.problems) == {
            "/name", "/email", "/phone", "/password", "/address/street", "/address/postal_code",
            "/payment_and_delivery",
        }  # fmt: skip
        assert await count(door, customer) == 0

    async def test_an_address_that_is_taken_is_said_kindly_whatever_its_capitals(self, door):
        await door.signs_up()

        with pytest.raises(EmailTaken, match="Log in"):
            await door.signs_up(email=EMAIL.upper())
        assert await count(door, customer) == 1

    async def test_who_only_asks_which_addresses_are_taken_is_stopped(self, door):
        await door.signs_up()
        for _ in range(TAKEN_TOLD[0].tries):
            with pytest.raises(EmailTaken):
                await door.signs_up()

        with pytest.raises(TooManyTries):
            await door.signs_up()
        assert (await door.signs_up(a_visit(origin="203.0.113.8"), email="bea@example.com")).customer_id

    async def test_two_sign_ups_with_one_address_at_the_same_instant_make_one_customer(self, door):
        outcomes = await asyncio.gather(door.signs_up(), door.signs_up(), return_exceptions=True)

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["EmailTaken", "Entered"]
        assert await count(door, customer) == 1

    async def test_both_answers_about_consent_are_kept_with_the_policy_that_was_shown(self, door):
        entered = await door.signs_up(improve_service=True, policy_version="2026-11-01")

        async with door.db.snapshot() as tx:
            held = {state.purpose: state for state in await consents_of(tx, entered.customer_id)}
        assert held[Purpose.PAYMENT_AND_DELIVERY].given
        assert held[Purpose.IMPROVE_SERVICE].given
        assert held[Purpose.IMPROVE_SERVICE].policy_version == "2026-11-01"

    async def test_the_optional_consent_is_off_unless_it_is_given(self, door):
        entered = await door.signs_up()

        async with door.db.snapshot() as tx:
            held = {state.purpose: state for state in await consents_of(tx, entered.customer_id)}
        assert not held[Purpose.IMPROVE_SERVICE].given
        assert held[Purpose.IMPROVE_SERVICE].decided_at == door.clock.now()

    async def test_a_policy_version_that_was_never_in_force_is_refused(self, door):
        with pytest.raises(Invalid) as caught:
            await door.signs_up(policy_version="1999-01-01")

        assert set(caught.value.problems) == {"/policy_version"}
        assert await count(door, customer) == 0

    async def test_the_guests_cart_comes_along_under_a_new_token(self, door):
        await a_product(door.db, "kale")
        now = door.clock.now()
        filled = await set_line("kale", 3, token=None, expected_version=None, db=door.db, now=now)

        entered = await door.signs_up(a_visit(cart_token=filled.token))

        async with door.db.direct() as pg:
            cart = await cart_of(pg, entered.cart_token, now=now)
            assert await cart_of(pg, filled.token, now=now) is None
        assert cart is not None
        assert cart.customer_id == entered.customer_id
        assert cart.quantity_of("kale") == 3


class TestLogIn:
    async def test_capitals_in_the_address_do_not_matter(self, door):
        entered = await door.signs_up()

        again = await door.logs_in(email=f" {EMAIL.upper()} ")

        assert again.customer_id == entered.customer_id
        assert await logged_in(door, again.session_token) == entered.customer_id

    async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(self, door):
        await door.signs_up()

        answers = []
        for email, password in ((EMAIL, "wrong wrong wrong"), ("nobody@example.com", PASSWORD), ("\ud800", PASSWORD)):
            with pytest.raises(WrongLogIn) as caught:
                await door.logs_in(email=email, password=password)
            answers.append((caught.value.detail, dict(caught.value.members)))

        assert answers == answers[:1] * 3

    async def test_guessing_at_one_account_is_stopped_and_says_when_to_come_back(self, door):
        await door.signs_up()
        for _ in range(PER_ACCOUNT[0].tries):
            with pytest.raises(WrongLogIn):
                await door.logs_in(password="not the password")

        with pytest.raises(TooManyTries) as caught:
            await door.logs_in()

        assert 0 < caught.value.members["retry_after_s"] <= PER_ACCOUNT[0].seconds

    async def test_an_unknown_address_is_limited_like_a_known_one(self, door):
        for _ in range(PER_ACCOUNT[0].tries):
            with pytest.raises(WrongLogIn):
                await door.logs_in(email="nobody@example.com")

        with pytest.raises(TooManyTries):
            await door.logs_in(email="nobody@example.com")

    async def test_guessing_from_one_origin_is_stopped_and_others_go_on(self, door):
        await door.signs_up()
        for number in range(PER_ORIGIN[0].tries):
            with pytest.raises(WrongLogIn):
                await door.logs_in(email=f"guess{number}@example.com")

        with pytest.raises(TooManyTries):
            await door.logs_in()
        assert await door.logs_in(a_visit(origin="203.0.113.99"))

    async def test_knowing_the_password_gives_the_tries_back(self, door):
        await door.signs_up()

        for _ in range(PER_ACCOUNT[0].tries * 2):
            assert await door.logs_in()

    async def test_the_session_the_browser_had_ends(self, door):
        before = await door.signs_up()

        after = await door.logs_in(a_visit(session_token=before.session_token))

        assert await logged_in(door, before.session_token) is None
        assert await logged_in(door, after.session_token) == before.customer_id

    async def test_a_cart_left_elsewhere_and_the_guests_become_one(self, door):
        now = door.clock.now()
        await a_product(door.db, "kale")
        await a_product(door.db, "oats")
        first = await set_line("kale", 1, token=None, expected_version=None, db=door.db, now=now)
        await door.signs_up(a_visit(cart_token=first.token))
        second = await set_line("oats", 2, token=None, expected_version=None, db=door.db, now=now)

        entered = await door.logs_in(a_visit(cart_token=second.token))

        async with door.db.direct() as pg:
            cart = await cart_of(pg, entered.cart_token, now=now)
        assert cart is not None
        assert {line.sku: line.quantity for line in cart.lines} == {"kale": 1, "oats": 2}

    async def test_a_hash_made_with_old_parameters_is_renewed(self, door):
        entered = await door.signs_up()
        weak = passwords.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
        async with door.db.transaction() as tx:
            await store.change(tx, entered.customer_id, password_hash=weak)

        await door.logs_in()

        async with door.db.snapshot() as tx:
            kept = await store.credentials_of(tx, entered.customer_id)
        assert kept is not None
        assert not passwords.outdated(kept.password_hash)
        assert await door.logs_in()

    async def test_a_log_in_ends_after_thirty_days(self, door):
        entered = await door.signs_up()

        door.clock.advance(seconds=SESSION_TTL.total_seconds() - 1)
        assert await logged_in(door, entered.session_token)
        door.clock.advance(seconds=1)
        assert await logged_in(door, entered.session_token) is None

    async def test_the_oldest_log_ins_end_once_there_are_too_many(self, door):
        first = await door.signs_up()
        for _ in range(store.SESSIONS_MAX):
            door.clock.advance(minutes=1)
            latest = await door.logs_in()

        assert await count(door, session) == store.SESSIONS_MAX
        assert await logged_in(door, first.session_token) is None
        assert await logged_in(door, latest.session_token)


class TestLogOut:
    async def test_logging_out_ends_this_session_only_and_twice_is_once(self, door):
        here, there = await door.signs_up(), await door.logs_in()

        for _ in range(2):
            await log_out(here.session_token, db=door.db)
        await log_out(None, db=door.db)

        assert await logged_in(door, here.session_token) is None
        assert await logged_in(door, there.session_token)

    async def test_logging_out_everywhere_ends_all_of_ones_own_and_nobody_elses(self, door):
        here, there = await door.signs_up(), await door.logs_in()
        other = await door.signs_up(email="bea@example.com")

        assert await log_out_everywhere(here.customer_id, db=door.db) == 2

        assert await logged_in(door, here.session_token) is None
        assert await logged_in(door, there.session_token) is None
        assert await logged_in(door, other.session_token)


class TestChangeOfPassword:
    async def changed(self, door: Door, entered, current=PASSWORD, new="four loud parsnips"):
        asked = NewPassword(current_password=current, new_password=new)
        visit = a_visit(session_token=entered.session_token)
        return await change_password(asked, visit, customer_id=entered.customer_id, **door.verbs)

    async def test_the_new_password_opens_and_the_old_one_does_not(self, door):
        entered = await door.signs_up()

        after = await self.changed(door, entered)

        assert await logged_in(door, after.session_token) == entered.customer_id
        with pytest.raises(WrongLogIn):
            await door.logs_in()
        assert await door.logs_in(password="four loud parsnips")

    async def test_every_other_log_in_ends(self, door):
        entered, elsewhere = await door.signs_up(), await door.logs_in()

        await self.changed(door, entered)

        assert await logged_in(door, entered.session_token) is None
        assert await logged_in(door, elsewhere.session_token) is None

    async def test_a_borrowed_session_cannot_guess_the_password(self, door):
        entered = await door.signs_up()
        for _ in range(5):
            with pytest.raises(Invalid) as caught:
                await self.changed(door, entered, current="not the password")
            assert set(caught.value.problems) == {"/current_password"}

        with pytest.raises(TooManyTries):
            await self.changed(door, entered)

    async def test_the_new_one_follows_the_same_rules(self, door):
        entered = await door.signs_up()

        with pytest.raises(Invalid) as caught:
            await self.changed(door, entered, new="ana lima 1")

        assert set(caught.value.problems) == {"/new_password"}
        assert await logged_in(door, entered.session_token)


class TestDetails:
    async def test_what_is_left_out_stays_as_it_is(self, door):
        entered = await door.signs_up()

        after = await amended(door, entered.customer_id, phone="310 555 0199")

        assert after.phone == "+13105550199"
        assert (after.name, after.email, after.address) == ("Ana Lima", EMAIL, ADDRESS)
        assert await details(door, entered.customer_id) == after

    async def test_a_new_address_is_a_new_row_and_an_order_keeps_the_one_it_had(self, door):
        entered = await door.signs_up()
        before = await details(door, entered.customer_id)
        moved = replace(ADDRESS, street="1200 W 7th St", unit="", postal_code="90017")

        after = await amended(door, entered.customer_id, address=moved)

        assert after.address == moved
        async with door.db.snapshot() as tx:
            assert await address_of(tx, before.address_id, door.vault) == ADDRESS
            assert await address_of(tx, after.address_id, door.vault) == moved
        assert await count(door, address) == 2

    async def test_all_that_is_wrong_is_named_at_once_and_nothing_changes(self, door):
        entered = await door.signs_up()
        before = await details(door, entered.customer_id)

        with pytest.raises(Invalid) as caught:
            await amended(door, entered.customer_id, name="1", phone="1", address=replace(ADDRESS, city=""))

        assert set(caught.value.problems) == {"/name", "/phone", "/address/city"}
        assert await details(door, entered.customer_id) == before

    async def test_a_new_e_mail_address_takes_the_password_and_becomes_the_way_in(self, door):
        entered = await door.signs_up()
        with pytest.raises(Invalid) as caught:
            await amended(door, entered.customer_id, email="ana@example.org")
        assert set(caught.value.problems) == {"/password"}

        await amended(door, entered.customer_id, email="ana@example.org", password=PASSWORD)

        assert (await door.logs_in(email="ana@example.org")).customer_id == entered.customer_id
        with pytest.raises(WrongLogIn):
            await door.logs_in(email=EMAIL)

    async def test_other_capitals_in_the_same_address_take_no_password(self, door):
        entered = await door.signs_up()

        assert (await amended(door, entered.customer_id, email="Ana.LIMA@example.com")).email == "Ana.LIMA@example.com"

    async def test_an_address_of_another_customer_is_taken(self, door):
        entered = await door.signs_up()
        await door.signs_up(email="bea@example.com")

        with pytest.raises(EmailTaken):
            await amended(door, entered.customer_id, email="bea@example.com", password=PASSWORD)
        assert (await details(door, entered.customer_id)).email == EMAIL

    async def test_a_customer_who_only_asks_which_addresses_are_taken_is_stopped(self, door):
        entered = await door.signs_up()
        await door.signs_up(email="bea@example.com")
        for _ in range(TAKEN_TOLD[0].tries):
            with pytest.raises(EmailTaken):
                await amended(door, entered.customer_id, email="bea@example.com", password=PASSWORD)

        with pytest.raises(TooManyTries):
            await amended(door, entered.customer_id, email="bea@example.com", password=PASSWORD)
        assert (await amended(door, entered.customer_id, name="Ana Maria")).name == "Ana Maria"

    async def test_nobodys_details_are_not_found(self, door):
        nobody = CustomerId(new_id())

        with pytest.raises(NotFound):
            await details(door, nobody)
        with pytest.raises(NotFound):
            await amended(door, nobody, name="Ana")
