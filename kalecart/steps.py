"""The places where a process may die: each step of each verb that moves money has a name here.

In a shop at work `step` does nothing. The instruments that try to break the shop listen: one kills the process at a
named step, another raises there. What has happened is in the past tense, so a name says what is true at that moment;
what comes next, a call to Stripe or a commit, has not happened yet.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, get_args

Step = Literal[
    # In a web process.
    "place.written",
    "place.hinted",
    "pay_again.applied",
    "pay_again.written",
    "cancel.applied",
    "cancel.written",
    "refund_order.applied",
    "refund_order.written",
    "receive_event.verified",
    "receive_event.written",
    # In a worker: the task around a verb, then the verbs.
    "fulfil.begun",
    "fulfil.gathered",
    "fulfil.packed",
    "fulfil.kept",
    "erase.emptied",
    "release.debited",
    "release.counted",
    "release.answers_counted",
    "release.drawn",
    "release.answered",
    "task.claimed",
    "task.performed",
    "task.finished",
    "task.broken",
    "task.put_back",
    "charge.begun",
    "charge.intent_made",
    "charge.creation_unanswered",
    "charge.attempt_opened",
    "charge.given_up",
    "charge.intent_seen",
    "charge.confirmed",
    "charge.unanswered",
    "charge.marked_unknown",
    "charge.paid",
    "charge.applied",
    "charge.recorded",
    "check_payment.begun",
    "check_payment.looked",
    "check_payment.applied",
    "check_payment.recorded",
    "settle_event.begun",
    "settle_event.looked",
    "settle_event.applied",
    "settle_event.recorded",
    "settle_cancellation.begun",
    "settle_cancellation.canceled",
    "settle_cancellation.applied",
    "settle_cancellation.recorded",
    "send_refund.begun",
    "send_refund.looked",
    "send_refund.made",
    "send_refund.unanswered",
    "send_refund.marked_unknown",
    "send_refund.applied",
    "send_refund.recorded",
    "let_ahead.applied",
    "let_ahead.recorded",
    # Wherever hints are sent and tasks are swept.
    "sweep.marked",
    "hints.taken",
    "hints.pushed",
]
STEPS: Final[tuple[Step, ...]] = get_args(Step)

Listener = Callable[[Step], None]

_listener: Listener | None = None


def step(name: Step) -> None:
    """Say that this has happened."""
    if _listener is not None:
        _listener(name)


def listen(listener: Listener | None) -> None:
    """Hear of every step of this process from now on; None ends it."""
    global _listener  # noqa: PLW0603  # one process, one listener; handing it to every verb would be in every signature
    _listener = listener


def obey(orders: Path) -> None:
    """Die by orders: a file in this folder with the name of a step kills whoever gets there first, and only once."""

    def die_if_ordered(name: Step) -> None:
        try:
            (orders / name).unlink()
        except OSError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    listen(die_if_ordered)
