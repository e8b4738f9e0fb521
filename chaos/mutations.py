"""Known ways to build this shop wrongly. Each must be caught, or the instruments have no teeth.

A change of the source is made by replacing text that must be there exactly once, so a mutation that no longer fits says
so instead of changing nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kalecart.steps import Step

FINISHED_EARLY: Final = """\
    async with runtime.db.transaction() as early:
        await tasks.finish(early, held, now=runtime.clock.now())
"""


class DoesNotFit(Exception):
    """The source is no longer what the mutation was written for."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """`caught_at` are deaths that bring it to light at once; no step means that nobody has to die."""

    name: str
    mistake: str
    replacements: tuple[tuple[str, str, str], ...]  # file, what is there once, what is there then
    caught_at: tuple[Step, ...] = ()
    without_a_crash: str = ""  # the way of an order on which it shows by itself


MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        name="fresh-key",
        mistake="Every run of a charge makes a payment of its own at Stripe, under a fresh key.",
        replacements=(
            (
                "kalecart/payments/charge.py",
                "    stripe_id = begun.stripe_id or await _create(",
                "    stripe_id = await _create(",
            ),
            (
                "kalecart/payments/charge.py",
                'key=f"create:{order_id}:{begun.server_errors}"',
                'key=f"create:{tasks.new_id()}"',
            ),
            ("kalecart/payments/charge.py", "    if not opened.fresh:\n", "    if False:\n"),
            (
                "kalecart/payments/charge.py",
                "            opened.stripe_id, method_id=",
                "            stripe_id, method_id=",
            ),
            (
                "kalecart/payments/charge.py",
                "    snapshot = await _collect(job.order_id, opened, begun, db=db, gateway=gateway)\n",
                "    snapshot = await _collect(job.order_id, stripe_id, opened, begun, db=db, gateway=gateway)\n",
            ),
            (
                "kalecart/payments/charge.py",
                "    order_id: OrderId, opened: Attempt, ",
                "    order_id: OrderId, stripe_id: str, opened: Attempt, ",
            ),
            ("kalecart/payments/charge.py", "key=opened.stripe_key", 'key=f"confirm:{tasks.new_id()}"'),
        ),
        caught_at=("charge.confirmed",),
    ),
    Mutation(
        name="no-sweeper",
        mistake="Nobody looks for tasks whose worker died or whose hint was lost.",
        replacements=(
            ("kalecart/sweep.py", "        rescued = await rescue(tx, now=now)\n", "        rescued = 0\n"),
            (
                "kalecart/sweep.py",
                "    for task_id, topic in due:\n        dispatcher",
                "    for task_id, topic in []:\n        dispatcher",
            ),
        ),
        caught_at=("task.claimed",),
    ),
    Mutation(
        name="no-inbox",
        mistake="Events are answered and not kept.",
        replacements=(
            (
                "kalecart/payments/receive_event.py",
                '    step("receive_event.verified")\n',
                '    step("receive_event.verified")\n    return\n',
            ),
        ),
        without_a_crash="is_disputed",
    ),
    Mutation(
        name="done-before-commit",
        mistake="A task is called done before its effect is committed.",
        replacements=(
            (
                "workers/performing.py",
                '    step("task.claimed")\n',
                f'{FINISHED_EARLY}    step("task.claimed")\n',
            ),
        ),
        caught_at=("charge.begun",),
    ),
    Mutation(
        name="refund-not-counted",
        mistake="A refund is promised without looking at what remains.",
        replacements=(
            ("kalecart/payments/refund_order.py", "    if not 0 < amount <= remaining:\n", "    if amount <= 0:\n"),
        ),
        without_a_crash="is_refunded_twice_more_than_there_is",
    ),
    Mutation(
        name="refund-again",
        mistake="A refund nobody answered for is sent again under a fresh key, without asking what became of it.",
        replacements=(
            (
                "kalecart/payments/send_refund.py",
                "snapshot = await _made(job, sending, gateway)",
                "snapshot = None",
            ),
            (
                "kalecart/payments/send_refund.py",
                'key=f"refund:{job.refund_id}:{sending.server_errors}"',
                'key=f"refund:{tasks.new_id()}"',
            ),
        ),
        caught_at=("send_refund.made",),
    ),
)
BY_NAME: Final[Mapping[str, Mutation]] = {mutation.name: mutation for mutation in MUTATIONS}


def mutate(tree: Path, mutation: Mutation) -> None:
    """Make the mistake in a copy of the source. Raises DoesNotFit where the text is not there exactly once."""
    for file, before, after in mutation.replacements:
        path = tree / file
        text = path.read_text(encoding="utf-8")
        if text.count(before) != 1:
            raise DoesNotFit(f"{mutation.name}: {file} has {text.count(before)} times: {before.strip()}")
        path.write_text(text.replace(before, after), encoding="utf-8")
