"""What the register says of one column, key or file: what it is, and what access, retention and erasure do with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kalecart.consent.purpose import Purpose
from kalecart.privacy.subject import Part, PersonKind


class Category(StrEnum):
    """The kinds of information the policy speaks of; the value is what a person reads."""

    IDENTITY = "who you are"
    CONTACT = "how to reach you"
    ADDRESS = "where you live"
    PAYMENT_MEANS = "what you pay with"
    PAYMENT_RECORD = "your payment record"
    ORDERS = "what you bought"
    CONSENT = "what you agreed to"
    SECURITY = "what keeps your account safe"
    CORRESPONDENCE = "what we wrote to you and you to us"
    REQUESTS = "what you asked of us"
    ANSWERS = "what you told us of your own accord"
    USES = "who looked at it and who got it"


class Source(StrEnum):
    """Where a value comes from: each is lawful, and there is no other (C4)."""

    PERSON = "you gave it"
    SHOP = "it arose here while we served you"
    STRIPE = "Stripe, our payment provider, told us"
    STAFF = "a member of our staff wrote it"


class Reason(StrEnum):
    """Why something may be withheld from the person it is about: these five and no sixth (C11)."""

    OTHER_INDIVIDUAL = "other_individual"
    LEGAL = "legal"
    SECURITY = "security"
    PROPRIETARY = "proprietary"
    COST = "cost"


@dataclass(frozen=True)
class AsItIs:
    """Shown as it stands in the row."""


@dataclass(frozen=True)
class Opened:
    """Sealed with the key of the person whom the row is about, at (table, column, `row`): the column naming the row.

    Of rows for which the SQL `unless` holds it is told what they are, in `words`.
    """

    row: str = "id"
    unless: str = ""
    words: str = ""


@dataclass(frozen=True)
class Described:
    """Not shown: told what it is."""

    words: str


@dataclass(frozen=True)
class Withheld:
    reason: Reason
    words: str


@dataclass(frozen=True)
class WithheldWhile:
    """Shown as it stands, but for the rows for which the SQL `holds` is true: there it is withheld."""

    holds: str
    reason: Reason
    words: str


Disclosure = AsItIs | Opened | Described | Withheld | WithheldWhile


class Erasure(StrEnum):
    """What erasing a person does with a value."""

    SHREDDED = "its key is destroyed and the sealed bytes are emptied"
    EMPTIED = "emptied"
    RANDOM = "replaced by random bytes, which neither find nor link"
    RENAMED = "replaced by our own number of the row"
    DELETED = "its row is deleted"
    KEPT = "kept under a number that leads to nobody, until its rule ends"


@dataclass(frozen=True, kw_only=True)
class Personal:
    """Information about a person. `says` is what the person reads; `retention` names a rule of `retention.RULES`.

    `keys` lists what a JSON column may hold: a dotted path, `*` for names that vary.
    """

    says: str
    category: Category
    source: Source
    retention: str
    disclose: Disclosure
    erase: Erasure
    purpose: Purpose = Purpose.PAYMENT_AND_DELIVERY
    part: Part = Part.SUBJECT
    keys: Mapping[str, str] = field(default_factory=dict)


# What a number names that may be of a person of any kind.
ANYBODY: Final = "anybody"


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number of our own that names a row of the table `names`, and says nothing without that row.

    Where it names a person, `part` says what that person has to do with the row. With `through` the row belongs to
    whoever the named row belongs to.
    """

    names: str
    part: Part | None = None
    through: bool = False


@dataclass(frozen=True)
class NotPersonal:
    """Says nothing about anybody; why that is so, and what keys it has where it is JSON."""

    why: str
    keys: Mapping[str, str] = field(default_factory=dict)


Entry = Personal | Number | NotPersonal


@dataclass(frozen=True, kw_only=True)
class Table:
    """Every column of one table. `says` is what its rows are, in words for the person.

    `also` is SQL for rows about the person `:person` that no column of numbers leads to, by the kind of person.
    `apart` is what belongs to each row, is kept elsewhere and never handed over.
    `acts` are the columns that tell whoever did it what they did, and nothing of whom it was done to; `did` is what
    that is called to them.
    """

    name: str
    says: str
    columns: Mapping[str, Entry]
    key: str = "id"
    also: Mapping[PersonKind, str] = field(default_factory=dict)
    acts: tuple[str, ...] = ()
    apart: Mapping[str, Withheld] = field(default_factory=dict)
    did: str = ""

    def numbers(self) -> Mapping[str, Number]:
        return {name: entry for name, entry in self.columns.items() if isinstance(entry, Number)}

    def personal(self) -> Mapping[str, Personal]:
        return {name: entry for name, entry in self.columns.items() if isinstance(entry, Personal)}


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is kept outside the tables: a file, keys in Valkey, a cookie. `pattern` is a regular expression."""

    name: str
    pattern: str
    says: str
    why: str
    ends: str
