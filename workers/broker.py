"""dramatiq, reduced to what may be lost: it carries hints and runs actors.

No Retries, no TimeLimit, no delays, no results: an actor that raises while Valkey is down would lose its message for
good, and a delayed message can get stuck. Attempts, delays and dead letters are in the task table.
"""

import contextlib
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import BrokerConnectionError

from kalecart.dispatch import redis_broker
from kalecart.jobs import (
    AnswerShare,
    AskYearly,
    BackfillEvents,
    ChargeOrder,
    CheckOpenPayments,
    CheckPayment,
    CompleteRequest,
    CountHabits,
    DestroySource,
    DestroySources,
    DetachMethod,
    EraseOther,
    ErasePerson,
    ExpireCarts,
    FinishErasures,
    ForgetAtStripe,
    FulfilRequest,
    Job,
    KeepNoLonger,
    KeepTombstone,
    LetAhead,
    LiftBars,
    MakeExport,
    OpenWindows,
    PrepareCount,
    ProveFigures,
    ProveMoney,
    ProveRegister,
    ProveTrail,
    Prune,
    ReadMail,
    Reconcile,
    ReleaseQuarter,
    ReleaseSurvey,
    ReleaseUnpaid,
    RemakePackage,
    SendMail,
    SendRefund,
    SettleCancellation,
    SettleEvent,
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
from kalecart.runtime import Ground
from workers import analytics, mail, payments, privacy, reconciling, upkeep
from workers.performing import Performer, declare

PERFORMERS: Final[dict[type[Job], Performer]] = {
    ChargeOrder: payments.charge,
    SettleCancellation: payments.undo,
    SendRefund: payments.give_back,
    CheckPayment: payments.check,
    SettleEvent: payments.settle,
    SendMail: mail.send,
    DetachMethod: payments.forget,
    LetAhead: payments.go_ahead,
    LiftBars: upkeep.lift_old_bars,
    TellExpiring: upkeep.tell_of_expiry,
    AskYearly: upkeep.ask_whether_right,
    ReleaseUnpaid: upkeep.release,
    CheckOpenPayments: reconciling.ask_about_open,
    BackfillEvents: reconciling.backfill,
    Reconcile: reconciling.compare_with_stripe,
    ProveMoney: reconciling.prove,
    OpenWindows: upkeep.open_more_windows,
    ExpireCarts: upkeep.forget_carts,
    PrepareCount: upkeep.make_ready_to_count,
    ProveFigures: upkeep.prove_the_figures,
    ReleaseQuarter: analytics.release,
    AnswerShare: analytics.answer,
    ReleaseSurvey: analytics.release_answers,
    CountHabits: analytics.count,
    TendSurveys: upkeep.look_after_surveys,
    MakeExport: analytics.write_file,
    DestroySources: privacy.destroy_unconsented,
    DestroySource: privacy.destroy_one,
    TellPolicy: upkeep.tell_of_the_policy,
    Prune: upkeep.remove_the_finished,
    KeepTombstone: privacy.keep_tombstone,
    WatchSafeguards: upkeep.see_safeguards_tried,
    WatchTrail: privacy.watch_audit_trail,
    ProveTrail: privacy.prove_audit_trail,
    ProveRegister: privacy.prove_all_is_known,
    FulfilRequest: privacy.fulfil,
    CompleteRequest: privacy.complete,
    RemakePackage: privacy.remake,
    WatchRequests: privacy.watch,
    WatchComplaints: privacy.escalate,
    ReadMail: privacy.read_the_mail,
    WatchTraining: privacy.look_after_training,
    WatchPaper: privacy.look_after_paper,
    WatchAudits: privacy.look_after_audits,
    ErasePerson: privacy.erase,
    EraseOther: privacy.erase_no_customer,
    ForgetAtStripe: privacy.forget,
    FinishErasures: privacy.finish,
    KeepNoLonger: privacy.let_go,
}

# How long an idle consumer sleeps between looks. Dramatiq's own second would be most of the time between accepting an
# order and charging it; for what the clock asks for it is soon enough, and every look costs.
IDLE_POLL_MS: Final = {"payments": 20}
IDLE_POLL_OTHERS_MS: Final = 1_000


LOOK_AGAIN_S: Final = 1.0

_TROUBLE: Final = (BrokerConnectionError, redis.RedisError)


class HintBroker(RedisBroker):
    """Looks often where somebody waits, and seldom elsewhere: in the delay queues too, which stay empty here."""

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = IDLE_POLL_OTHERS_MS) -> dramatiq.Consumer:
        return HintConsumer(super().consume(queue_name, prefetch, IDLE_POLL_MS.get(queue_name, timeout)))


class HintConsumer(dramatiq.Consumer):
    """Waits for an absent Valkey without a word, because the pulse says it once for the whole process.

    Nothing here is worth a retry: what is taken twice is claimed once, and what is never acknowledged was a hint. Left
    to itself, dramatiq keeps a thread for each of them until Valkey is back, and could not stop meanwhile.
    """

    def __init__(self, consumer: dramatiq.Consumer) -> None:
        self._consumer = consumer

    def __next__(self) -> Any:
        try:
            return next(self._consumer)
        except _TROUBLE:
            time.sleep(LOOK_AGAIN_S)  # in a thread of the consumer's own
            return None

    def ack(self, message: Any) -> None:
        with contextlib.suppress(*_TROUBLE):
            self._consumer.ack(message)

    def nack(self, message: Any) -> None:
        with contextlib.suppress(*_TROUBLE):
            self._consumer.nack(message)

    def requeue(self, messages: Iterable[Any]) -> None:
        with contextlib.suppress(*_TROUBLE):
            self._consumer.requeue(messages)

    def close(self) -> None:
        self._consumer.close()


def make_broker(valkey_url: str) -> dramatiq.Broker:
    return redis_broker(valkey_url, HintBroker)


def declare_actors(
    broker: dramatiq.Broker, runtime: Ground, performers: Mapping[type[Job], Performer] = PERFORMERS
) -> None:
    """One actor for every kind of job that is worked on here."""
    for kind, perform in performers.items():
        declare(kind, perform, broker=broker, runtime=runtime)
