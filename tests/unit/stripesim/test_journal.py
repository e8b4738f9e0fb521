"""The journal gives back what it was given, and nothing of a line that was not finished."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripesim.journal import Entry, Journal, JournalBroken, Record
from stripesim.world import KEY, World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=4), min_size=1, max_size=4)


def _a_customer(ident: str = "cus_1", **but: Any) -> dict[str, Any]:
    return {"id": ident, "object": "customer", "created": 1, **but}


def _kept(*bodies: dict[str, Any], notes: tuple[str, ...] = ()) -> list[Record]:
    return [Record("thing", {"id": f"thing_{at}", "given": body}, notes) for at, body in enumerate(bodies)]


def _opened(path: Path) -> tuple[Journal, list[Entry]]:
    journal = Journal.open(path)
    return journal, list(journal.replay())


@settings(max_examples=50)
@given(st.lists(BODIES, max_size=4))
def test_every_body_is_read_back_from_its_place(transactions: list[list[dict[str, Any]]]) -> None:
    journal = Journal.nameless()
    list(journal.replay())
    entries = [journal.append(_kept(*bodies)) for bodies in transactions]

    for bodies, kept in zip(transactions, entries, strict=True):
        assert [json.loads(journal.read(entry.place))["given"] for entry in kept] == bodies
    journal.close()


def test_a_replay_knows_what_the_writer_knew(tmp_path: Path) -> None:
    first, _ = _opened(tmp_path / "journal")
    entries = first.append(_kept({"n": "é\n"}, {"n": 2}, notes=("cus_1", "pi_1"))) + first.append(_kept({"n": 3}))
    first.close()

    second, replayed = _opened(tmp_path / "journal")

    assert [(entry.id, tuple(entry.notes), entry.place) for entry in replayed] == [
        (entry.id, tuple(entry.notes), entry.place) for entry in entries
    ]
    assert json.loads(second.read(replayed[0].place))["given"] == {"n": "é\n"}
    second.close()


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_line_cut_anywhere_never_was(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    first, _ = _opened(path)
    first.append(_kept({"n": 1}))
    first.append(_kept({"n": 2, "filler": "x" * 60}))
    first.close()
    path.write_bytes(path.read_bytes()[:-cut])

    second, replayed = _opened(path)

    assert [json.loads(second.read(entry.place))["given"]["n"] for entry in replayed] == [1]
    second.append(_kept({"n": 3}))
    second.close()
    assert len(path.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "damage", [b"nonsense", b'[["a","1",[],2],{}', b'[["a","1",[],9],{}]', b"[7,{}]", b"\xff", b""]
)
def test_damage_in_the_middle_is_not_passed_over(tmp_path: Path, damage: bytes) -> None:
    good = b'[["a","1",[],2],{}]\n'
    (tmp_path / "journal").write_bytes(good + damage + b"\n" + good)

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
