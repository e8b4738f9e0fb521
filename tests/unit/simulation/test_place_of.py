"""What is due at an instant is taken up in one order, and by nothing that chance named."""

from typing import Any
from uuid import UUID, uuid5

import pytest

from kalecart import tasks
from kalecart.ids import TaskId, new_id
from simulation.processes import place_of

BY_CHANCE = [UUID("5bd6be60-16f7-4223-a5c4-029515365887"), UUID("0f1c9a52-7d8e-4b61-9c3a-6e2f4d5b8a10")]
EARLY, LATE = UUID("01a20a98-4ca7-7145-b132-e242320e6341"), UUID("01a20a98-4cb3-7092-9fc6-16385c7f7c69")


def held(topic: str, **arguments: Any) -> tasks.Held:
    told = {name: str(value) for name, value in arguments.items()}
    return tasks.Held(id=TaskId(new_id()), topic=topic, arguments=told, attempts=1, lease=new_id())


def test_letters_go_by_kind_and_then_by_who_came_first() -> None:
    late, early = (held("send_mail", kind="reminder", subject=whom) for whom in (LATE, EARLY))
    other = held("send_mail", kind="answer", subject=LATE)

    assert sorted([late, early, other], key=place_of) == [other, early, late]


@pytest.mark.parametrize(
    "named",
    [BY_CHANCE, [uuid5(EARLY, "a"), uuid5(EARLY, "b")], ["evt_b", "evt_a"]],
    ids=["by chance", "after what it is", "by others"],
)
def test_what_an_id_says_nothing_of_stays_in_the_order_in_which_it_was_promised(named: list[object]) -> None:
    for one, other in (named, named[::-1]):
        promised = [held("send_refund", of=one), held("send_refund", of=other)]

        assert sorted(promised, key=place_of) == promised
