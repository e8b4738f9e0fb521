"""A year on a page of text."""

from collections.abc import Iterable, Mapping

from simulation.outages import Outage
from simulation.run import Judged


def summary(judged: Judged) -> str:
    done, plan = judged.lived, judged.lived.plan
    scene = done.scene
    tasks, ticks = len(done.processes.performed), sum(done.processes.ticks.values())
    bank, post = scene.shop.bank, scene.shop.post
    machines = f"{_counts(_troubles(done.outages))}; {bank.lost} webhooks lost, {done.processes.dropped} tasks dropped"
    fast = plan.days * 86_400 / max(done.took_s, 0.1)
    spent = f"processors {judged.process_s:,.0f} s for this process, {judged.server_s:,.0f} s for PostgreSQL"
    again = f"--seed {plan.seed} --days {plan.days} --from {plan.first_day}"
    lines = [
        f"{plan.days} days from {plan.first_day}: {done.leaps:,} leaps, {tasks:,} tasks, {ticks:,} ticks",
        f"  what happened   {_counts(judged.facts)}",
        f"  people          {_counts(scene.did)}",
        f"  were refused    {_counts(scene.refused)}",
        f"  machines        {machines}",
        f"  letters         {_counts(post.counted)}",
        "",
        *(finding.as_line() for finding in judged.findings),
        "",
        f"{done.took_s:,.0f} s, {fast:,.0f} times as fast as time; {spent}",
        f"digest {judged.digest}, the same for {again} --shoppers {plan.shoppers} --orders {plan.orders_a_day:g}",
    ]
    return "\n".join(lines)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{many:,} {what}" for what, many in sorted(counts.items()) if many) or "nothing"


def _troubles(outages: Iterable[Outage]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for outage in outages:
        name = str(outage.trouble)
        found[name] = found.get(name, 0) + 1
    return found
