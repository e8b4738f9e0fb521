import time
from uuid import RFC_4122

from kalecart.ids import ORDER_NUMBER_ALPHABET, ORDER_NUMBER_LENGTH, new_id, new_order_number


def test_an_id_is_a_uuid_of_version_seven() -> None:
    made = [new_id() for _ in range(1_000)]

    assert {value.version for value in made} == {7}
    assert {value.variant for value in made} == {RFC_4122}
    assert len(set(made)) == 1_000


def test_an_id_begins_with_the_millisecond_it_was_made_in() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    after = time.time_ns() // 1_000_000

    assert before <= made.int >> 80 <= after


def test_ids_are_in_the_order_they_were_made_also_within_a_millisecond() -> None:
    made = [new_id() for _ in range(1_000)]

    assert len({value.int >> 80 for value in made}) < len(made)
    # By the clock alone: a coarse one has the same fraction for two in a row.
    assert made == sorted(made, key=lambda value: value.int >> 64)


def test_two_ids_of_one_moment_differ_by_chance() -> None:
    made = [new_id() for _ in range(1_000)]

    assert len({value.int & (1 << 62) - 1 for value in made}) == len(made)
    assert len({value.int >> 61 & 1 for value in made}) == 2


def test_an_order_number_is_two_groups_of_letters_that_nobody_mishears() -> None:
    numbers = [new_order_number() for _ in range(1_000)]

    assert {(len(first), len(second)) for first, second in (number.split("-") for number in numbers)} == {(5, 4)}
    assert set("".join(numbers)) - {"-"} == set(ORDER_NUMBER_ALPHABET)
    assert set(ORDER_NUMBER_ALPHABET) & set("01ILOU") == set()


def test_order_numbers_cannot_be_counted() -> None:
    assert len(ORDER_NUMBER_ALPHABET) ** ORDER_NUMBER_LENGTH > 10**13
    assert len({new_order_number() for _ in range(1_000)}) == 1_000
