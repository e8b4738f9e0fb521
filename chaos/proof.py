"""The shop's own proof of its money, asked as an owner would: every invariant, and Stripe against the ledger."""

from chaos.stage import Stage
from kalecart.clock import SystemClock
from kalecart.database import Database
from kalecart.payments.comparison import Gap
from kalecart.payments.stripe import StripeGateway
from local.environment import database_url
from local.money import examine_money
from local.ports import HOST


async def proved(stage: Stage) -> list[str]:
    """What does not hold, a line for each exception; empty where all does."""
    stack = stage.stack
    db = Database(database_url(stack.secrets, stack.ports, "doctor"), pool_size_max=2, application="kalecart chaos")
    base = f"http://{HOST}:{stack.ports['stripesim']}"
    try:
        async with StripeGateway.open(
            stack.secrets.stripe_secret, api_base=base, webhook_secret="", shop_url=stack.url
        ) as gateway:
            report = await examine_money(db=db, gateway=gateway, clock=SystemClock(), since=None)
    finally:
        await db.close()
    broken = [f"{proof.invariant.sentence} {exception}" for proof in report.proofs for exception in proof.exceptions]
    if report.comparison is None:
        return [*broken, "Stripe did not answer the proof"]
    # A stray is an intention that Stripe made and never told us of. It was not confirmed and moves no money, and the
    # next reconciliation cancels it.
    gaps = [pair for pair in report.comparison.gaps if pair.gap is not Gap.STRAY]
    broken += [f"{pair.gap}: {pair.stripe_id} of order {pair.order_id}" for pair in gaps]
    if not all(sums.equal for sums in report.sums.values()):
        broken.append(f"Stripe, the ledger and the orders do not agree: {report.as_json()['cents']}")
    return broken
