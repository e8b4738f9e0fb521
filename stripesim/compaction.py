"""A journal that has grown is written anew at the start, without what nobody will ask for again.

Kept are the last version of every object, events that may still be listed or delivered, answers whose idempotency keys
are in use, and what is still going to happen. Everything is found in the order it was made in, as before.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from stripesim import events, idempotency
from stripesim.journal import Entry, Journal
from stripesim.world import KEY, PENDING, PLAN, PLAN_DONE, SETTLED

GROWN_BYTES = 64 << 20
# Writing anew must be worth it: at most this part of the file is left.
LEFT_MAX = 0.6
AT_A_TIME = 200

Kept = dict[tuple[str, str], Entry]


def opened(path: Path, *, now: float, grown_bytes: int = GROWN_BYTES) -> Journal:
    """The journal at this path, compacted if it has grown."""
    journal = Journal.open(path)
    size = path.stat().st_size
    if size < grown_bytes:
        return journal
    kept = list(surviving(journal, now=now))
    if sum(entry.length for entry in kept) > size * LEFT_MAX:
        journal.close()
        return Journal.open(path)
    fresh_path = path.with_name(f"{path.name}.new")
    fresh_path.unlink(missing_ok=True)
    fresh = Journal.open(fresh_path)
    for first in range(0, len(kept), AT_A_TIME):
        fresh.copy(kept[first : first + AT_A_TIME], journal)
    fresh.put_in_place(fresh_path, path)
    journal.close()
    fresh.close()
    return Journal.open(path)


def surviving(journal: Journal, *, now: float) -> Iterator[Entry]:
    kept = _latest(journal.replay())
    keys = [name for name in kept if name[0] == KEY]
    listed = [name for name in kept if name[0] == "event"]
    for name in takewhile(lambda name: _read(journal, kept[name])["at"] + idempotency.KEPT_S <= now, keys):
        del kept[name]
    for name in takewhile(lambda name: _read(journal, kept[name])["created"] + events.KEPT_S <= now, listed):
        if PENDING not in kept[name].notes:
            del kept[name]
    return iter(kept.values())


def _latest(entries: Iterable[Entry]) -> Kept:
    kept: Kept = {}
    for entry in entries:
        name = (entry.kind, entry.id)
        if entry.kind == SETTLED:
            if (event := kept.get(("event", entry.id))) is not None:
                kept["event", entry.id] = replace(event, notes=())
        elif entry.kind == PLAN_DONE:
            kept.pop((PLAN, entry.id), None)
        else:
            if entry.kind == KEY:
                kept.pop(name, None)  # used anew after its day, it stands last
            kept[name] = entry
    return kept


def _read(journal: Journal, entry: Entry) -> dict[str, float]:
    return json.loads(journal.read(entry.place))
