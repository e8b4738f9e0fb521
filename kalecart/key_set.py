"""The keys of a shop as one set, apart from its data: everybody's wrapped key, the index key, and the tombstones.

Nothing in it opens anything without the master key, which is in no backup. It is text, a line of JSON for each thing.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Tx
from kalecart.master_keys import KeyProvider, Wrapped
from kalecart.tombstones import Tombstone, tombstones
from kalecart.vault import DataKey, Vault, data_key, index_key, master_key

BATCH_MAX: Final = 5_000


@dataclass(frozen=True, kw_only=True)
class KeySet:
    """`keys` by person."""

    index_key: Wrapped
    keys: Mapping[UUID, tuple[Wrapped, datetime]]
    stones: Sequence[Tombstone]

    def vault(self, provider: KeyProvider) -> Vault:
        """Raises UnknownMasterKey where the set is wrapped by a key that the provider does not hold."""
        return Vault(provider, self.index_key)

    def key_of(self, person_id: UUID, vault: Vault) -> DataKey:
        wrapped, _ = self.keys[person_id]
        return vault.unwrap(wrapped.key, wrapped.master_key)


async def read_keys(tx: Tx) -> KeySet:
    """As they are in the transaction's snapshot."""
    index = (await tx.execute(sa.select(index_key.c.wrapped, index_key.c.master_key))).one()
    rows = await tx.execute(sa.select(data_key))
    keys = {row.customer_id: (Wrapped(row.wrapped, row.master_key), row.created_at) for row in rows}
    return KeySet(index_key=Wrapped(*index), keys=keys, stones=await tombstones(tx))


async def load_keys(tx: Tx, keys: KeySet) -> None:
    """Into a database without any. The caller lays the tombstones in the same transaction."""
    names = {keys.index_key.master_key, *(wrapped.master_key for wrapped, _ in keys.keys.values())}
    await tx.execute(insert(master_key).on_conflict_do_nothing(), [{"name": name} for name in sorted(names)])
    wrapped = keys.index_key
    await tx.execute(sa.insert(index_key).values(id=1, wrapped=wrapped.key, master_key=wrapped.master_key))
    rows = (
        {"customer_id": person, "wrapped": wrapped.key, "master_key": wrapped.master_key, "created_at": made}
        for person, (wrapped, made) in keys.keys.items()
    )
    while batch := list(islice(rows, BATCH_MAX)):
        await tx.execute(sa.insert(data_key), batch)


def as_lines(keys: KeySet) -> Iterator[str]:
    yield _line("index_key", **_text_of(keys.index_key))
    for person, (wrapped, made) in keys.keys.items():
        yield _line("data_key", person=str(person), made_at=made.isoformat(), **_text_of(wrapped))
    for stone in keys.stones:
        yield _line("tombstone", person=str(stone.person_id), at=stone.erased_at.isoformat(), scope=stone.scope)


def from_lines(lines: Iterable[str]) -> KeySet:
    """Raises ValueError where they are not a whole set."""
    index: Wrapped | None = None
    keys: dict[UUID, tuple[Wrapped, datetime]] = {}
    stones: list[Tombstone] = []
    for values in map(json.loads, lines):
        match values["kind"]:
            case "index_key":
                index = _wrapped(values)
            case "data_key":
                keys[UUID(values["person"])] = _wrapped(values), datetime.fromisoformat(values["made_at"])
            case "tombstone":
                at = datetime.fromisoformat(values["at"])
                stones.append(Tombstone(person_id=UUID(values["person"]), erased_at=at, scope=values["scope"]))
    if index is None:
        raise ValueError("a set of keys without the index key")
    return KeySet(index_key=index, keys=keys, stones=stones)


def _line(kind: str, **values: str) -> str:
    return json.dumps({"kind": kind} | values) + "\n"


def _text_of(wrapped: Wrapped) -> dict[str, str]:
    return {"wrapped": base64.b64encode(wrapped.key).decode(), "master_key": wrapped.master_key}


def _wrapped(values: Mapping[str, str]) -> Wrapped:
    return Wrapped(base64.b64decode(values["wrapped"], validate=True), values["master_key"])
