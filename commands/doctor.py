"""`./kale doctor`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from local.checkup import Finding


def doctor(
    data_dir: Annotated[Path, typer.Option(help="The shop's data, where the environment does not name one.")] = Path(
        "var"
    ),
) -> None:
    """Check every part: what is wrong, and what to do about it. Exit 0 only if all is well."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it
    import sys  # noqa: PLC0415

    from local import checkup  # noqa: PLC0415
    from local.environment import configured_environment, environment_of  # noqa: PLC0415
    from local.program import CannotStart  # noqa: PLC0415

    deployed = configured_environment()
    try:
        environment = deployed or environment_of(data_dir, "doctor")
    except CannotStart as sentence:
        sys.stderr.write(f"kale: {sentence}\n")
        raise typer.Exit(1) from None
    findings = asyncio.run(checkup.examine(environment, None if deployed else data_dir))
    _show(findings)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


def _show(findings: "Sequence[Finding]") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("", "part", "state", "what to do", box=None, pad_edge=False)
    for finding in findings:
        mark = "[green]✓[/]" if finding.well else "[bold red]✗[/]"
        table.add_row(mark, finding.what, finding.state, "" if finding.well else finding.remedy)
    console = Console()
    console.print(table)
    ill = sum(not finding.well for finding in findings)
    console.print("all is well" if not ill else f"{ill} of {len(findings)} need attention")
