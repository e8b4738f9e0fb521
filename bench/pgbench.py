"""The yardstick: PostgreSQL's own pgbench placing the same orders with the very statement the shop uses.

On the same server with the same durability, as the web's own role, in a prepared statement, each from a cart of its
own. What pgbench reaches is what the database can do; the shop's share of it is what the rest costs.
"""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.plan import Trade
from bench.scene import BenchFailed
from bench.shopper import Shopper
from kalecart.chance import token_hash
from kalecart.orders.store import PLACE
from kalecart.terms import Terms
from local.ports import HOST
from local.postgres import DATABASE
from local.wheels import postgres_binary

TOPIC: Final = "bench"
SCRIPTS_MAX: Final = 64
_RATE: Final = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_DONE: Final = re.compile(r"^number of transactions actually processed: (\d+)", re.MULTILINE)
_FAILED: Final = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)


class PgbenchFailed(BenchFailed):
    """It did not do what it was asked; carries its last words."""


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """`first` is the number of its first cart; every client takes `each` of them."""

    mark: str
    first: int
    clients: int
    each: int
    total_cents: int
    terms: Terms


async def orders_per_second(
    stick: Yardstick, trade: Trade, *, folder: Path, role: str, login: tuple[int, str]
) -> float:
    """`login` is the server's port and the role's password. Raises PgbenchFailed unless every order was placed."""
    port, password = login
    scripts = write_scripts(stick, trade, folder)
    process = await asyncio.create_subprocess_exec(
        str(postgres_binary("pgbench")),
        *("-n", "-c", str(stick.clients), "-j", "1", "-t", str(stick.each), "-M", "simple", "-D", "i=0"),
        *("-D", "known=0", *(flag for script in scripts for flag in ("-f", str(script)))),
        *("-h", HOST, "-p", str(port), "-U", role, DATABASE),
        env={"PGPASSWORD": password, "LC_ALL": "C"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said = (await process.communicate())[0].decode(errors="replace")
    rate, done, failed = _RATE.search(said), _DONE.search(said), _FAILED.search(said)
    whole = done is not None and int(done[1]) == stick.clients * stick.each and (failed is None or failed[1] == "0")
    if process.returncode != 0 or rate is None or not whole:
        raise PgbenchFailed(said[-2000:])
    return float(rate[1])


def write_scripts(stick: Yardstick, trade: Trade, folder: Path) -> list[Path]:
    """One for each shopper, because pgbench's variables are numbers; it draws one for every order."""
    scripts = []
    for number, shopper in enumerate(trade.shoppers[:SCRIPTS_MAX]):
        script = folder / f"place-{number}.sql"
        window = trade.windows[number % len(trade.windows)]
        script.write_text(_script(stick, shopper, window))
        scripts.append(script)
    return scripts


def _script(stick: Yardstick, shopper: Shopper, window: str) -> str:
    """Arguments in the order of `kalecart.orders.store.place`; the buyer is whoever the log-in names, as on the web."""
    terms, n = stick.terms, f"'{stick.mark}' || :n"
    arguments = (
        f"sha256(({n})::bytea)",
        "1",
        "gen_random_uuid()",
        n,
        "NULL",
        str(stick.total_cents),
        f"'{window}'",
        f"'{shopper.card}'",
        n,
        str(terms.minimum_order_cents),
        str(terms.delivery_fee_cents),
        str(terms.free_delivery_from_cents),
        str(terms.tax_rate_basis_points),
        f"'\\x{'00' * 32}'",
        "gen_random_uuid()",
        "now()",
        "gen_random_uuid()",
        f"'{TOPIC}'",
        f"'{TOPIC}:' || {n}",
        f"""'{{"order_id": "{shopper.customer}", "attempt": 1}}'""",
        f"'\\x{token_hash(shopper.session).hex()}'",
    )
    # A transaction of one statement, like the shop's. Each connection prepares the statement once.
    return f"""\\set n {stick.first} + :client_id * {stick.each} + :i
\\set i :i + 1
\\if :known = 0
PREPARE place AS {PLACE.strip()};
\\set known 1
\\endif
EXECUTE place({", ".join(arguments)});
"""
