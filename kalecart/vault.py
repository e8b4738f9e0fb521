"""The vault: personal columns are ciphertext under a key of the person's own.

Each customer has a data key. It is wrapped by the master key and stored in the schema `vault`, apart from the data it
opens: without its row there, a person's columns are noise, in the database and in every backup of it. Ciphertext is
bound to its place (table, column, row), so a value moved to another row does not open.

Looking a person up by e-mail or phone number uses a blind index: an HMAC of the normalised value under a key that is
itself wrapped by the master key, so that changing the master key changes no index.

AES-256-GCM with random 96-bit nonces (NIST SP 800-38D), AES key wrap (RFC 3394), HMAC-SHA256.
"""

import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert

from kalecart.database import Database, Tx
from kalecart.errors import MustNotStart
from kalecart.master_keys import KEY_BYTES, KeyProvider, UnknownMasterKey, Wrapped
from kalecart.tables import metadata

NONCE_BYTES: Final = 12
FORMAT: Final = b"\x01"

# The database knows every master key by name, so that it refuses to forget one that something is still wrapped by.
master_key: Final = sa.Table(
    "master_key",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    schema="vault",
)

data_key: Final = sa.Table(
    "data_key",
    metadata,
    sa.Column("customer_id", sa.Uuid, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("master_key", sa.Text, sa.ForeignKey("vault.master_key.name"), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    schema="vault",
)

index_key: Final = sa.Table(
    "index_key",
    metadata,
    sa.Column("id", sa.SmallInteger, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("master_key", sa.Text, sa.ForeignKey("vault.master_key.name"), nullable=False),
    sa.CheckConstraint("id = 1", name="index_key_is_one"),
    schema="vault",
)


class CannotOpen(Exception):
    """Ciphertext that does not belong to this key or this place. Says where, never what."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives. Part of what is authenticated."""

    table: str
    column: str
    row: UUID

    @property
    def label(self) -> bytes:
        return f"{self.table}|{self.column}|{self.row}".encode()


class DataKey:
    """One person's key, unwrapped."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, place: Place) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, text.encode(), place.label)

    def open(self, sealed: bytes, place: Place) -> str:
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] != FORMAT or not body:
            raise CannotOpen(f"{place.table}.{place.column}")
        try:
            return self._cipher.decrypt(nonce, body, place.label).decode()
        except InvalidTag:
            raise CannotOpen(f"{place.table}.{place.column}") from None


class Vault:
    """Makes, wraps and unwraps data keys, and computes blind indexes."""

    def __init__(self, provider: KeyProvider, wrapped_index_key: Wrapped) -> None:
        self._provider = provider
        self._index_key = provider.unwrap(wrapped_index_key)

    def new_key(self) -> tuple[DataKey, Wrapped]:
        """A fresh data key and its wrapped form, to be stored in the transaction that creates the person."""
        key = os.urandom(KEY_BYTES)
        return DataKey(key), self._provider.wrap(key)

    def unwrap(self, wrapped: bytes, master_key: str) -> DataKey:
        """The two columns of a person's row in `vault.data_key`."""
        return DataKey(self._provider.unwrap(Wrapped(wrapped, master_key)))

    def blind_index(self, kind: str, normalised: str) -> bytes:
        """The same value gives the same 16 bytes; nobody without the key can try values."""
        return hmac.digest(self._index_key, f"{kind}|{normalised}".encode(), "sha256")[:16]


async def make_key(tx: Tx, person_id: UUID, vault: Vault, *, now: datetime) -> DataKey:
    """The key of a new customer or member of staff, kept in the transaction that creates them."""
    key, wrapped = vault.new_key()
    row = {"customer_id": person_id, "wrapped": wrapped.key, "master_key": wrapped.master_key, "created_at": now}
    await tx.execute(sa.insert(data_key).values(**row))
    return key


async def key_of(tx: Tx, person_id: UUID, vault: Vault) -> DataKey:
    """A person's key; without its row everything about them is unreadable, which is what erasing means."""
    kept = sa.select(data_key.c.wrapped, data_key.c.master_key).where(data_key.c.customer_id == person_id)
    row = (await tx.execute(kept)).one_or_none()
    if row is None:
        raise CannotOpen("vault.data_key")
    return vault.unwrap(row.wrapped, row.master_key)


async def found_vault(tx: Tx, provider: KeyProvider) -> None:
    """Make the index key, once in the life of a shop, and know the current master key. Run by `migrate`."""
    await tx.execute(insert(master_key).values(name=provider.name).on_conflict_do_nothing())
    exists = await tx.scalar(sa.select(sa.func.count()).select_from(index_key))
    if not exists:
        wrapped = provider.wrap(os.urandom(KEY_BYTES))
        await tx.execute(sa.insert(index_key).values(id=1, wrapped=wrapped.key, master_key=wrapped.master_key))


async def open_vault(db: Database, provider: KeyProvider) -> Vault:
    """Load the index key. Raises MustNotStart where there is none, or the master key that wrapped it is not at hand."""
    async with db.transaction() as tx:
        row = (await tx.execute(sa.select(index_key.c.wrapped, index_key.c.master_key))).one_or_none()
    if row is None:
        raise MustNotStart("the vault was never founded: run ./kale migrate first.")
    try:
        return Vault(provider, Wrapped(row.wrapped, row.master_key))
    except UnknownMasterKey:
        raise MustNotStart(
            f"the master key file does not hold {row.master_key}, which this shop's keys are wrapped by."
        ) from None
