"""Everything the clock starts, on one page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol

from kalecart.clock import SHOP_ZONE, shop_date
from kalecart.jobs import (
    AskYearly,
    BackfillEvents,
    CheckOpenPayments,
    DestroySources,
    ExpireCarts,
    FinishErasures,
    Job,
    KeepNoLonger,
    LiftBars,
    OpenWindows,
    PrepareCount,
    ProveFigures,
    ProveMoney,
    ProveRegister,
    ProveTrail,
    Prune,
    ReadMail,
    Reconcile,
    ReleaseUnpaid,
    TellExpiring,
    TellPolicy,
    TendSurveys,
    WatchAudits,
    WatchComplaints,
    WatchPaper,
    WatchRequests,
    WatchSafeguards,
    WatchTrail,
    WatchTraining,
)


class Slots(Protocol):
    """How time is cut into slots. Called with an instant it is the name of its slot; names are in the order of time."""

    def __call__(self, now: datetime) -> str: ...

    def began(self, now: datetime) -> datetime:
        """When the slot of this instant began."""
        ...

    def next(self, now: datetime) -> datetime:
        """When the slot after that begins."""
        ...


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A job and the slots of time it belongs to: the same slot is promised once, however many schedulers tick (E44)."""

    name: str
    slot_of: Slots
    job_of: Callable[[str], Job]


@dataclass(frozen=True)
class every:  # noqa: N801  # read where it is used: every(timedelta(minutes=5))
    """Slots of equal length since the epoch, named by their start in UTC."""

    length: timedelta

    def __call__(self, now: datetime) -> str:
        return self.began(now).strftime("%Y-%m-%dT%H:%MZ")

    def began(self, now: datetime) -> datetime:
        seconds = int(self.length.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)

    def next(self, now: datetime) -> datetime:
        return self.began(now) + self.length


class Daily:
    """The calendar day in the shop's zone: one slot a day whatever the clocks do."""

    def __call__(self, now: datetime) -> str:
        return shop_date(now).isoformat()

    def began(self, now: datetime) -> datetime:
        return _midnight(shop_date(now))

    def next(self, now: datetime) -> datetime:
        return _midnight(shop_date(now) + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHOP_ZONE).astimezone(UTC)


daily: Final = Daily()


TIMETABLE: Final = (
    Timed(
        name="check_open_payments",
        slot_of=every(timedelta(minutes=1)),
        job_of=lambda slot: CheckOpenPayments(slot=slot),
    ),
    # After a time without any process the first tick takes a slot at once, so nothing waits for the shop's start.
    Timed(name="backfill_events", slot_of=every(timedelta(minutes=2)), job_of=lambda slot: BackfillEvents(slot=slot)),
    Timed(name="prove_money", slot_of=every(timedelta(minutes=5)), job_of=lambda slot: ProveMoney(slot=slot)),
    Timed(name="watch_trail", slot_of=every(timedelta(minutes=5)), job_of=lambda slot: WatchTrail(slot=slot)),
    Timed(name="prove_trail", slot_of=daily, job_of=lambda slot: ProveTrail(slot=slot)),
    Timed(name="prove_register", slot_of=daily, job_of=lambda slot: ProveRegister(slot=slot)),
    Timed(name="reconcile", slot_of=every(timedelta(hours=1)), job_of=lambda slot: Reconcile(slot=slot)),
    Timed(name="open_windows", slot_of=every(timedelta(hours=1)), job_of=lambda slot: OpenWindows(slot=slot)),
    Timed(name="expire_carts", slot_of=every(timedelta(minutes=15)), job_of=lambda slot: ExpireCarts(slot=slot)),
    Timed(name="release_unpaid", slot_of=every(timedelta(minutes=15)), job_of=lambda slot: ReleaseUnpaid(slot=slot)),
    Timed(name="tell_policy", slot_of=every(timedelta(minutes=10)), job_of=lambda slot: TellPolicy(slot=slot)),
    Timed(name="destroy_sources", slot_of=every(timedelta(hours=1)), job_of=lambda slot: DestroySources(slot=slot)),
    Timed(name="finish_erasures", slot_of=every(timedelta(hours=1)), job_of=lambda slot: FinishErasures(slot=slot)),
    Timed(name="keep_no_longer", slot_of=daily, job_of=lambda slot: KeepNoLonger(slot=slot)),
    Timed(name="prepare_count", slot_of=every(timedelta(hours=1)), job_of=lambda slot: PrepareCount(slot=slot)),
    Timed(name="tend_surveys", slot_of=daily, job_of=lambda slot: TendSurveys(slot=slot)),
    Timed(name="prove_figures", slot_of=daily, job_of=lambda slot: ProveFigures(slot=slot)),
    Timed(name="lift_bars", slot_of=daily, job_of=lambda slot: LiftBars(slot=slot)),
    Timed(name="tell_expiring", slot_of=daily, job_of=lambda slot: TellExpiring(slot=slot)),
    Timed(
        name="watch_complaints",
        slot_of=every(timedelta(minutes=1)),
        job_of=lambda slot: WatchComplaints(slot=slot),
    ),
    Timed(name="read_mail", slot_of=every(timedelta(minutes=1)), job_of=lambda slot: ReadMail(slot=slot)),
    Timed(name="watch_requests", slot_of=every(timedelta(minutes=10)), job_of=lambda slot: WatchRequests(slot=slot)),
    Timed(name="watch_training", slot_of=every(timedelta(hours=1)), job_of=lambda slot: WatchTraining(slot=slot)),
    Timed(name="watch_paper", slot_of=every(timedelta(hours=1)), job_of=lambda slot: WatchPaper(slot=slot)),
    Timed(name="watch_audits", slot_of=every(timedelta(hours=1)), job_of=lambda slot: WatchAudits(slot=slot)),
    Timed(name="watch_safeguards", slot_of=every(timedelta(hours=1)), job_of=lambda slot: WatchSafeguards(slot=slot)),
    Timed(name="ask_yearly", slot_of=daily, job_of=lambda slot: AskYearly(slot=slot)),
    Timed(name="prune", slot_of=daily, job_of=lambda slot: Prune(slot=slot)),
)
