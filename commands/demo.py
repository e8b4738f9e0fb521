"""`./kale demo`."""

from typing import Annotated

import typer


def demo(  # noqa: PLR0917  # options of a command line, each with a name
    url: Annotated[str, typer.Option(help="Where the shop is.")] = "http://127.0.0.1:8000",
    orders: Annotated[int, typer.Option(min=1, help="How many new shoppers, each with one order.")] = 1,
    at_once: Annotated[int, typer.Option(min=1, max=64, help="How many of them at the same time.")] = 1,
    card: Annotated[str, typer.Option(help="A Stripe test card.")] = "pm_card_visa",
    patience: Annotated[float, typer.Option(help="Seconds to ask again while nobody answers.")] = 30.0,
    seed: Annotated[int | None, typer.Option(help="The same number chooses the same products.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document at the end.")] = False,  # noqa: FBT002  # --json
) -> None:
    """Do the main job against a running shop, as a new shopper: cart, sign-up, card, order, wait until it is paid."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from local.parade import Plan, report, run  # noqa: PLC0415  # see above

    plan = Plan(url=url, orders=orders, at_once=at_once, card=card, patience_s=patience, seed=seed)
    outcome = asyncio.run(run(plan, tell=None if as_json else print))
    print(report(outcome, as_json=as_json))
    raise typer.Exit(1 if outcome.failures else 0)
