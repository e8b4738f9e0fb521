"""Figures that show a promise being kept. The page is public, so what counts people is a lower bound."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kalecart.clock import SHOP_ZONE

COARSE: Final = 10


class Counts(StrEnum):
    """What a figure counts, which decides how it is shown."""

    PEOPLE = "people"
    THINGS = "things"
    BREACHES = "breaches"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`sql` is one number; it may use `:now`. Of breaches there is none as long as the promise is kept."""

    clause: str
    words: str
    counts: Counts
    sql: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measure with what it came to, as it is shown."""

    clause: str
    words: str
    value: str
    wrong: bool


def shown(measure: Measure, count: int) -> Figure:
    value = about(count) if measure.counts is Counts.PEOPLE else "none" if count == 0 else f"{count:,}"
    wrong = measure.counts is Counts.BREACHES and count > 0
    return Figure(clause=measure.clause, words=measure.words, value=value, wrong=wrong)


def about(count: int) -> str:
    """`fewer than 10`, `at least 120`: nobody is told from their neighbour by a number that moved by one."""
    return f"at least {count // COARSE * COARSE:,}" if count >= COARSE else f"fewer than {COARSE}"


# The day in the shop.
_TODAY: Final = f"(:now AT TIME ZONE '{SHOP_ZONE.key}')::date"

MEASURES: Final[Sequence[Measure]] = (
    Measure(
        clause="C1",
        words="Customers who let us learn from what they buy",
        counts=Counts.PEOPLE,
        sql="""SELECT count(*) FROM (
                   SELECT DISTINCT ON (customer_id) decision FROM consent WHERE purpose = 'improve_service'
                    ORDER BY customer_id, decided_at DESC, decision DESC) AS latest
                WHERE decision = 'given'""",
    ),
    Measure(
        clause="C2",
        words="Carts of visitors who did not log in, kept by that one cookie",
        counts=Counts.PEOPLE,
        sql="SELECT count(*) FROM cart WHERE placed_at IS NULL AND customer_id IS NULL AND expires_at > :now",
    ),
    Measure(
        clause="C4",
        words="Records of what people agreed to that do not say where they come from",
        counts=Counts.BREACHES,
        sql="SELECT count(*) FROM consent WHERE source = '' OR source IS NULL",
    ),
    Measure(
        clause="C4",
        words="What reached us without consent in the last 12 months, and was sealed unread",
        counts=Counts.THINGS,
        sql="SELECT count(*) FROM unconsented_source WHERE recorded_at > :now - interval '12 months'",
    ),
    Measure(
        clause="C4",
        words="What is still held of that after its day",
        counts=Counts.BREACHES,
        sql="""SELECT count(*) FROM unconsented_source
                WHERE destroyed_at IS NULL AND destroy_by < :now - interval '3 hours'""",
    ),
    Measure(
        clause="C6",
        words="Releases of totals so far, each paid out of a yearly budget and drawn once",
        counts=Counts.THINGS,
        sql="SELECT count(*) FROM release_answer",
    ),
    Measure(
        clause="C6",
        words="Budgets from which more was taken than they held, or than was written down",
        counts=Counts.BREACHES,
        sql="""SELECT count(*) FROM envelope AS e WHERE spent_microrho > cap_microrho OR spent_microrho <> (
                   SELECT coalesce(sum(microrho), 0) FROM release AS r WHERE r.envelope_id = e.id)""",
    ),
    Measure(
        clause="C6",
        words="Files of totals made for others, each of released figures only",
        counts=Counts.THINGS,
        sql="SELECT count(*) FROM figures_export WHERE sha256 IS NOT NULL",
    ),
    Measure(
        clause="C8",
        words="Looks at a customer’s details by our staff in the last 30 days, each with its purpose on record",
        counts=Counts.PEOPLE,
        sql="SELECT count(*) FROM staff_view WHERE at > :now - interval '30 days'",
    ),
    Measure(
        clause="C8",
        words="Papers shredded before a witness in the last 12 months",
        counts=Counts.THINGS,
        sql="SELECT count(*) FROM paper_item WHERE shredded_at > :now - interval '12 months'",
    ),
    Measure(
        clause="C8",
        words="Reviews of what our staff may do that were not finished within their thirty days",
        counts=Counts.BREACHES,
        sql="""SELECT count(*) FROM access_review AS r WHERE r.due_at <= :now AND EXISTS (
                   SELECT FROM access_review_line AS l JOIN staff AS s ON s.id = l.staff_id
                    WHERE l.review_id = r.id AND l.outcome IS NULL AND s.left_at IS NULL)""",
    ),
    Measure(
        clause="C8",
        words="Audits that were not held when they were due",
        counts=Counts.BREACHES,
        sql=f"""SELECT count(*) FROM audit_plan AS p WHERE p.stopped_at IS NULL AND {_TODAY} > (
                    coalesce((SELECT max(h.held_on) FROM audit_held AS h WHERE h.plan_id = p.id), p.planned_on)
                    + make_interval(months => p.months))::date""",  # noqa: S608  # as below
    ),
    Measure(
        clause="C8",
        words="What audits found and was not put right by its day",
        counts=Counts.BREACHES,
        sql=f"SELECT count(*) FROM audit_finding WHERE state <> 'closed' AND follow_up_by < {_TODAY}",  # noqa: S608  # of our own
    ),
    Measure(
        clause="C9",
        words="Versions of the policy you can read, and compare with each other",
        counts=Counts.THINGS,
        sql="SELECT count(*) FROM policy_version",
    ),
    Measure(
        clause="C13",
        words="Complaints answered in the last 12 months",
        counts=Counts.PEOPLE,
        sql="SELECT count(*) FROM complaint WHERE answered_at > :now - interval '12 months'",
    ),
    Measure(
        clause="C13",
        words="Those of them that were answered after their thirty days; each stays on record and is explained",
        counts=Counts.THINGS,
        sql="SELECT count(*) FROM complaint WHERE answered_at > :now - interval '12 months' AND answered_at >= due_at",
    ),
    Measure(
        clause="C13",
        words="Complaints without an answer beyond their thirty days",
        counts=Counts.BREACHES,
        sql="SELECT count(*) FROM complaint WHERE answered_at IS NULL AND due_at <= :now",
    ),
    Measure(
        clause="C13",
        words="Complaints that were answered late more than two weeks ago, and nobody has explained why",
        counts=Counts.BREACHES,
        sql="""SELECT count(*) FROM complaint WHERE answered_at >= due_at AND explained_at IS NULL
                  AND answered_at < :now - interval '14 days'""",
    ),
    Measure(
        clause="C14",
        words="Saved cards of a network we do not take",
        counts=Counts.BREACHES,
        sql="""SELECT count(*) FROM payment_method
                WHERE kind = 'card' AND brand NOT IN ('visa', 'mastercard', 'amex', 'discover')""",
    ),
    Measure(
        clause="C15",
        words="Orders in the last 30 days",
        counts=Counts.PEOPLE,
        sql="""SELECT count(*) FROM customer_order
                WHERE status IN ('placed', 'paid', 'picking', 'fulfilled', 'cancelled')
                  AND placed_at > :now - interval '30 days'""",
    ),
    Measure(
        clause="C15",
        words="Orders whose payment was not asked for within the hour",
        counts=Counts.BREACHES,
        sql="""SELECT count(*) FROM customer_order AS o
                WHERE status = 'placed' AND placed_at < :now - interval '1 hour'
                  AND NOT EXISTS (SELECT FROM payment_intent AS p WHERE p.order_id = o.id)""",
    ),
)
