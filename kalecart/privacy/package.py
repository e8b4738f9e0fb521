"""A package: everything the shop holds about one person at one instant, and what is kept back and why (C10, C11)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from kalecart.consent.purpose import Purpose
from kalecart.ids import RequestId
from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Described,
    Number,
    Opened,
    Personal,
    Reason,
    Source,
    Table,
    Withheld,
    WithheldWhile,
)
from kalecart.privacy.restriction import SEARCHES, Restriction
from kalecart.privacy.retention import RULES
from kalecart.privacy.subject import Part as Role
from kalecart.privacy.subject import Person, PersonKind

SCHEMA: Final = "kalecart.package/1"
RECOURSE: Final = (
    "If you think that something should not have been kept back, write to the person responsible named in our policy;"
    " you have an answer within thirty days. After that you may turn to the authorities."
)
WHY: Final[Mapping[Reason, str]] = {
    Reason.OTHER_INDIVIDUAL: "It is about somebody else, who has a right to be left out.",
    Reason.LEGAL: "A law, or a case that is open, keeps us from handing it over.",
    Reason.SECURITY: "Handing it over would put your account, or the shop, at risk.",
    Reason.PROPRIETARY: "It belongs to somebody who does not let us hand it over.",
    Reason.COST: "Finding it would cost out of proportion; you were told what before.",
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """What one column of a part is, in the words of the register."""

    name: str
    says: str
    category: str
    purpose: str
    source: str
    retention: str


@dataclass(frozen=True, kw_only=True)
class PackagePart:
    """The rows of one table that are about the person, or with `acts` those of what they did.

    A record has only what may be shown. `held` says of how many rows a column is withheld that is shown otherwise.
    """

    table: str
    says: str
    key: str
    columns: Sequence[Column]
    records: Sequence[Mapping[str, Any]]
    numbers: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    acts: bool = False


@dataclass(frozen=True, kw_only=True)
class KeptBack:
    """One thing that is not handed over as it is: withheld for one of the five reasons, or told what it is."""

    what: str
    words: str
    count: int
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Package:
    """`unread` names what could not be asked in time; a later package has it. With `kinds_only` nothing is shown but
    what kinds of things there are. `decisions` is the last step about what is kept back that it obeys."""

    request_id: RequestId
    person: Person
    received_at: datetime
    snapshot_at: datetime
    policy_version: str
    parts: Sequence[PackagePart]
    kept_back: Sequence[KeptBack] = ()
    unread: Sequence[str] = ()
    kinds_only: bool = False
    decisions: int = 0

    @property
    def records(self) -> int:
        return sum(len(part.records) for part in self.parts)

    @property
    def withheld(self) -> Sequence[KeptBack]:
        return [item for item in self.kept_back if item.reason is not None]

    @property
    def needs_judgement(self) -> bool:
        """Whether a person must look at it first: leaving others out is a rule; the other reasons are decisions."""
        plain = {Reason.OTHER_INDIVIDUAL, Reason.SECURITY}
        return any(item.reason not in plain for item in self.withheld)

    def document(self) -> dict[str, Any]:
        """The whole of it for programs."""
        return {
            "schema": SCHEMA,
            "request": str(self.request_id),
            "person": str(self.person.id),
            "received_at": self.received_at.isoformat(),
            "snapshot_at": self.snapshot_at.isoformat(),
            "policy_version": self.policy_version,
            "parts": [
                {
                    "table": part.table,
                    "says": part.says,
                    "columns": [asdict(column) for column in part.columns],
                    "records": [_plain(record) for record in part.records],
                }
                for part in self.parts
            ],
            "withheld": [_item(item) for item in self.withheld],
            "described": [_item(item) for item in self.kept_back if item.reason is None],
            "recourse": RECOURSE,
            "unread": list(self.unread),
        }


def shown_columns(table: Table) -> Mapping[str, Personal]:
    """The columns whose values go into a package."""
    return {
        name: entry
        for name, entry in table.personal().items()
        if isinstance(entry.disclose, AsItIs | Opened | WithheldWhile) and entry.part is Role.SUBJECT
    }


def shown_numbers(table: Table) -> Mapping[str, Number]:
    """Numbers of ours that tie the parts together. One that names another person is left out."""
    return {name: entry for name, entry in table.numbers().items() if entry.part in (None, Role.SUBJECT)}


def columns_of(table: Table, kind: PersonKind = PersonKind.CUSTOMER) -> Sequence[Column]:
    return [
        Column(
            name=name,
            says=entry.says,
            category=entry.category.value,
            purpose=entry.purpose.value,
            source=entry.source.value,
            retention=RULES[entry.retention].to(kind),
        )
        for name, entry in shown_columns(table).items()
    ]


def columns_of_acts(table: Table) -> Sequence[Column]:
    """What whoever did it is told of what they did."""
    personal = table.personal()
    return [
        Column(
            name=name,
            says=personal[name].says if name in personal else name.replace("_", " "),
            category=Category.USES.value,
            purpose=Purpose.PAYMENT_AND_DELIVERY.value,
            source=Source.SHOP.value,
            retention=RULES["trail"].to(PersonKind.STAFF),
        )
        for name in table.acts
    ]


def kept_back_of(table: Table, part: PackagePart) -> Iterator[KeptBack]:
    """What of a table's rows is not in the package, item by item. Of acts, whom they were done to is not."""
    count = len(part.records)
    if part.acts:
        yield KeptBack(what=f"{table.did}: {DONE_TO}", words=WHY[_OTHER], count=count, reason=_OTHER)
        return
    for name, entry in table.personal().items():
        what = f"{table.says}: {entry.says}"
        if isinstance(entry.disclose, Described):
            yield KeptBack(what=what, words=entry.disclose.words, count=count)
        elif isinstance(entry.disclose, Withheld):
            yield KeptBack(what=what, words=entry.disclose.words, count=count, reason=entry.disclose.reason)
        elif isinstance(entry.disclose, WithheldWhile):
            held, words = part.held.get(name, 0), entry.disclose.words
            yield KeptBack(what=what, words=words, count=held, reason=entry.disclose.reason)
        elif entry.part is not Role.SUBJECT:
            yield KeptBack(what=what, words=WHY[_OTHER], count=count, reason=_OTHER)
    for what, never in table.apart.items():
        yield KeptBack(what=f"{table.says}: {what}", words=never.words, count=count, reason=never.reason)
    for name, number in table.numbers().items():
        if number.part in (Role.ACTOR, Role.OTHER):
            words = f"{WHY[_OTHER]} ({name.removesuffix('_id').replace('_', ' ')})"
            yield KeptBack(what=f"{table.says}: who", words=words, count=count, reason=_OTHER)


def decided_of(restriction: Restriction, count: int) -> KeptBack:
    """What somebody decided to keep back, as one item."""
    return KeptBack(what=restriction.title, words=restriction.words, count=count, reason=restriction.reason)


def unsearched(restrictions: Sequence[Restriction]) -> Sequence[KeptBack]:
    """What would have had to be searched by hand, and is not."""
    return [decided_of(each, 1) for each in restrictions if each.in_force and each.what in SEARCHES]


_OTHER: Final = Reason.OTHER_INDIVIDUAL
DONE_TO: Final = "whom or what it was done to"

# What stands for all that is not in a package of kinds: how much there is of each would say more than kinds (E53).
BUT_KINDS: Final = KeptBack(
    what="Everything but its kinds",
    words="What you proved is enough for the kinds of data we keep, and not for the data.",
    count=1,
    reason=Reason.SECURITY,
)


def summed(items: Sequence[KeptBack]) -> Sequence[KeptBack]:
    """The same item once, with how often."""
    counted: Counter[tuple[str, str, Reason | None]] = Counter()
    for item in items:
        counted[item.what, item.words, item.reason] += item.count
    return [KeptBack(what=w, words=words, count=n, reason=r) for (w, words, r), n in counted.items() if n]


def _item(item: KeptBack) -> dict[str, Any]:
    found: dict[str, Any] = {"what": item.what, "words": item.words, "count": item.count}
    return found | ({"reason": item.reason.value} if item.reason else {})


def _plain(value: Any) -> Any:
    """As JSON has it: instants and days as text, numbers of ours as text."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
