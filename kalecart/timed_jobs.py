"""What the clock asks of the workers, a slot of time at a time: `kalecart.jobs` has the list of all kinds of job."""

from dataclasses import dataclass

from kalecart.job import Job


@dataclass(frozen=True, kw_only=True)
class LiftBars(Job):
    """Let bank accounts be charged again whose owners' payment record became good enough (C1)."""

    topic = "lift_bars"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class TellExpiring(Job):
    """Tell customers of cards that expire soon (C7)."""

    topic = "tell_expiring"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class AskYearly(Job):
    """Ask customers who have said nothing for a year whether their details are still right (C7)."""

    topic = "ask_yearly"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class ReleaseUnpaid(Job):
    """Cancel orders nobody pays, so that their goods and places go back."""

    topic = "release_unpaid"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class CheckOpenPayments(Job):
    """Have Stripe asked about payments whose outcome stays open, and try again what it did not answer."""

    topic = "check_open_payments"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class BackfillEvents(Job):
    """Read what Stripe tells for what its webhooks did not bring."""

    topic = "backfill_events"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class Reconcile(Job):
    """Hold Stripe and the books against each other, both ways."""

    topic = "reconcile"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class ProveMoney(Job):
    """Look for exceptions to what must be true of money."""

    topic = "prove_money"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class OpenWindows(Job):
    """Offer delivery windows for the days ahead."""

    topic = "open_windows"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class ExpireCarts(Job):
    """Forget carts nobody came back for. Never one with money attached (C2)."""

    topic = "expire_carts"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class PrepareCount(Job):
    """Make ready the days that are counted, and the pseudonyms of those who agreed to it (C6)."""

    topic = "prepare_count"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class TendSurveys(Job):
    """Close surveys that are over, remind once of those that are not, and let go of old answers (C6)."""

    topic = "tend_surveys"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class WatchComplaints(Job):
    """Take the steps of escalation that have begun (C13)."""

    topic = "watch_complaints"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class WatchTraining(Job):
    """Tell whoever works here that their training ends, and look whether a pause is one (C8, C9)."""

    topic = "watch_training"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class ReadMail(Job):
    """Read what waits in the shop's mailbox: complaints, and letters that came back (C12, C13)."""

    topic = "read_mail"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class WatchPaper(Job):
    """Tell of paper that is to be shredded, and of cabinets nobody has the key of (C8)."""

    topic = "watch_paper"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class WatchAudits(Job):
    """Open the review of each quarter, and notice what of reviews, audits and findings is due or overdue (C8)."""

    topic = "watch_audits"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class ProveFigures(Job):
    """Look whether figures kept to their budgets, and every quarter was counted and released in time (C6)."""

    topic = "prove_figures"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class DestroySources(Job):
    """Destroy what reached the shop without consent and has been held long enough (C4)."""

    topic = "destroy_sources"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class TellPolicy(Job):
    """Tell every customer and employee of versions of the policy they were not told of (C9)."""

    topic = "tell_policy"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class Prune(Job):
    """Remove finished tasks and ended log-ins once they protect nothing any more."""

    topic = "prune"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class WatchSafeguards(Job):
    """See that backups are taken, and that one is restored now and then (C8)."""

    topic = "watch_safeguards"
    queue = "upkeep"
    slot: str


@dataclass(frozen=True, kw_only=True)
class WatchTrail(Job):
    """See that the audit trail is being sealed (C8)."""

    topic = "watch_trail"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class ProveTrail(Job):
    """Walk the whole audit trail and hold it against the marks outside the database (C8)."""

    topic = "prove_trail"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class ProveRegister(Job):
    """Look for what is kept about people and was never classified (C10)."""

    topic = "prove_register"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class FinishErasures(Job):
    """Erase what was kept for an order, a dispute or a refund that is over by now."""

    topic = "finish_erasures"
    queue = "privacy"
    slot: str


@dataclass(frozen=True, kw_only=True)
class KeepNoLonger(Job):
    """Delete what nobody may keep any longer, and prove that everything else was removed on time (C8)."""

    topic = "keep_no_longer"
    queue = "privacy"
    slot: str
