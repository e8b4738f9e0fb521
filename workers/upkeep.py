"""Actors of the queue `upkeep`: what the clock asks for."""

from kalecart import tasks
from kalecart.accounts.ask_yearly import ask_yearly
from kalecart.analytics.prepare_count import prepare_count
from kalecart.carts.expire import expire_carts
from kalecart.figures.prove import prove_figures
from kalecart.jobs import (
    AskYearly,
    ExpireCarts,
    LiftBars,
    OpenWindows,
    PrepareCount,
    ProveFigures,
    Prune,
    ReleaseUnpaid,
    TellExpiring,
    TellPolicy,
    TendSurveys,
    WatchSafeguards,
)
from kalecart.openness.tell import tell_policy
from kalecart.openness.watch_safeguards import watch_safeguards
from kalecart.payments.lift_bars import lift_bars
from kalecart.payments.release_unpaid import release_unpaid
from kalecart.payments.tell_expiring import tell_expiring
from kalecart.prune import prune
from kalecart.runtime import Runtime
from kalecart.surveys.tend import tend_surveys
from kalecart.windows.open import open_windows


async def open_more_windows(_job: OpenWindows, held: tasks.Held, runtime: Runtime) -> None:
    await open_windows(held, db=runtime.db, clock=runtime.clock)


async def make_ready_to_count(_job: PrepareCount, held: tasks.Held, runtime: Runtime) -> None:
    await prepare_count(held, db=runtime.db, clock=runtime.clock)


async def look_after_surveys(_job: TendSurveys, held: tasks.Held, runtime: Runtime) -> None:
    await tend_surveys(held, db=runtime.db, clock=runtime.clock)


async def prove_the_figures(_job: ProveFigures, held: tasks.Held, runtime: Runtime) -> None:
    await prove_figures(held, db=runtime.db, clock=runtime.clock)


async def forget_carts(_job: ExpireCarts, held: tasks.Held, runtime: Runtime) -> None:
    await expire_carts(held, db=runtime.db, clock=runtime.clock)


async def release(_job: ReleaseUnpaid, held: tasks.Held, runtime: Runtime) -> None:
    await release_unpaid(
        held, db=runtime.db, gateway=runtime.gateway, clock=runtime.clock, unpaid=runtime.settings.unpaid
    )


async def remove_the_finished(_job: Prune, held: tasks.Held, runtime: Runtime) -> None:
    await prune(held, db=runtime.db, clock=runtime.clock)


async def tell_of_expiry(_job: TellExpiring, held: tasks.Held, runtime: Runtime) -> None:
    await tell_expiring(held, db=runtime.db, clock=runtime.clock)


async def tell_of_the_policy(_job: TellPolicy, held: tasks.Held, runtime: Runtime) -> None:
    await tell_policy(held, db=runtime.db, clock=runtime.clock)


async def lift_old_bars(_job: LiftBars, held: tasks.Held, runtime: Runtime) -> None:
    await lift_bars(held, db=runtime.db, clock=runtime.clock)


async def ask_whether_right(_job: AskYearly, held: tasks.Held, runtime: Runtime) -> None:
    await ask_yearly(held, db=runtime.db, clock=runtime.clock)


async def see_safeguards_tried(_job: WatchSafeguards, held: tasks.Held, runtime: Runtime) -> None:
    await watch_safeguards(held, db=runtime.db, clock=runtime.clock)
