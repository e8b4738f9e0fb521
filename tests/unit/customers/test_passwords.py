import asyncio
import re
from pathlib import Path

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type
from hypothesis import given
from hypothesis import strategies as st

from kalecart.customers import passwords
from kalecart.customers.password_rules import PASSWORD_MAX, PASSWORD_MIN, parse_password
from kalecart.customers.problems import Unusable
from local import demonstration

ROOT = Path(__file__).parents[3]
COSTING = re.compile(r"passwords\.costing\b|passwords import (\([^)]*|.*)\bcosting\b")


def parsed(typed: str) -> str:
    return parse_password(typed, email="ana.lima@example.com", name="Ana Lima")


@pytest.mark.parametrize(
    "typed", ["correct kale umbrella", "xK9$mmPq2!", "пароль из слов", "ana likes radishes", "a" * 5 + "bcdef ghij"]
)
def test_a_long_password_of_any_kind_is_taken(typed):
    assert parsed(typed) == typed


@pytest.mark.parametrize(
    "typed",
    ["password123", "P@ssw0rd2026!", "qwertyuiop", "1234567890", "9876543210", "aaaaaaaaaaaa", "abababababab",
     "iloveyou2026", "letmein!!!!!!!", "KaleCart2026", "abcdefghij", "passwordpassword"],
)  # fmt: skip
def test_what_attackers_try_first_is_refused(typed):
    with pytest.raises(Unusable, match="cannot be used") as caught:
        parsed(typed)
    assert "attackers" in caught.value.problems[""]


@pytest.mark.parametrize("typed", ["ana.lima@example.com", "ANA LIMA 2026", "analima1990", "Ana.Lima!!!"])
def test_ones_own_name_or_address_is_refused(typed):
    with pytest.raises(Unusable) as caught:
        parsed(typed)
    assert "name or e-mail" in caught.value.problems[""]


@pytest.mark.parametrize(
    "typed", ["", "short", "ninechars", "x" * (PASSWORD_MAX + 1), "tab\tin the middle", "\ud800" * 12]
)
def test_too_short_too_long_and_unprintable_ones_are_refused(typed):
    with pytest.raises(Unusable):
        parsed(typed)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_password_or_a_refusal_in_words(typed):
    try:
        password = parsed(typed)
    except Unusable as error:
        password, words = None, error.problems[""]

    assert words.endswith(".") if password is None else PASSWORD_MIN <= len(password) <= PASSWORD_MAX


def test_the_demonstrations_own_passwords_would_be_taken():
    for person in (demonstration.SHOPPER, demonstration.MANAGER, demonstration.PICKER):
        assert parse_password(person.password, email=person.email, name=demonstration.NAMES[person])


async def test_the_right_password_fits_and_a_wrong_one_does_not():
    kept = await passwords.hash_password("correct kale umbrella")

    assert await passwords.fits("correct kale umbrella", kept)
    assert not await passwords.fits("correct kale umbrellA", kept)


async def test_a_password_is_the_same_from_every_keyboard():
    kept = await passwords.hash_password("cafe\u0301 au lait noir")

    assert await passwords.fits("caf\u00e9 au lait noir", kept)


async def test_nobodys_password_fits_nothing_and_costs_as_much():
    assert not await passwords.fits("whatever it may be", None)
    nobodys = extract_parameters(passwords.NOBODYS)
    assert nobodys == extract_parameters(await passwords.hash_password("whatever it may be"))
    assert (nobodys.type, nobodys.memory_cost, nobodys.time_cost, nobodys.parallelism) == (Type.ID, 19 * 1024, 2, 1)


async def test_a_hash_that_is_damaged_or_text_that_cannot_be_encoded_fits_nothing():
    assert not await passwords.fits("anything at all", "not a hash")
    assert not await passwords.fits("\ud800", await passwords.hash_password("anything at all"))


def test_a_hash_made_with_other_parameters_is_outdated():
    assert not passwords.outdated(passwords.NOBODYS)
    assert passwords.outdated(passwords.NOBODYS.replace("t=2", "t=1"))


def test_no_process_of_a_shop_hashes_for_less():
    shop = ("kalecart", "web", "workers", "scheduler", "local", "commands")
    sources = (path for name in shop for path in (ROOT / name).rglob("*.py"))

    assert [path.name for path in sources if COSTING.search(path.read_text())] == []


async def test_a_trial_may_hash_for_less_and_what_was_hashed_so_is_outdated_afterwards():
    with passwords.costing(passes=1, memory_kib=64):
        kept = await passwords.hash_password("correct kale umbrella")
        held = passwords.outdated(kept)

    assert (held, passwords.outdated(kept)) == (False, True)
    assert await passwords.fits("correct kale umbrella", kept)


async def test_hashing_leaves_the_event_loop_free_and_works_two_at_a_time():
    hashing = [asyncio.create_task(passwords.hash_password(f"password number {number}")) for number in range(4)]
    turns = 0
    while not all(task.done() for task in hashing):
        turns += 1
        await asyncio.wait(hashing, timeout=0.001)

    assert turns > 1  # one, if all of it were done at the first wait
    assert len({task.result() for task in hashing}) == 4
