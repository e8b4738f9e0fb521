"""`./kale doctor`, `./kale doctor money`, `./kale doctor privacy` and `./kale doctor clock`."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from kalecart.payments.comparison import Sums
    from kalecart.settings import Settings
    from local.checkup import Finding
    from local.money import MoneyReport
    from local.privacy import PrivacyReport

app = typer.Typer()

TICK: Final = "[green]✓[/]"
CROSS: Final = "[bold red]✗[/]"

DataDir = Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")]


@app.callback(invoke_without_command=True)
def doctor(context: typer.Context, data_dir: DataDir = Path("var")) -> None:
    """Check every part: what is wrong, and what to do about it. Exit 0 only if all is well."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from local import checkup  # noqa: PLC0415
    from local.environment import configured_environment, environment_of  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    if context.invoked_subcommand is not None:
        return
    deployed = configured_environment()
    try:
        environment = deployed or environment_of(data_dir, "doctor")
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    findings = asyncio.run(checkup.examine(environment, None if deployed else data_dir))
    _show(findings)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


@app.command()
def money(
    *,
    since: Annotated[
        datetime | None,
        typer.Option(help="Leave out what is older, in UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data_dir: DataDir = Path("var"),
) -> None:
    """Prove that Stripe, the ledger and the orders agree to the cent, and name every exception. Exit 0 only if so."""
    import asyncio  # noqa: PLC0415
    import json  # noqa: PLC0415

    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.owner import settings_as  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        report = asyncio.run(_examined(settings_as("doctor", data_dir), since.replace(tzinfo=UTC) if since else None))
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        _show_money(report)
    raise typer.Exit(0 if report.well else 1)


@app.command()
def privacy(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data_dir: DataDir = Path("var"),
) -> None:
    """Hold the register of personal data against the running shop; name what nobody classified. Exit 0 if nothing."""
    import asyncio  # noqa: PLC0415
    import json  # noqa: PLC0415

    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.environment import configured_environment  # noqa: PLC0415
    from local.owner import settings_as  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        folder = None if configured_environment() else data_dir
        report = asyncio.run(_looked_through(settings_as("doctor", data_dir), folder))
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    if as_json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        _show_privacy(report)
    raise typer.Exit(0 if report.well else 1)


@app.command()
def clock(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    data_dir: DataDir = Path("var"),
) -> None:
    """Name each timed job that is late, and each process whose clock is not PostgreSQL's. Exit 0 only if none is."""
    import asyncio  # noqa: PLC0415
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from kalecart.errors import KaleCartError  # noqa: PLC0415
    from local.owner import settings_as  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    try:
        findings = asyncio.run(_timed(settings_as("doctor", data_dir)))
    except CannotStart as sentence:
        raise _stop(str(sentence)) from None
    except KaleCartError as error:
        raise _stop(f"{error.title()} {error.detail}") from None
    well = all(finding.well for finding in findings)
    if as_json:
        print(json.dumps({"well": well, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        _show(findings)
    raise typer.Exit(0 if well else 1)


async def _timed(settings: "Settings") -> "list[Finding]":

    from kalecart.database import Database  # noqa: PLC0415
    from local.clock import examine_clock  # noqa: PLC0415

    db = Database(settings.database_url.get_secret_value(), pool_size_max=2, application="kalecart doctor")
    try:
        return await examine_clock(db=db)
    finally:
        await db.close()


async def _looked_through(settings: "Settings", data_dir: Path | None) -> "PrivacyReport":
    from kalecart.database import Database  # noqa: PLC0415
    from local.privacy import examine_privacy  # noqa: PLC0415

    db = Database(settings.database_url.get_secret_value(), pool_size_max=2, application="kalecart doctor")
    try:
        valkey_url = settings.valkey_url.get_secret_value()
        return await examine_privacy(db=db, valkey_url=valkey_url, data_dir=data_dir)
    finally:
        await db.close()


async def _examined(settings: "Settings", since: datetime | None) -> "MoneyReport":
    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.database import Database  # noqa: PLC0415
    from kalecart.runtime import open_gateway  # noqa: PLC0415
    from local.money import examine_money  # noqa: PLC0415

    db = Database(settings.database_url.get_secret_value(), pool_size_max=2, application="kalecart doctor")
    try:
        async with open_gateway(settings) as gateway:
            return await examine_money(db=db, gateway=gateway.in_background(), clock=SystemClock(), since=since)
    finally:
        await db.close()


def _show(findings: "Sequence[Finding]") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("", "part", "state", "what to do", box=None, pad_edge=False)
    for finding in findings:
        table.add_row(_mark(finding.well), finding.what, finding.state, "" if finding.well else finding.remedy)
    console = Console()
    console.print(table)
    ill = sum(not finding.well for finding in findings)
    console.print("all is well" if not ill else f"{ill} of {len(findings)} need attention")


def _show_money(report: "MoneyReport") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(soft_wrap=True)
    for proof in report.proofs:
        console.print(_mark(proof.holds), proof.invariant.sentence)
        for exception in proof.exceptions:
            console.print(f"    {exception}", highlight=False)
    if report.comparison is None:
        console.print(CROSS, "Stripe did not answer: nothing is said about what it has.")
    table = Table("", "", "Stripe", "ledger", "orders", box=None, pad_edge=False)
    for word, sums in report.sums.items():
        table.add_row(_mark(sums.equal), word, *(f"{cents / 100:,.2f}" for cents in _each(sums)))
    console.print(table)
    _show_gaps(report, console)
    console.print("the money adds up" if report.well else "the money does not add up: every exception is named above")


def _show_privacy(report: "PrivacyReport") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415

    console = Console(soft_wrap=True, highlight=False)
    for gap in report.gaps:
        console.print(CROSS, escape(f"{gap.what}: {gap.where}"))
    looked = f"{report.columns} columns of {report.tables} tables, {report.valkey_keys} keys in Valkey"
    console.print(_mark(report.well), looked)
    console.print("everything is classified" if report.well else "every exception is named above")


def _show_gaps(report: "MoneyReport", console: "Console") -> None:
    if report.comparison is None:
        return
    for pair in report.comparison.gaps:
        amounts = ", ".join(f"{cents / 100:,.2f}" for cents in _each(pair.cents))
        console.print(CROSS, f"{pair.gap}: {pair.stripe_id} of order {pair.order_id} ({amounts})")
    if report.comparison.foreign:
        console.print(f"  {report.comparison.foreign} at Stripe are not of this shop; they are not counted")


def _each(sums: "Sums") -> tuple[int, int, int]:
    return sums.stripe, sums.ledger, sums.orders


def _mark(well: object) -> str:
    return TICK if well else CROSS


def _stop(sentence: str) -> typer.Exit:
    sys.stderr.write(f"kale: {sentence}\n")
    return typer.Exit(1)
