"""One table out of the figures: what was measured, what it was, what it should be."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench import report_aggregates
from bench.failures import failing, failures
from bench.line import Line

RATIO_LEAST: Final = 0.4
CHECKOUTS_LEAST: Final = 150.0
STATEMENTS_MOST: Final = 15.0
PAID_P99_MS_MOST: Final = 60.0
PAGE_P99_MS_MOST: Final = 25.0
MEMORY_MB_MOST: Final = 450.0
CROWDED_LEAST: Final = 0.8
DRAINED_LEAST: Final = 120.0
WORKER_MB_MOST: Final = 120.0
EVENT_P99_MS_MOST: Final = 1_000.0
AWAY_P99_MS_MOST: Final = 2_000.0
PACKAGE_S_MOST: Final = 3.0
GROWS_MOST: Final = 0.20
ERASURE_S_MOST: Final = 2.0
ROTATION_S_MOST: Final = 60.0
ENCRYPTION_MOST: Final = 0.03
BOARD_MS_MOST: Final = 100.0
TICK_S_MOST: Final = 2.0


def lines(figures: Mapping[str, Any]) -> Iterator[Line]:
    """A line or more for each measurement that was made."""
    for name, told in TOLD.items():
        if name in figures:
            yield from told(figures[name])
    wrong = sum(figures["books"].values())
    yield Line(letter="", what="rows of the books that do not add up", figure=str(wrong), aim="0", reached=wrong == 0)
    failed = failures(figures)
    yield Line(letter="", what="answers that were not as expected", figure=str(failed), aim="0", reached=failed == 0)
    yield from (Line(letter="", what=f"… {where}", figure=reasons) for where, reasons in failing(figures))


def _placing(a: Mapping[str, Any]) -> Iterator[Line]:
    rates = f"{a['orders_per_second']:.0f}/s against {a['pgbench_per_second']:.0f}/s"
    yield Line(
        letter="a",
        what=f"POST /api/v1/orders by {a['clients']} shoppers as a share of pgbench",
        figure=f"{a['ratio']:.2f}  ({rates})",
        aim=f"≥ {RATIO_LEAST}",
        reached=a["ratio"] >= RATIO_LEAST,
    )
    yield Line(letter="", what="… and then charged by the workers", figure=f"{a['drained_per_second']:.0f}/s")


def _checkouts(b: Mapping[str, Any]) -> Iterator[Line]:
    roles = ", ".join(f"{role.removeprefix('kale_')} {count:.1f}" for role, count in b["statements_by_role"].items())
    yield Line(
        letter="b",
        what="whole checkouts (7 requests)",
        figure=f"{b['per_second']:.0f}/s  (the last paid {b['paid_within_s']:.1f} s after)",
        aim=f"≥ {CHECKOUTS_LEAST:.0f}/s",
        reached=b["per_second"] >= CHECKOUTS_LEAST,
    )
    yield Line(
        letter="",
        what="SQL statements for each, until paid",
        figure=f"{b['statements']:.1f}  ({roles})",
        aim=f"≤ {STATEMENTS_MOST:.0f}",
        reached=b["statements"] <= STATEMENTS_MOST,
    )


def _paid(c: Mapping[str, Any]) -> Iterator[Line]:
    ours = c["ours_ms"]
    yield Line(
        letter="c",
        what=f"accepted → paid less Stripe's {c['stripe_ms']} ms, at {c['per_second']:.0f} checkouts/s, p50 / p99",
        figure=_spread(ours),
        aim=f"p99 ≤ {PAID_P99_MS_MOST:.0f} ms",
        reached=ours is not None and ours["p99"] <= PAID_P99_MS_MOST,
    )


def _pages(d: Mapping[str, Any]) -> Iterator[Line]:
    for number, (path, report) in enumerate(d.items()):
        ms = report["latency_ms"]
        yield Line(
            letter="" if number else "d",
            what=f"GET {path}, p50 / p99",
            figure=_spread(ms),
            aim=f"p99 ≤ {PAGE_P99_MS_MOST:.0f} ms",
            reached=ms is not None and ms["p99"] <= PAGE_P99_MS_MOST,
        )


def _memory(e: Mapping[str, Any]) -> Iterator[Line]:
    shares = ", ".join(f"{name} {mb:.0f}" for name, mb in e["processes_mb"].items())
    total = e["total_mb"]
    yield Line(
        letter="e",
        what="memory of the whole stack under load (PSS)",
        figure=f"{total:.0f} MB  ({shares})" if total else "not told by this system",
        aim=f"≤ {MEMORY_MB_MOST:.0f} MB",
        reached=total <= MEMORY_MB_MOST if total else None,
    )


def _crowded(f: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(
        letter="f",
        what=f"(b) with {f['products']} products for {f['shoppers']} shoppers, as a share of (b)",
        figure=f"{f['share_of_usual']:.2f}  ({f['failed']} failed)",
        aim=f"≥ {CROWDED_LEAST}, none fails",
        reached=f["share_of_usual"] >= CROWDED_LEAST and not f["failed"],
    )


def _backlog(g: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(
        letter="g",
        what=f"{g['orders']} waiting orders charged by two workers, Stripe taking {g['stripe_ms']} ms for an answer",
        figure=f"{g['per_second']:.0f}/s",
        aim=f"≥ {DRAINED_LEAST:.0f}/s",
        reached=g["per_second"] >= DRAINED_LEAST,
    )
    worker_mb = g["worker_mb"]
    yield Line(
        letter="",
        what="memory of the larger worker afterwards (PSS)",
        figure=f"{worker_mb:.0f} MB" if worker_mb else "not told by this system",
        aim=f"≤ {WORKER_MB_MOST:.0f} MB",
        reached=worker_mb <= WORKER_MB_MOST if worker_mb else None,
    )


def _events(h: Mapping[str, Any]) -> Iterator[Line]:
    ms = h["ms"]
    yield Line(
        letter="h",
        what=f"refund, dispute and debit events at {h['per_second']:.0f}/s, from receipt to the books, p50 / p99",
        figure=f"{_spread(ms)}  ({h['unsettled']} of {h['events']} not settled, {h['debits']} debits)",
        aim=f"p99 ≤ {EVENT_P99_MS_MOST:.0f} ms",
        reached=ms is not None and ms["p99"] <= EVENT_P99_MS_MOST and not h["unsettled"],
    )


def _without_valkey(i: Mapping[str, Any]) -> Iterator[Line]:
    settled, noticing = i["settled"], i["noticing"]
    ms = settled["ms"]
    yield Line(
        letter="i",
        what=f"accepted → paid at {settled['per_second']:.0f} checkouts/s while Valkey hangs, p50 / p99",
        figure=_spread(ms),
        aim=f"p99 ≤ {AWAY_P99_MS_MOST:.0f} ms",
        reached=ms is not None and ms["p99"] <= AWAY_P99_MS_MOST and not settled["unpaid"],
    )
    yield Line(letter="", what="… in the seconds until that is noticed", figure=_spread(noticing["ms"]))


def _package(k: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(
        letter="k",
        what=f"package of {k['orders']} orders of {k['lines']} products each, from the worker's start to ready",
        figure=f"{k['most_s']:.2f} s  (the slowest of {len(k['seconds'])}; {k['records']} records)",
        aim=f"≤ {PACKAGE_S_MOST:.0f} s",
        reached=k["most_s"] <= PACKAGE_S_MOST,
    )


def _requests(l: Mapping[str, Any]) -> Iterator[Line]:  # noqa: E741  # the figure's letter
    yield Line(
        letter="l",
        what=f"placing an order at {l['per_second']:.0f}/s while {l['requests']} access requests drain: p99 grows by",
        figure=f"{l['grows']:+.0%}  (p99 {l['alone_p99_ms']:.1f} → {l['beside_p99_ms']:.1f} ms)",
        aim=f"≤ {GROWS_MOST:.0%}",
        reached=l["grows"] <= GROWS_MOST,
    )
    yield Line(
        letter="",
        what="… until all of them were answered",
        figure=f"{l['took_s']:.0f} s  ({l['packages_per_second_beside']:.1f}/s beside the orders)",
    )


def _erasure(m: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(
        letter="m",
        what=f"erasing a customer with {m['orders']} orders, without the wait for the letter",
        figure=f"{m['most_s']:.2f} s  (the slowest of {len(m['seconds'])})",
        aim=f"≤ {ERASURE_S_MOST:.0f} s",
        reached=m["most_s"] <= ERASURE_S_MOST,
    )


def _rotation(n: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(
        letter="n",
        what=f"a new master key for {n['keys']:,} keys while the shop serves",
        figure=f"{n['seconds']:.1f} s  ({n['failed']} answers failed)",
        aim=f"≤ {ROTATION_S_MOST:.0f} s",
        reached=n["seconds"] <= ROTATION_S_MOST and not n["failed"],
    )
    yield Line(letter="", what="… placing an order meanwhile, p50 / p99", figure=_spread(n["orders_ms"]))


def _encryption(o: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(
        letter="o",
        what="encryption's share of placing an order",
        figure=f"{o['share']:.1%}  ({o['keys_per_order']:.2f} keys for each; using one takes {o['using_us']:.0f} µs)",
        aim=f"≤ {ENCRYPTION_MOST:.0%}",
        reached=o["share"] <= ENCRYPTION_MOST,
    )


def _complaints(t: Mapping[str, Any]) -> Iterator[Line]:
    board = t["board_ms"]
    yield Line(
        letter="t",
        what=f"the board's first page with {t['open']:,} open complaints, p50 / most",
        figure=f"{board['p50']:.0f} / {board['most']:.0f} ms",
        aim=f"≤ {BOARD_MS_MOST:.0f} ms",
        reached=board["p50"] <= BOARD_MS_MOST,
    )
    yield Line(
        letter="",
        what=f"… a look at them by the clock, {t['few']} of them due",
        figure=f"{t['few_s']:.2f} s  (none due: {t['idle_s']:.2f} s)",
        aim=f"≤ {TICK_S_MOST:.0f} s",
        reached=t["few_s"] <= TICK_S_MOST,
    )
    yield Line(
        letter="",
        what=f"… the look at a midnight, when steps of {t['midnight']:,} begin",
        figure=f"{t['midnight_s']:.2f} s  (after an outage, all {t['all']:,}: {t['all_s']:.0f} s)",
        aim=f"≤ {TICK_S_MOST:.0f} s",
        reached=t["midnight_s"] <= TICK_S_MOST,
    )


TOLD: Final[Mapping[str, Callable[[Any], Iterator[Line]]]] = {
    "a_placing": _placing,
    "b_checkouts": _checkouts,
    "c_paid": _paid,
    "d_pages": _pages,
    "e_memory": _memory,
    "f_crowded": _crowded,
    "g_backlog": _backlog,
    "h_events": _events,
    "i_without_valkey": _without_valkey,
    "k_package": _package,
    "l_requests": _requests,
    "m_erasure": _erasure,
    "n_rotation": _rotation,
    "o_encryption": _encryption,
    "t_complaints": _complaints,
    "p_day": report_aggregates.day,
    "q_release": report_aggregates.release,
    "r_accuracy": report_aggregates.accuracy,
    "s_tills": report_aggregates.tills,
}


def _spread(ms: Mapping[str, float] | None) -> str:
    return f"{ms['p50']:.1f} / {ms['p99']:.1f} ms" if ms else "nothing measured"


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the table, and under it what it depends on."""
    table = Table(title="KaleCart measured", title_justify="left")
    for heading, ratio in (("", None), ("measured", 3), ("figure", 3), ("aim", None), ("", None)):
        table.add_column(heading, ratio=ratio)
    for line in lines(figures):
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: ""}[line.reached]
        table.add_row(line.letter, escape(line.what), escape(line.figure), line.aim, mark)
    console.print(table)
    machine = figures["machine"]
    console.print(
        f"{machine['cpus']} processors, load average {machine['load_average']:.1f} before · {machine['system']} · "
        f"Python {machine['python']} · seed {figures['seed']}. The generator, the stand-in for Stripe and the shop "
        "share the processors: compare ratios, not rates.",
        style="dim",
        highlight=False,
    )
