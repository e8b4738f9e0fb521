"""The journal gives back what it was given, and nothing of a line that was not finished."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripesim.journal import Journal, JournalBroken
from stripesim.world import KEY, World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=4), min_size=1, max_size=4)


def _a_customer(ident: str = "cus_1", **but: Any) -> dict[str, Any]:
    return {"id": ident, "object": "customer", "created": 1, **but}


@settings(max_examples=50)
@given(st.lists(BODIES, max_size=4))
def test_every_body_is_read_back_from_its_place(transactions: list[list[dict[str, Any]]]) -> None:
    journal = Journal.nameless()
    list(journal.replay())
    places = [journal.append([("thing", body) for body in bodies]) for bodies in transactions]

    for bodies, at in zip(transactions, places, strict=True):
        assert [json.loads(journal.read(place)) for place in at] == bodies
    journal.close()


def test_places_after_a_replay_are_the_same(tmp_path: Path) -> None:
    first = Journal.open(tmp_path / "journal")
    list(first.replay())
    places = first.append([("a", {"n": "é\n"}), ("b", {"n": 2})]) + first.append([("a", {"n": 3})])
    first.close()

    second = Journal.open(tmp_path / "journal")
    replayed = [place for records in second.replay() for _, place, _ in records]

    assert replayed == places
    assert json.loads(second.read(places[0])) == {"n": "é\n"}
    second.close()


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_cut_anywhere_never_was(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    first = Journal.open(path)
    list(first.replay())
    first.append([("a", {"n": 1})])
    first.append([("a", {"n": 2, "filler": "x" * 60})])
    first.close()
    path.write_bytes(path.read_bytes()[:-cut])

    second = Journal.open(path)

    assert [body["n"] for records in second.replay() for _, _, body in records] == [1]
    second.append([("a", {"n": 3})])
    second.close()
    assert len(path.read_text().splitlines()) == 2


def test_damage_in_the_middle_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text('[["a",7],{"n":1}]\n[["a",7],{"n"\n[["a",7],{"n":3}]\n')
    journal = Journal.open(tmp_path / "journal")

    with pytest.raises(JournalBroken, match="line 2"):
        list(journal.replay())
    journal.close()


def test_a_transaction_that_is_not_committed_leaves_no_trace() -> None:
    world = World(Journal.nameless(), lambda: 1.0)
    tx = world.begin()
    tx.put(_a_customer())
    tx.emit("customer.created", _a_customer())

    assert tx.find("customer", "cus_1") is not None
    assert world.find("customer", "cus_1") is None
    tx.commit()
    assert world.find("customer", "cus_1") == _a_customer()
    assert world.count("event") == 1
    world.close()


def test_holding_an_object_does_not_change_it() -> None:
    world = World(Journal.nameless(), lambda: 1.0)
    tx = world.begin()
    tx.put(_a_customer(name="before"))
    tx.commit()

    held = world.find("customer", "cus_1")
    assert held is not None
    held["name"] = "after"

    assert (world.find("customer", "cus_1") or {})["name"] == "before"
    world.close()


def test_a_key_used_anew_stands_last_among_the_keys() -> None:
    world = World(Journal.nameless(), lambda: 1.0)
    for key in ("a", "b", "a"):
        world.keep([(KEY, {"id": key, "at": 1})])

    assert world.oldest(KEY) == "b"
    world.close()
