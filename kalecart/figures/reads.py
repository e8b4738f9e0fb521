"""What was published, as pages, programs and files show it: releases with an answer, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from kalecart.analytics import reads as releases
from kalecart.analytics.quarter import Quarter
from kalecart.analytics.question import PAIRS_EACH_MAX, Kind
from kalecart.analytics.reads import Figure, Figures
from kalecart.analytics.reads_surveys import Answered
from kalecart.analytics.reads_surveys import of_quarter as surveyed_in
from kalecart.database import Tx
from kalecart.figures.published import Line, Published, line_of, months_of, people_line, typed_line

AMONG: Final = "customers who agreed to be counted and bought anything"
TITLES: Final[Mapping[Kind, str]] = {
    Kind.COUNT: "How many customers were counted",
    Kind.BREADTH: "How many different products they bought",
    Kind.PRODUCTS: "Bought this product",
    Kind.AISLES: "Bought something from this aisle",
    Kind.BASKETS: "Bought both on one day",
    Kind.SHARE: "Bought this product, asked by our staff",
}
_ORDER: Final = (*TITLES, Kind.SURVEY)
ANSWERED: Final = "customers who answered this question"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a year of releases amounts to for one customer, as the proof has it."""

    epsilon: float
    delta: float


@dataclass(frozen=True, kw_only=True)
class QuarterFigures:
    """Everything that was published about a quarter. `year` is None while nothing is."""

    quarter: Quarter
    releases: Sequence[Published]
    year: Budget | None

    def of(self, kind: Kind) -> Sequence[Published]:
        return [each for each in self.releases if each.kind is kind]


async def of_quarter(tx: Tx, quarter: Quarter) -> QuarterFigures:
    """The count first, then lists, then single products that staff asked about, then what a survey's questions were
    answered.
    """
    figures = await releases.figures_of(tx, quarter)
    rows = list(await tx.execute(_ANSWERED, {"period": str(quarter)}))
    found = [
        Published(
            key=row.key,
            kind=Kind(row.kind),
            period=row.period,
            title=TITLES[Kind(row.kind)],
            among=_among(Kind(row.kind), quarter, figures),
            released_at=row.answered_at,
            microrho=row.microrho,
            lines=_lines(Kind(row.kind), row.question.get("sku", ""), figures),
        )
        for row in rows
        if figures is not None and row.kind in TITLES
    ]
    answered = {each.key: each for each in await surveyed_in(tx, quarter)}
    found += [_surveyed(row, answered[row.key]) for row in rows if row.key in answered]
    year = Budget(epsilon=figures.year_epsilon, delta=figures.year_delta) if figures else None
    return QuarterFigures(quarter=quarter, releases=sorted(found, key=_order), year=year)


async def quarters(tx: Tx) -> Sequence[Quarter]:
    """Those of which anything is published, the latest first: a survey may close before its quarter is over."""
    rows = await tx.execute(_QUARTERS)
    return sorted((Quarter.parse(row.period) for row in rows), reverse=True)


async def periods_of(tx: Tx, keys: Sequence[str]) -> Mapping[str, str]:
    """The period of each of these releases that has an answer; others are not there."""
    rows = await tx.execute(_KNOWN, {"keys": list(keys)})
    return {row.key: row.period for row in rows}


# What must not be there: a count of each. A shop that has just begun is given days to count what it finds, and what was
# missed for good, because it is deleted by now, is held against it for 120 days. What a restore closed is not missed.
RULES: Final[Mapping[str, str]] = {
    "envelopes overdrawn": "SELECT count(*) FROM envelope WHERE spent_microrho > cap_microrho",
    "envelopes that differ from what was paid out of them": """
        SELECT count(*) FROM envelope WHERE spent_microrho <> (
            SELECT coalesce(sum(microrho), 0) FROM release WHERE envelope_id = envelope.id)""",
    "budgets of another year than their period, or of years to come": """
        SELECT count(*) FROM envelope
         WHERE year <> left(period, 4)::integer OR year > extract(year FROM CAST(:now AS timestamptz)) + 1""",
    "releases paid out of another budget than their own": """
        SELECT count(*) FROM release JOIN envelope ON envelope.id = release.envelope_id
         WHERE NOT CASE release.kind WHEN 'share' THEN envelope.kind = 'question'
                   WHEN 'aisles' THEN envelope.kind IN ('aisles', 'products') AND envelope.period = release.period
                   ELSE envelope.kind = release.kind AND envelope.period = release.period END""",
    "releases without an answer for a day": """
        SELECT count(*) FROM release
         WHERE debited_at BETWEEN :now - interval '120 days' AND :now - interval '1 day'
           AND NOT EXISTS (SELECT FROM release_answer WHERE release_answer.key = release.key)""",
    "days not counted in time": """
        SELECT count(*) FROM counted_day
         WHERE counted_at IS NULL AND ends_at BETWEEN :now - interval '120 days' AND :now - interval '2 days'
           AND (SELECT min(published_at) FROM policy_version) < :now - interval '2 days'""",
    "quarters not released in time": """
        SELECT count(*) FROM (
            SELECT quarter FROM counted_day GROUP BY quarter
            HAVING max(ends_at) BETWEEN :now - interval '120 days' AND :now - interval '5 days') AS over
         WHERE NOT EXISTS (SELECT FROM release_answer WHERE key = 'count:' || over.quarter)
           AND NOT EXISTS (SELECT FROM envelope WHERE id = 'count:' || over.quarter AND cap_microrho = 1)
           AND (SELECT min(published_at) FROM policy_version) < :now - interval '5 days'""",
}


async def exceptions(tx: Tx, *, now: datetime) -> Mapping[str, int]:
    """By rule, at one instant."""
    counted = ", ".join(f"({sql})" for sql in RULES.values())
    asked = sa.text(f"SELECT {counted}").bindparams(sa.bindparam("now", type_=sa.DateTime(timezone=True)))  # our own
    return dict(zip(RULES, (await tx.execute(asked, {"now": now})).one(), strict=True))


_ANSWERED: Final = sa.text("""
    SELECT release.key, kind, period, question, microrho, answered_at
      FROM release JOIN release_answer ON release_answer.key = release.key
     WHERE period = :period ORDER BY release.key
""")
_QUARTERS: Final = sa.text("""
    SELECT DISTINCT period FROM release JOIN release_answer ON release_answer.key = release.key
     WHERE kind IN ('count', 'survey')
""")
_KNOWN: Final = sa.text("""
    SELECT release.key, period FROM release JOIN release_answer ON release_answer.key = release.key
     WHERE release.key = ANY (:keys)
""").bindparams(sa.bindparam("keys", type_=sa.ARRAY(sa.Text)))


def _among(kind: Kind, quarter: Quarter, figures: Figures) -> str:
    among = f"{AMONG}, {months_of(quarter)}"
    if kind is Kind.PRODUCTS:
        return f"{among}; of each customer {figures.each_max} different products at most count"
    return f"{among}; of each customer {PAIRS_EACH_MAX} pairs at most count" if kind is Kind.BASKETS else among


def _surveyed(row: Any, answered: Answered) -> Published:
    shares = [line_of(option, option, share) for option, share in answered.shares]
    return Published(
        key=row.key,
        kind=Kind.SURVEY,
        period=row.period,
        title=answered.words,
        among=ANSWERED,
        released_at=row.answered_at,
        microrho=row.microrho,
        lines=shares or [typed_line(text, people) for text, people in answered.typed],
    )


def _order(release: Published) -> tuple[int, str]:
    return _ORDER.index(release.kind), release.lines[0].name if release.lines else ""


def _lines(kind: Kind, sku: str, figures: Figures) -> Sequence[Line]:
    if kind is Kind.COUNT:
        return [people_line(figures.people)]
    if kind is Kind.SHARE:
        return [_line(each) for each in figures.asked if each.key == (sku,)]
    if kind is Kind.BREADTH:
        return [_line(each) for each in figures.breadth]
    lists = {Kind.PRODUCTS: figures.products, Kind.AISLES: figures.aisles, Kind.BASKETS: figures.baskets}
    return [_line(each, placed=True) for each in lists[kind]]


def _line(figure: Figure, *, placed: bool = False) -> Line:
    return line_of(
        " + ".join(figure.key),
        " and ".join(figure.names),
        figure.share,
        place=figure.place if placed else None,
        since=figure.since,
    )
