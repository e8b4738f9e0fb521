"""A package as a person reads it: the same sections for the HTML and the PDF."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from types import NoneType
from typing import Any, Final

from kalecart.clock import SHOP_ZONE
from kalecart.money import dollars
from kalecart.privacy.package import RECOURSE, WHY, Column, KeptBack, Package, PackagePart
from kalecart.privacy.subject import PersonKind

# More rows than this are told one line each.
ONE_BY_ONE_MAX: Final = 25


@dataclass(frozen=True, kw_only=True)
class Section:
    """`facts` are pairs of a row each; `lines` are groups of one-line rows under a heading of their own."""

    title: str
    intro: Sequence[str]
    facts: Sequence[Sequence[tuple[str, str]]] = ()
    lines: Sequence[tuple[str, Sequence[str]]] = ()


def sections_of(package: Package) -> Iterator[Section]:
    yield _cover(package)
    named = _names(package.parts)
    for part in package.parts:
        yield _part(part, named)
    yield _kept_back(package)


def _cover(package: Package) -> Section:
    instant = moment(package.snapshot_at)
    whole = f"Everything we hold about you as of {instant}, all of it as it was at that one instant."
    kinds = f"What kinds of things we hold about you as of {instant}. Ask again and prove more to see the things."
    intro = [
        kinds if package.kinds_only else whole,
        "What changed after it is not in here. You may ask again at any time.",
        f"You asked on {moment(package.received_at)}. The policy of {package.policy_version} was in force.",
        "Each section says what a thing is, what we keep it for, where it came from and how long it is kept.",
        "Who got what, and who of our staff looked, are sections of their own.",
    ]
    intro += [
        f"Not in here: {name}. It did not answer in time; we go after it and tell you." for name in package.unread
    ]
    return Section(title="What we hold about you", intro=intro)


def _part(part: PackagePart, named: Mapping[tuple[str, str], str]) -> Section:
    about = sorted({(c.category, c.purpose, c.source, c.retention) for c in part.columns})
    intro = [
        f"{category.capitalize()}; kept for {purpose.replace('_', ' ')}; {source}; kept {retention}."
        for category, purpose, source, retention in about
    ]
    if len(part.records) <= ONE_BY_ONE_MAX:
        facts = [
            [(column.says, words(column.name, record.get(column.name))) for column in part.columns]
            for record in part.records
        ]
        return Section(title=part.says, intro=intro, facts=[_said(pairs) for pairs in facts])
    heading = " · ".join(column.says for column in part.columns)
    return Section(title=part.says, intro=[*intro, f"Each line: {heading}."], lines=list(_grouped(part, named)))


def _said(pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    return [(name, value) for name, value in pairs if value]


def _grouped(part: PackagePart, named: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Rows under the thing they belong to, such as lines under their order."""
    owner = next((name for name, table in part.numbers.items() if table not in (part.table, *PersonKind)), None)
    for number, rows in groupby(part.records, key=lambda record: record.get(owner) if owner else None):
        title = named.get((part.numbers[owner], str(number)), "") if owner else ""
        yield title, [_line(part.columns, record) for record in rows]


def _line(columns: Sequence[Column], record: Mapping[str, Any]) -> str:
    values = (words(column.name, record.get(column.name)) for column in columns)
    return " · ".join(value for value in values if value)


def _names(parts: Sequence[PackagePart]) -> Mapping[tuple[str, str], str]:
    """What to call a row that others belong to: an order by its number."""
    numbered = [part for part in parts if not part.acts and any(column.name == "number" for column in part.columns)]
    return {(part.table, str(row[part.key])): str(row["number"]) for part in numbered for row in part.records}


def _kept_back(package: Package) -> Section:
    facts = [
        [
            ("What", item.what),
            ("How many", f"{item.count:,}"),
            ("Why", _why(item)),
        ]
        for item in package.kept_back
    ]
    intro = ["Each thing that is not shown as it is, with the reason.", RECOURSE]
    return Section(title="What is not shown, and why", intro=intro, facts=facts)


def _why(item: KeptBack) -> str:
    """The reason by its name, in general and in particular."""
    if item.reason is None:
        return item.words
    general = WHY[item.reason]
    told = item.words if item.words.startswith(general) else f"{general} {item.words}"
    return f"{item.reason.value.replace('_', ' ')}: {told}"


def words(name: str, value: Any) -> str:
    """A value for people; nothing where there is none."""
    if isinstance(value, Mapping):
        inner = ((str(key), words(str(key), held)) for key, held in value.items())
        return ", ".join(f"{key.replace('_', ' ')}: {text}" for key, text in inner if text)
    if isinstance(value, list | tuple):
        return ", ".join(words(name, held) for held in value)
    if isinstance(value, int) and not isinstance(value, bool) and name.endswith("_cents"):
        return dollars(value)
    return next((told(value) for kind, told in _TOLD if isinstance(value, kind)), str(value))


def moment(instant: datetime) -> str:
    """`November 22, 2026, 4:05 PM` in the shop's zone."""
    local = instant.astimezone(SHOP_ZONE)
    clock = f"{local:%I:%M %p}".lstrip("0")
    return f"{local:%B} {local.day}, {local.year}, {clock}"


# The first that fits: an instant is a day too.
_TOLD: Final[Sequence[tuple[type, Callable[[Any], str]]]] = (
    (NoneType, lambda _: ""),
    (bool, lambda value: "yes" if value else "no"),
    (datetime, moment),
    (date, lambda value: f"{value:%B} {value.day}, {value.year}"),
    (bytes, bytes.hex),
)
