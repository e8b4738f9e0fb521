"""Releases as pages show them: figures with their sentences, the ledger, and what is left of the budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from kalecart.analytics import breadth
from kalecart.analytics import question as questions
from kalecart.analytics.answer import Answer, Key
from kalecart.analytics.budget import Envelope
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import Kind
from kalecart.analytics.rules import Size, Told, size_of
from kalecart.analytics.share import NOBODY, Change, Missed, Noisy, Place, Share, change, places, share_of
from kalecart.analytics.store_releases import envelope_from
from kalecart.analytics.tables import counted_product, envelope, release, release_answer
from kalecart.database import Tx

LEDGER_MAX: Final = 500


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One share. `key` and `names` have one entry, or two for products bought together on one day.

    `place` is among its own list. `since` is against the quarter before; None where nothing can be said.
    """

    key: Key
    names: tuple[str, ...]
    share: Share
    place: Place
    since: Change | None = None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All that was released of a quarter: lists in the order of their counts, empty where the rules release none.

    `asked` are the answered shares that staff asked about. `people` is who bought anything and agreed to be counted.
    `breadth` is who bought how many different products, step by step; of one person `each_max` products count.
    """

    quarter: Quarter
    people: Noisy
    size: Size
    year_epsilon: float
    year_delta: float
    breadth: Sequence[Figure] = ()
    each_max: int | None = None
    products: Sequence[Figure] = ()
    aisles: Sequence[Figure] = ()
    baskets: Sequence[Figure] = ()
    asked: Sequence[Figure] = ()


@dataclass(frozen=True, kw_only=True)
class Released:
    """A line of the ledger. `about` has a `sku`, or a `survey` and `question`; `answer` is None while it is drawn."""

    key: str
    kind: Kind
    period: str
    about: Mapping[str, str]
    envelope_id: str
    microrho: int
    delta: float
    asked_by: UUID | None
    debited_at: datetime
    answered_at: datetime | None
    answer: Answer | None


async def quarters(tx: Tx) -> Sequence[Quarter]:
    """Those whose people are counted, the latest first."""
    told = sa.select(release.c.period).join(release_answer, release_answer.c.key == release.c.key)
    rows = await tx.execute(told.where(release.c.kind == Kind.COUNT.value))
    return sorted((Quarter.parse(row.period) for row in rows), reverse=True)


async def figures_of(tx: Tx, quarter: Quarter) -> Figures | None:
    """Everything about a quarter; None where it is not counted yet."""
    now, before = await _answers(tx, quarter), await _answers(tx, quarter.previous)
    counted = now.get(questions.count(quarter).key)
    if counted is None:
        return None
    names = await product_names(tx, quarter)
    people = counted.noisy(counted.counts[0])

    def of(kind: Kind) -> Sequence[Figure]:
        key, old = f"{kind}:{quarter}", f"{kind}:{quarter.previous}"
        ago = _shares(before.get(old), before.get(questions.count(quarter.previous).key), _missed(before, old))
        return _figures(now.get(key), people, names, ago, _missed(now, key))

    told = now.get(questions.told(Told.BREADTH, quarter).key)
    products = now.get(f"{Kind.PRODUCTS}:{quarter}")

    asked = [answer for key, answer in sorted(now.items()) if key.startswith(f"{Kind.SHARE}:")]
    return Figures(
        quarter=quarter,
        people=people,
        size=size_of(people.count),
        year_epsilon=counted.year_epsilon,
        year_delta=counted.year_delta,
        breadth=_steps(told, people),
        each_max=products.each_max if products else None,
        products=of(Kind.PRODUCTS),
        aisles=of(Kind.AISLES),
        baskets=of(Kind.BASKETS),
        asked=[figure for answer in asked for figure in _figures(answer, people, names, {})],
    )


async def ledger(tx: Tx, *, limit: int = LEDGER_MAX) -> Sequence[Released]:
    """What was paid for, the latest first. What is of no kind there is no code of ours wrote: the control says so."""
    known = release.c.kind.in_([kind.value for kind in Kind])
    rows = await tx.execute(_RELEASED.where(known).order_by(release.c.debited_at.desc(), release.c.key).limit(limit))
    return [_released(row) for row in rows]


async def released(tx: Tx, key: str) -> Released | None:
    row = (await tx.execute(_RELEASED.where(release.c.key == key))).one_or_none()
    return None if row is None else _released(row)


async def of_survey(tx: Tx, survey_id: UUID) -> Mapping[str, Released]:
    """By question. A typed question's answer has as keys the texts that many gave."""
    rows = await tx.execute(_RELEASED.where(release.c.key.startswith(f"{Kind.SURVEY}:{survey_id}:")))
    return {each.about["question"]: each for each in map(_released, rows)}


async def of_surveys_in(tx: Tx, quarter: Quarter) -> Sequence[Released]:
    """Every question of the survey that closed in a quarter."""
    mine = release.c.kind == Kind.SURVEY.value, release.c.period == str(quarter)
    return [_released(row) for row in await tx.execute(_RELEASED.where(*mine))]


async def budget(tx: Tx, year: int) -> Sequence[Envelope]:
    """A year's envelopes, each with what is spent and when it renews; the questions of staff are `question:<year>`."""
    rows = await tx.execute(sa.select(envelope).where(envelope.c.year == year).order_by(envelope.c.id))
    return [envelope_from(row) for row in rows]


async def product_names(tx: Tx, quarter: Quarter) -> Mapping[str, str]:
    """The products of a quarter by SKU, under the names they had then, sold today or not (E74)."""
    kept = sa.select(counted_product.c.sku, counted_product.c.name).where(counted_product.c.quarter == str(quarter))
    return {row.sku: row.name for row in await tx.execute(kept.order_by(counted_product.c.name))}


_RELEASED: Final = sa.select(release, release_answer.c.answer, release_answer.c.answered_at).join_from(
    release, release_answer, release_answer.c.key == release.c.key, isouter=True
)


async def _answers(tx: Tx, quarter: Quarter) -> Mapping[str, Answer]:
    mine = _RELEASED.where(release.c.period == str(quarter), release_answer.c.key.is_not(None))
    return {row.key: Answer.from_json(row.answer) for row in await tx.execute(mine)}


def _missed(said: Mapping[str, Answer], key: str) -> Missed:
    """Who is missed in a list of products. Where nobody was told to be missed its ranges are about the noise alone: so
    it is with pairs, and with products of a quarter that told no breadth.
    """
    kind, _, period = key.partition(":")
    steps, answer = said.get(f"{Kind.BREADTH}:{period}"), said.get(key)
    if kind != Kind.PRODUCTS or steps is None or answer is None:
        return NOBODY
    return breadth.missed(steps, answer.each_max, products=len(answer.keys))


def _shares(answer: Answer | None, counted: Answer | None, missed: Missed) -> Mapping[Key, Share]:
    if answer is None or counted is None:
        return {}
    people = counted.noisy(counted.counts[0])
    return {key: share_of(each, people, missed=missed) for key, each in answer.by_key().items()}


def _steps(told: Answer | None, people: Noisy) -> Sequence[Figure]:
    """In their own order, which no count changes."""
    if told is None:
        return ()
    everywhere = Place(first=1, last=len(breadth.KEYS))
    named = zip(breadth.names(), told.by_key().items(), strict=True)
    return [
        Figure(key=key, names=(name,), share=share_of(step, people), place=everywhere) for name, (key, step) in named
    ]


def _figures(
    answer: Answer | None,
    people: Noisy,
    names: Mapping[str, str],
    before: Mapping[Key, Share],
    missed: Missed = NOBODY,
) -> Sequence[Figure]:
    if answer is None:
        return ()
    ordered = sorted(answer.by_key().items(), key=lambda each: (-each[1].count, each[0]))
    found = []
    for (key, noisy), place in zip(ordered, places([noisy for _, noisy in ordered]), strict=True):
        share = share_of(noisy, people, missed=missed)
        since = change(before[key], share) if key in before else None
        named = tuple(names.get(each, each) for each in key)
        found.append(Figure(key=key, names=named, share=share, place=place, since=since))
    return found


def _released(row: Any) -> Released:
    return Released(
        key=row.key,
        kind=Kind(row.kind),
        period=row.period,
        about=row.question,
        envelope_id=row.envelope_id,
        microrho=row.microrho,
        delta=row.delta,
        asked_by=row.asked_by,
        debited_at=row.debited_at,
        answered_at=row.answered_at,
        answer=None if row.answer is None else Answer.from_json(row.answer),
    )
