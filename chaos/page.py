"""The page about a run: one file that can be kept or sent, with everything in it."""

from collections import Counter as Tally
from html import escape
from typing import Final

from chaos.run import QUIET_WITHIN_S, Run
from chaos.summary import complaints, latency
from chaos.timeline import timeline

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2a1f; --paper: #fbfaf6; --faint: #5d6a5f; --rule: #d9ddd3;
  --rate: #3f7d4e; --slow: #b7791f; --kill: #b3261e; --freeze: #2f6690; --line: #6a4c93; --other: #8a6d3b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebe4; --paper: #151a16; --faint: #a3ada4; --rule: #333b34;
  --rate: #7cc08c; --slow: #e0b05c; --kill: #ff8a80; --freeze: #8fc1e8; --line: #c7aef0; --other: #d9bd8b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.verdict { font-size: 1.1rem; } .verdict strong { color: var(--rate); } .verdict.broken strong { color: var(--kill); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; padding: 0;
  margin: 1rem 0; }
.figures div { border: 1px solid var(--rule); border-radius: .5rem; padding: .5rem .75rem; }
.figures dt { color: var(--faint); font-size: .85rem; } .figures dd { margin: 0; font-size: 1.3rem;
  font-variant-numeric: tabular-nums; }
.picture, .table { overflow-x: auto; } .picture svg { min-width: 44rem; width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .faint { fill: var(--faint); }
svg .rule { stroke: var(--rule); } .rate { fill: var(--rate); } .slow { fill: var(--slow); }
.kill { fill: var(--kill); }
.freeze { fill: var(--freeze); } .line { fill: var(--line); } .wipe, .stripe, .hooks { fill: var(--other); }
.after { fill: var(--rate); opacity: .08; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .75rem .3rem 0;
  border-bottom: 1px solid var(--rule); } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.faint { color: var(--faint); }
"""


def page(run: Run) -> str:
    """HTML without anything to fetch."""
    good = "The shop kept its promise" if run.passed else "The shop did not keep its promise"
    wrong = complaints(run)
    named = f"<h2>What is wrong</h2><ul>{_items(wrong)}</ul>" if wrong else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chaos, seed {run.options.seed}: {good.lower()}</title><style>{STYLE}</style></head><body><main>
<h1>Chaos, seed {run.options.seed}, {run.options.seconds / 60:g} minutes</h1>
<p class="verdict{"" if run.passed else " broken"}"><strong>{good}.</strong> {escape(_sentence(run))}</p>
<dl class="figures">{_figures(run)}</dl>{named}
<h2>What was done, and what the shop did</h2>
<p class="faint">Green on the right: the faults are over, and what was under way comes to its end.</p>
<div class="picture">{timeline(run)}</div>
<h2>Money</h2><div class="table"><table><tr><th>US dollars</th><th>at Stripe</th><th>in the ledger</th></tr>
{"".join(_sum(name, *cents) for name, cents in run.findings.sums.items())}</table></div>
<h2>Shoppers</h2><div class="table"><table>{_tally(run.came)}</table></div>
<h2>Blows</h2><div class="table"><table><tr><th>at</th><th>what</th><th>landed</th></tr>{_blows(run)}</table></div>
</main></body></html>
"""


def _sentence(run: Run) -> str:
    placed = len({each.order_id for each in run.history.did("place", "ok")})
    return (
        f"{placed} orders were acknowledged while {run.striker.kills()} processes were killed; {latency(run)}. "
        f"{len(run.findings.lost)} were lost, {len(run.findings.double)} doubled."
    )


def _figures(run: Run) -> str:
    quiet = "never" if run.quiet_after_s is None else f"{run.quiet_after_s:.1f} s"
    figures = {
        "orders": len(run.books.orders),
        "kills": run.striker.kills(),
        "lost": len(run.findings.lost),
        "double": len(run.findings.double),
        "dead letters": run.books.dead,
        f"terminal after (≤ {QUIET_WITHIN_S:.0f} s)": quiet,
    }
    return "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in figures.items())


def _sum(name: str, stripe: int, ledger: int) -> str:
    return f'<tr><td>{name}</td><td class="n">{stripe / 100:,.2f}</td><td class="n">{ledger / 100:,.2f}</td></tr>'


def _tally(came: dict[str, int]) -> str:
    rows = Tally(came).most_common()
    return "".join(f'<tr><td>{escape(what)}</td><td class="n">{n}</td></tr>' for what, n in rows)


def _blows(run: Run) -> str:
    return "".join(
        f'<tr><td class="n">{each.at_s:.1f} s</td><td>{escape(each.blow.words)}</td>'
        f"<td>{'yes' if each.landed else 'no'}</td></tr>"
        for each in run.striker.struck
    )


def _items(lines: list[str]) -> str:
    return "".join(f"<li>{escape(line)}</li>" for line in lines)
