"""How long each kind of information is kept, from when, and what then becomes of it (C8, C10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from kalecart.paper import item as paper
from kalecart.privacy.subject import PersonKind

# The law on sales tax asks for the books of four years; what is kept for it leads to nobody any more.
BOOKS: Final = timedelta(days=4 * 366)
# Requests have to be on record for 24 months (11 CCR 7101), counted from their end.
ON_RECORD: Final = timedelta(days=2 * 366)
# Whoever has no account is kept so long after they last wrote, and who worked here so long after they left: that long
# somebody may ask what became of a request, and who handled it.
CORRESPONDENCE: Final = ON_RECORD
EMPLOYMENT: Final = ON_RECORD
# When a person without an account last wrote; whoever waits for our answer is not silent.
SILENT_SINCE: Final = (
    "greatest(correspondent.added_at,"
    " (SELECT max(received_at) FROM privacy_request WHERE correspondent_id = correspondent.id),"
    " (SELECT max(CASE WHEN answered_at IS NULL THEN 'infinity' ELSE received_at END) FROM complaint"
    " WHERE correspondent_id = correspondent.id),"
    " (SELECT max(received_at) FROM unconsented_source WHERE sender_id = correspondent.id))"
)
# When a request ended; one that was joined to another ends with that.
ENDED: Final = "coalesce(privacy_request.answered_at, privacy_request.refused_at, privacy_request.erased_at)"
# While somebody looks at what was made, its time has not begun.
REVIEWED: Final = f"(privacy_request.review_at IS NOT NULL AND {ENDED} IS NULL)"
UNDER_HOLD: Final = (
    "EXISTS (SELECT FROM legal_hold AS hold"
    " WHERE hold.customer_id = privacy_request.customer_id AND hold.lifted_at IS NULL)"
)
# Complaints that nothing continues: one that was said not to be resolved goes after the case that followed it.
ANSWERED: Final = (
    "complaint.answered_at < {before}"
    " AND NOT EXISTS (SELECT FROM complaint AS further WHERE further.previous_id = complaint.id)"
)
COMPLAINT_UNDER_HOLD: Final = (
    "EXISTS (SELECT FROM legal_hold AS hold WHERE hold.customer_id = complaint.customer_id AND hold.lifted_at IS NULL)"
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`says` is what a customer reads: how long, from when, and what then happens. `otherwise` is what is true of
    others."""

    name: str
    says: str
    why: str
    otherwise: Mapping[PersonKind, str] = field(default_factory=dict)

    def to(self, kind: PersonKind) -> str:
        return self.otherwise.get(kind, self.says)


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """What has outlived its rule: SQL that counts it at `:now`, with the day's grace its remover has."""

    rule: str
    sql: str


_SILENT: Final = "for two years after you last wrote to us, then erased"
_LEFT: Final = "for as long as you work here and two years after you left, then erased"
_THEN_BOOKS: Final = "; then for four years under a number that leads to nobody, and then deleted"
_RULES: Final = (
    Rule(
        name="account",
        says="for as long as you have your account; erased with it",
        why="we cannot deliver to you without it",
        otherwise={PersonKind.CORRESPONDENT: _SILENT, PersonKind.STAFF: _LEFT},
    ),
    Rule(
        name="books",
        says="for as long as you have your account; once it is erased, for four years under a number that leads to"
        " nobody, and then deleted",
        why="the law on sales tax asks us for the books of four years, and so long somebody may ask what we did",
        otherwise={
            PersonKind.CORRESPONDENT: f"{_SILENT}{_THEN_BOOKS}",
            PersonKind.STAFF: f"{_LEFT}{_THEN_BOOKS}",
        },
    ),
    Rule(
        name="log_ins",
        says="for 14 days after a log-in has ended, then deleted",
        why="it keeps others out of your account",
    ),
    Rule(
        name="log_in_proofs",
        says="until you remove it, it is reset, or you leave; then deleted",
        why="it keeps others out of the console",
    ),
    Rule(
        name="carts",
        says="until you order, or nobody has come back for 30 days; then deleted",
        why="your cart waits for you",
    ),
    Rule(
        name="packages",
        says="for seven days from when you may fetch it, then deleted",
        why="you have time to fetch it",
    ),
    Rule(
        name="correspondence",
        says=_SILENT,
        why="we must be able to show that we answered, and to whom",
    ),
    Rule(
        name="habits",
        says="until you take your consent back, and at most for 60 days after the quarter, then deleted",
        why="a quarter is counted once it is over",
    ),
    Rule(
        name="answers",
        says="until you take them or your consent back, and at most for 60 days after the survey closed, then deleted",
        why="a survey is counted once it is over",
    ),
    Rule(
        name="budgets",
        says="for good: it is about the shop's questions, and about nobody",
        why="whoever adds up what was told can see that it was never too much",
    ),
    Rule(
        name="employment",
        says=_LEFT,
        why="so long somebody may ask what became of a request, and who handled it",
    ),
    Rule(
        name="requests",
        says="for two years after it was answered or closed, then deleted",
        why="the rules on privacy ask us to keep requests on record for 24 months",
    ),
    Rule(
        name="complaints",
        says="for two years after it was answered, then deleted",
        why="so long we must be able to show what you complained of, and what we did about it",
    ),
    Rule(
        name="paper",
        says="until its day comes or you are erased, then shredded; that it was stays on record for two years",
        why="it is needed until then, and so long we must be able to show that it was shredded",
    ),
    Rule(
        name="codes",
        says="until you used it or it is too old, then deleted",
        why="so that we know who asks",
    ),
    Rule(
        name="trail",
        says="for good: it holds numbers and codes, and never what you told us",
        why="whoever looks at your details is on record, and nobody can change the record",
    ),
)
RULES: Final[Mapping[str, Rule]] = {rule.name: rule for rule in _RULES}

_TOO_LONG: Final = f":now - interval '{ON_RECORD.days + 1} days'"

# Each is removed by a job of its own (`prune`, `expire_carts`, `watch_requests`, `finish_erasures`); here it is proved.
OVERDUE: Final = (
    Overdue(rule="log_ins", sql="SELECT count(*) FROM session WHERE expires_at < :now - interval '15 days'"),
    Overdue(rule="log_ins", sql="SELECT count(*) FROM staff_session WHERE expires_at < :now - interval '15 days'"),
    Overdue(
        rule="log_ins",
        sql="SELECT count(*) FROM staff_challenge WHERE expires_at < :now - interval '15 days'",
    ),
    Overdue(
        rule="log_in_proofs",
        sql=(
            "SELECT count(*) FROM staff WHERE left_at < :now - interval '1 day'"
            " AND (EXISTS (SELECT FROM staff_key WHERE staff_id = staff.id)"
            " OR EXISTS (SELECT FROM staff_code WHERE staff_id = staff.id)"
            " OR EXISTS (SELECT FROM staff_recovery WHERE staff_id = staff.id))"
        ),
    ),
    Overdue(
        rule="carts",
        sql="SELECT count(*) FROM cart WHERE placed_at IS NULL AND expires_at < :now - interval '1 day'",
    ),
    Overdue(
        rule="packages",
        sql=(
            "SELECT count(*) FROM privacy_package JOIN privacy_request ON privacy_request.id = request_id"  # noqa: S608  # our own
            f" WHERE sealed <> '' AND expires_at < :now - interval '1 day' AND NOT {REVIEWED}"
        ),
    ),
    Overdue(
        rule="correspondence",
        sql=(
            f"SELECT count(*) FROM correspondent WHERE email_sealed <> '' AND {SILENT_SINCE}"  # noqa: S608  # our own
            f" < :now - interval '{CORRESPONDENCE.days + 1} days'"
        ),
    ),
    Overdue(
        rule="habits",
        sql=(
            "SELECT count(*) FROM pseudonym WHERE purpose = 'improve_service' AND period IN (SELECT quarter FROM"
            " counted_day GROUP BY quarter HAVING max(ends_at) < :now - interval '61 days')"
        ),
    ),
    Overdue(
        rule="answers",
        sql=(
            "SELECT count(*) FROM pseudonym JOIN survey ON period = 'survey:' || survey.id"
            " WHERE closed_at < :now - interval '61 days'"
        ),
    ),
    Overdue(
        rule="answers",
        sql=(
            "SELECT count(*) FROM survey_reminder JOIN survey ON survey.id = survey_id"
            " WHERE closed_at < :now - interval '61 days'"
        ),
    ),
    Overdue(
        rule="employment",
        sql=(
            "SELECT count(*) FROM staff WHERE email_sealed <> ''"  # noqa: S608  # our own
            f" AND left_at < :now - interval '{EMPLOYMENT.days + 1} days'"
        ),
    ),
    Overdue(
        rule="requests",
        sql=(
            f"SELECT count(*) FROM privacy_request WHERE joined_id IS NULL AND {ENDED} <"  # noqa: S608  # our own
            f" :now - interval '{ON_RECORD.days + 1} days' AND NOT {UNDER_HOLD}"
        ),
    ),
    Overdue(
        rule="complaints",
        sql=(
            "SELECT count(*) FROM complaint WHERE"  # noqa: S608  # our own
            f" {ANSWERED.format(before=_TOO_LONG)} AND NOT {COMPLAINT_UNDER_HOLD}"
        ),
    ),
    Overdue(
        rule="paper",
        sql=f"SELECT count(*) FROM paper_item WHERE shredded_at < {_TOO_LONG} AND NOT {paper.UNDER_HOLD}",  # noqa: S608  # our own
    ),
    Overdue(
        rule="codes",
        sql=(
            "SELECT count(*) FROM privacy_request"  # noqa: S608  # our own
            f" WHERE code_until < :now - interval '1 day' AND NOT {REVIEWED}"
        ),
    ),
    Overdue(
        rule="account",
        sql="SELECT count(*) FROM vault.data_key JOIN vault.tombstone ON person_id = customer_id",
    ),
    Overdue(
        rule="account",
        sql=(
            "SELECT count(*) FROM erasure WHERE customer_id IS NOT NULL AND at_stripe_at IS NULL"
            " AND ended_at < :now - interval '1 day'"
        ),
    ),
)
