"""All that the stand-in knows, and the transactions that change it."""

import json
import secrets
import string
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from stripesim import API_VERSION
from stripesim.errors import missing
from stripesim.journal import Entry, Journal, Place, Record

Object = dict[str, Any]

# Records that are not Stripe's objects: answers kept for idempotency keys, events that need no more delivering,
# and what is going to happen at a given time.
KEY, SETTLED, PLAN, PLAN_DONE = "_key", "_settled", "_plan", "_plan_done"
# The fields that tie one object to another, and by which lists are asked for.
TIES = ("customer", "payment_intent", "charge")
PENDING = "pending"
# Banks take days; on one machine somebody should see a debit in processing and what becomes of it.
BANK_DELAY_S = 20.0
# For each byte a letter or a digit: an id is to be unlikely, and some letters may come a little oftener.
LETTERS = (string.ascii_letters + string.digits).encode()
BY_BYTE = bytes(LETTERS[byte % len(LETTERS)] for byte in range(256))


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_{secrets.token_bytes(length).translate(BY_BYTE).decode()}"


def public(body: Object) -> Object:
    """What callers may see: an underscore marks the stand-in's own knowledge, such as how a card behaves."""
    return {name: value for name, value in body.items() if name[0] != "_"}


class World:
    """An index of the journal. Objects are read from the file each time, so nobody can change one by holding it."""

    def __init__(self, journal: Journal, now: Callable[[], float]) -> None:
        self.now = now
        self.notified = False
        self.search_lag_s = 0.0
        self.bank_delay_s = BANK_DELAY_S
        self.announce: Callable[[list[str]], None] = lambda _events: None
        self.unsettled: dict[str, None] = {}
        self.plans: dict[str, Object] = {}
        self._journal = journal
        self._places: dict[str, dict[str, Place]] = {}
        self._ties: dict[str, dict[str, dict[str, None]]] = {}
        for entry in journal.replay():
            self._index(entry)

    def begin(self, *, request_id: str | None = None, key: str | None = None) -> "Transaction":
        return Transaction(self, {"id": request_id, "idempotency_key": key})

    def find(self, kind: str, ident: str) -> Object | None:
        place = self._places.get(kind, {}).get(ident)
        return None if place is None else json.loads(self._journal.read(place))

    def newest(self, kind: str, *, tied_to: str | None = None) -> Iterator[str]:
        """The ids of a kind, newest first; only those that are or once were tied to the given object."""
        known = self._places.get(kind, {}) if tied_to is None else self._ties.get(tied_to, {}).get(kind, {})
        return reversed(list(known))

    def count(self, kind: str) -> int:
        return len(self._places.get(kind, {}))

    def forget(self, kind: str, ident: str) -> None:
        self._places.get(kind, {}).pop(ident, None)

    def oldest(self, kind: str) -> str | None:
        return next(iter(self._places.get(kind, {})), None)

    def keep(self, bodies: Sequence[tuple[str, Object]]) -> None:
        """Write the bodies and then believe them, in that order."""
        if not bodies:
            return
        for entry in self._journal.append([Record(kind, body, _notes(kind, body)) for kind, body in bodies]):
            self._index(entry)
        events = [body["id"] for kind, body in bodies if kind == "event"]
        if events and self.notified:
            self.announce(events)

    def settle(self, events: Iterable[str]) -> None:
        self.keep([(SETTLED, {"id": event}) for event in events])

    def close(self) -> None:
        self._journal.close()

    def _index(self, entry: Entry) -> None:
        kind, ident = entry.kind, entry.id
        if kind == SETTLED:
            self.unsettled.pop(ident, None)
        elif kind == PLAN:
            self.plans[ident] = json.loads(self._journal.read(entry.place))
        elif kind == PLAN_DONE:
            self.plans.pop(ident, None)
        else:
            self._index_object(entry)

    def _index_object(self, entry: Entry) -> None:
        places = self._places.setdefault(sys.intern(entry.kind), {})
        if entry.kind == KEY:
            places.pop(entry.id, None)  # a key used anew after its day is young again, and stands last
        places[entry.id] = entry.place
        if entry.kind == "event":
            self.unsettled.update(dict.fromkeys([entry.id] if PENDING in entry.notes else []))
            return
        for owner in entry.notes:
            self._ties.setdefault(owner, {}).setdefault(entry.kind, {})[entry.id] = None


def _notes(kind: str, body: Object) -> tuple[str, ...]:
    """What the index is told of a body: of an event, whether it is to be delivered; of the others, whose they are."""
    if kind == "event":
        return (PENDING,) if body["pending_webhooks"] else ()
    return tuple(owner for tie in TIES if isinstance(owner := body.get(tie), str))


class Transaction:
    """What one request changes. Nothing of it is true until it is committed, and then all of it is."""

    def __init__(self, world: World, request: Object) -> None:
        self.world = world
        self.created = int(world.now())
        self._request = request
        self._records: list[tuple[str, Object]] = []
        self._changed: dict[tuple[str, str], Object] = {}

    def find(self, kind: str, ident: str) -> Object | None:
        changed = self._changed.get((kind, ident))
        return dict(changed) if changed is not None else self.world.find(kind, ident)

    def require(self, kind: str, ident: str, *, param: str = "id", status: int = 404) -> Object:
        """The object with this id; a request that names one that is not there or was deleted gets Stripe's answer."""
        found = self.find(kind, ident)
        if found is None or found.get("deleted"):
            raise missing(kind, ident, param=param, status=status)
        return found

    def put(self, body: Object) -> Object:
        self._changed[body["object"], body["id"]] = body
        return body

    def emit(self, kind: str, body: Object, **data: Any) -> None:
        """Announce a change with the object as it is now."""
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": {"object": public(body), **data},
            "livemode": False,
            "pending_webhooks": int(self.world.notified),
            "request": self._request,
            "type": kind,
        }
        self._records.append(("event", event))

    def record(self, kind: str, body: Object) -> None:
        self._records.append((kind, body))

    def commit(self) -> None:
        objects = [(kind, body) for (kind, _), body in self._changed.items()]
        self.world.keep(objects + self._records)
        self._changed, self._records = {}, []
