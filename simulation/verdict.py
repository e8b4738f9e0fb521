"""What must be true after a year, whatever went wrong in it: each rule with how much it was held against."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa

from kalecart.clock import shop_date
from kalecart.database import Tx
from kalecart.figures.reads import exceptions
from kalecart.privacy.examine import examine
from kalecart.privacy.retention import ON_RECORD
from kalecart.timetable import TIMETABLE, daily
from kalecart.trail.verify import verify
from local.money import examine_money
from simulation.clock import at
from simulation.debit_money import debited_rightly
from simulation.escalations import answered_rightly, escalated_rightly
from simulation.finding import Finding
from simulation.letters_read import kept_wrongly
from simulation.letters_sent import sent_once
from simulation.outages import Trouble
from simulation.paper_kept import papers_kept
from simulation.rights_kept import erased_rightly, fulfilled_once
from simulation.safeguards import followed_rightly, reviewed_rightly
from simulation.share_figures import asked_rightly
from simulation.survey_figures import told_rightly
from simulation.year import Lived


async def verdict(done: Lived) -> Sequence[Finding]:
    """Reads only, as the owner: whoever looked away has no say in it."""
    db = done.scene.shop.at["owner"].db
    async with db.snapshot() as tx:
        found = [await rule(tx, done) for rule in RULES]
    return [*found, await _trail(done), *await _money(done)]


def _forgets(done: Lived) -> bool:
    """Whether something may have come to its end so long ago that it is on record no longer."""
    return done.scene.now >= done.scene.start + ON_RECORD


async def _escalations(tx: Tx, done: Lived) -> Finding:
    looked, broken = await escalated_rightly(tx, now=done.scene.now, outages=done.outages)
    return Finding(rule="each step of escalation is taken once, in order, never early", looked=looked, broken=broken)


async def _answers(tx: Tx, done: Lived) -> Finding:
    known = () if _forgets(done) else done.complainants.fates
    looked, broken = await answered_rightly(tx, known, now=done.scene.now)
    return Finding(rule="what is unanswered after thirty days is late, and nothing else", looked=looked, broken=broken)


async def _letters(tx: Tx, done: Lived) -> Finding:
    looked, broken = await sent_once(tx, done.scene.shop.post.handed)
    return Finding(rule="each letter goes out once", looked=looked, broken=broken)


async def _requests(tx: Tx, done: Lived) -> Finding:
    asked = () if _forgets(done) else done.rights.asked
    looked, broken = await fulfilled_once(tx, asked, done.rights.taken)
    return Finding(rule="each request for one's data is fulfilled once", looked=looked, broken=broken)


async def _erased(tx: Tx, done: Lived) -> Finding:
    rights, world = done.rights, done.scene.shop.bank.world
    looked, broken = await erased_rightly(tx, rights.erased, rights.at_stripe, world, now=done.scene.now)
    return Finding(rule="whoever was erased is gone", looked=looked, broken=broken)


async def _budgets(tx: Tx, done: Lived) -> Finding:
    found = await exceptions(tx, now=done.scene.now)
    released = await tx.scalar(sa.text("SELECT count(*) FROM release"))
    broken = [f"{count} {rule}" for rule, count in found.items() if count]
    return Finding(rule="no budget of figures is passed, all was counted", looked=f"{released} releases", broken=broken)


async def _surveys(tx: Tx, done: Lived) -> Finding:
    surveys = done.surveys
    looked, broken = await told_rightly(tx, surveys.opened, surveys.told, now=done.scene.now)
    rule = "surveys are told once, of what people said and did not take back"
    return Finding(rule=rule, looked=looked, broken=[*surveys.wrong, *broken])


async def _shares(tx: Tx, done: Lived) -> Finding:
    looked, broken = await asked_rightly(tx, done.inquirers.paid, done.inquirers.spent)
    return Finding(rule="staff get eight questions a year, each answered once", looked=looked, broken=broken)


async def _debits(tx: Tx, done: Lived) -> Finding:
    world = done.scene.shop.bank.world
    looked, broken = await debited_rightly(tx, done.debits.opened, world, now=done.scene.now)
    return Finding(rule="each debit comes to what its bank says", looked=looked, broken=broken)


async def _mailbox(tx: Tx, done: Lived) -> Finding:
    became, wrong = await done.writers.in_the_end(tx)
    typed = done.scene.did["added to a complaint"]
    broken = [*wrong, *await kept_wrongly(tx, became, typed, forgetting=_forgets(done))]
    looked = ", ".join(f"{many} {outcome}" for outcome, many in sorted(became.items())) or "nothing"
    return Finding(rule="each message in the mailbox became one thing", looked=looked, broken=broken)


async def _reviews(tx: Tx, done: Lived) -> Finding:
    reviewers, scene = done.reviewers, done.scene
    looked, broken = await reviewed_rightly(tx, reviewers.decided, start=scene.start, now=scene.now)
    rule = "each quarter is reviewed, and each line of it decided once"
    return Finding(rule=rule, looked=looked, broken=[*reviewers.wrong, *broken])


async def _audits(tx: Tx, done: Lived) -> Finding:
    looked, broken = await followed_rightly(tx, done.auditors.states, now=done.scene.now)
    looked = f"{done.auditors.held} audits, {looked}"
    return Finding(rule="what audits find is followed up or shown overdue", looked=looked, broken=broken)


async def _papers(tx: Tx, done: Lived) -> Finding:
    archivists = done.archivists
    looked, broken = await papers_kept(tx, archivists.filed, archivists.shredded, now=done.scene.now)
    rule = "paper is shredded on its day, before a witness, and under no hold"
    return Finding(rule=rule, looked=looked, broken=broken)


async def _tasks(tx: Tx, done: Lived) -> Finding:
    rows = (await tx.execute(sa.text(_STUCK), {"now": done.scene.now - timedelta(hours=1)})).all()
    many = await tx.scalar(sa.text("SELECT count(*) FROM task"))
    broken = [f"{row.topic} {row.id} is {row.state} ({row.last_error})" for row in rows]
    performed = len(done.processes.performed)
    return Finding(rule="no task is dead or stuck", looked=f"{performed} performed, {many} kept", broken=broken)


async def _slots(tx: Tx, done: Lived) -> Finding:
    """Of the slots that are surely kept: each day has one of each daily job, unless nobody was there to take it, and
    each other job came as well."""
    rows = (await tx.execute(sa.text("SELECT job, slot FROM timed_run"))).all()
    taken = {(row.job, row.slot) for row in rows}
    last = shop_date(done.scene.now)
    # The first tick comes after the first midnight.
    days = list(_between(max(shop_date(done.scene.start) + timedelta(days=1), last - SLOTS_KEPT), last))
    dark = [each for each in done.outages if each.trouble is Trouble.DARK]
    broken = []
    for day in days:
        if not any(each.begins < at(day, 23.9) and at(day, 0) < each.ends for each in dark):
            missing = [timed.name for timed in TIMETABLE if timed.slot_of is daily]
            broken += [f"{name} of {day}" for name in missing if (name, day.isoformat()) not in taken]
    broken += [f"{timed.name} never came" for timed in TIMETABLE if timed.name not in {row.job for row in rows}]
    looked = f"{len(taken):,} slots, {len(days)} days"
    return Finding(rule="no day is left out by the clock", looked=looked, broken=broken)


def _between(day: date, last: date) -> Iterator[date]:
    """Every day from the first to the last of them."""
    while day <= last:
        yield day
        day += timedelta(days=1)


async def _register(tx: Tx, _done: Lived) -> Finding:
    gaps = await examine(tx)
    broken = [f"{gap.what}: {gap.where}" for gap in gaps]
    return Finding(rule="nothing is kept that nobody classified", looked="every column and JSON key", broken=broken)


async def _consents(tx: Tx, _done: Lived) -> Finding:
    rows = (await tx.execute(sa.text(_NOT_IN_FORCE))).all()
    many = await tx.scalar(sa.text("SELECT count(*) FROM consent"))
    broken = [f"consent {row.id} names version {row.policy_version}" for row in rows]
    return Finding(rule="each consent names a policy that was in force", looked=f"{many} decisions", broken=broken)


async def _kept(tx: Tx, done: Lived) -> Finding:
    rows = (await tx.execute(sa.text(_CONTROLS))).all()
    mine = [row for row in rows if row.control in KEPT_BY_ITSELF]
    broken = [f"{row.control}: {row.detail}" for row in mine if not row.passed]
    looked_after = {row.control for row in mine if row.ran_at > done.scene.now - LOOKED_AFTER}
    broken += [f"{control} was not looked after" for control in sorted(KEPT_BY_ITSELF - looked_after)]
    red = ", ".join(row.control for row in rows if not row.passed and row not in mine)
    looked = f"{len(mine)} controls; of what people have to do, red: {red or 'nothing'}"
    return Finding(rule="what the shop keeps by itself is kept", looked=looked, broken=broken)


async def _trail(done: Lived) -> Finding:
    owner = done.scene.shop.at["owner"]
    report = await verify(db=owner.db, clock=owner.clock, anchor_file=done.scene.shop.place.anchor_file)
    broken = [str(fault.sentence) for fault in report.faults] + (["lines wait too long"] if report.overdue else [])
    looked = f"{report.head.sequence} lines, {report.anchored} marks"
    return Finding(rule="the audit trail is whole", looked=looked, broken=broken)


async def _money(done: Lived) -> Sequence[Finding]:
    owner = done.scene.shop.at["owner"]
    report = await examine_money(db=owner.db, gateway=owner.gateway, clock=owner.clock, since=None, wait_s=0.05)
    broken = [f"{proof.invariant.sentence} {proof.exceptions[0]}" for proof in report.proofs if not proof.holds]
    unequal = [f"{word}: {sums}" for word, sums in report.sums.items() if not sums.equal]
    kept = report.sums["kept"].ledger if report.sums else 0
    unanswered = [] if report.comparison else ["the stand-in did not answer"]
    return (
        Finding(rule="every invariant of money holds", looked=f"{len(report.proofs)} of them", broken=broken),
        Finding(
            rule="Stripe, the ledger and the orders say the same",
            looked=f"${kept / 100:,.2f} kept",
            broken=[*unanswered, *unequal, *([] if report.agreed or unequal else ["there are gaps"])],
        ),
    )


# Pruned after fourteen days, daily.
SLOTS_KEPT: Final = timedelta(days=12)
# Whoever proves them may be down for days.
LOOKED_AFTER: Final = timedelta(days=4)
# The other controls say what people left undone: they are red for as long as it is, and right to be.
KEPT_BY_ITSELF: Final = frozenset(
    {"audit_trail", "figures", "money", "policy_told", "register", "retention", "sources_destroyed"}
)
RULES: Final[tuple[Callable[[Tx, Lived], Awaitable[Finding]], ...]] = (
    _escalations,
    _answers,
    _letters,
    _requests,
    _erased,
    _budgets,
    _surveys,
    _shares,
    _debits,
    _mailbox,
    _reviews,
    _audits,
    _papers,
    _tasks,
    _slots,
    _register,
    _consents,
    _kept,
)
_STUCK: Final = """
    SELECT id, topic, state, last_error FROM task
     WHERE state IN ('dead', 'running') OR state = 'pending' AND due_at < :now ORDER BY topic, id
"""
_NOT_IN_FORCE: Final = """
    SELECT c.id, c.policy_version FROM consent AS c JOIN policy_version AS v ON v.version = c.policy_version
     WHERE v.version <> (SELECT f.version FROM policy_version AS f
                          WHERE f.effective_on <= (c.decided_at AT TIME ZONE 'America/Los_Angeles')::date
                          ORDER BY f.effective_on DESC, f.published_at DESC LIMIT 1)
"""
_CONTROLS: Final = """
    SELECT DISTINCT ON (control) control, passed, detail, ran_at FROM control_run ORDER BY control, ran_at DESC
"""
