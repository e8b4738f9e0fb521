"""`./kale alive`."""

import typer


def alive(kind: str = typer.Argument(help="worker, privacy, analytics or scheduler")) -> None:
    """Exit 0 where a process of this kind on this host has given a sign of life in the last half minute."""
    import asyncio  # noqa: PLC0415  # the help of all commands should not wait for it

    from kalecart.clock import SystemClock  # noqa: PLC0415
    from kalecart.database import Database  # noqa: PLC0415
    from kalecart.scheduling import is_alive  # noqa: PLC0415
    from kalecart.settings import GroundSettings  # noqa: PLC0415

    async def ask() -> bool:
        db = Database(GroundSettings().database_url.get_secret_value(), pool_size_max=1, application="kalecart alive")
        try:
            return await is_alive(kind, db=db, now=SystemClock().now())
        finally:
            await db.close()

    if not asyncio.run(ask()):
        print(f"no {kind} on this host has given a sign of life in the last half minute")
        raise typer.Exit(1)
