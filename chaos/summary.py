"""A run in a few lines."""

from collections import Counter as Tally
from statistics import quantiles
from typing import Final

from chaos.run import QUIET_WITHIN_S, Run

NAMED_MAX: Final = 20


def summary(run: Run) -> str:
    """For the terminal; what is wrong is named."""
    history, striker = run.history, run.striker
    placed = {each.order_id for each in history.did("place", "ok")}
    blows = Tally(str(entry.blow.kind) for entry in striker.struck if entry.landed)
    lines = [
        f"seed {run.options.seed}, {run.options.seconds:.0f} s of faults",
        f"orders       {len(placed)} acknowledged, {len(run.books.orders)} in the books; {latency(run)}",
        f"shoppers     {', '.join(f'{n} {what}' for what, n in sorted(run.came.items()))}",
        f"             {len(history.stopped)} gave up",
        f"kills        {striker.kills()} ({run.deaths} deaths seen)",
        f"faults       {', '.join(f'{n} × {kind}' for kind, n in sorted(blows.items()))}",
        f"lost         {len(run.findings.lost)}",
        f"double       {len(run.findings.double)}",
        *(
            f"{name:<13}{a / 100:,.2f} at Stripe, {b / 100:,.2f} in the ledger"
            for name, (a, b) in run.findings.sums.items()
        ),
        f"dead letters {run.books.dead}",
        f"terminal     {_terminal(run)}",
    ]
    lines += [f"  ✗ {each}" for each in complaints(run)]
    lines += [f"  gave up: {words}" for words in sorted(set(history.stopped))[:5]]
    return "\n".join([*lines, "the shop kept its promise" if run.passed else "the shop did not keep its promise"])


def complaints(run: Run) -> list[str]:
    """Everything that is wrong, in sentences; of very many the first."""
    found = [*run.findings.lost, *run.findings.double, *run.findings.wrong, *run.doubts, *run.unfinished]
    more = len(found) - NAMED_MAX
    return found if more <= 0 else [*found[:NAMED_MAX], f"and {more} more"]


def _terminal(run: Run) -> str:
    if run.quiet_after_s is None:
        return f"never; {len(run.unfinished)} left"
    return f"{run.quiet_after_s:.1f} s after the last fault ({QUIET_WITHIN_S:.0f} allowed)"


def latency(run: Run) -> str:
    """How long a shopper waited for the word that the order is accepted, through every fault."""
    took = [each.ended_s - each.began_s for each in run.history.did("place", "ok")]
    if len(took) < 2:  # noqa: PLR2004  # quantiles of one are none
        return "too few to say how fast"
    cut = quantiles(took, n=100, method="inclusive")
    return f"accepted in {cut[49] * 1000:.0f} ms, p99 {cut[98]:.1f} s"
