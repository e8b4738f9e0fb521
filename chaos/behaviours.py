"""What shoppers do, one function for each way an order can go."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from chaos.counter import Counter
from chaos.shopper import Shopper
from chaos.stage import Stage

VISA: Final = "pm_card_visa"
DECLINED: Final = "pm_card_chargeCustomerFail"  # saved without trouble, declined when charged
ASKS_THE_BANK: Final = "pm_card_threeDSecure2Required"
DISPUTED: Final = "pm_card_createDispute"
DEBITED: Final = "pm_usBankAccount_success"
SENT_BACK: Final = "pm_usBankAccount_insufficientFunds"
TAKEN_BACK: Final = "pm_usBankAccount_dispute"
REFUND_FAILS: Final = "pm_card_refundFail"
REFUND_WAITS: Final = "pm_card_pendingRefund"
ENDS: Final = frozenset({"paid", "declined", "canceled"})
HEARD_WITHIN_S: Final = 15.0


@dataclass(kw_only=True)
class Trip:
    """A shopper, staff, and the stage on which Stripe's dashboard and the banks act too."""

    shopper: Shopper
    counter: Counter
    stage: Stage

    async def steer(self, path: str, **body: Any) -> None:
        """Something at Stripe that is none of the shop's doing; nothing where Stripe is down or says no."""
        try:
            await self.stage.steer("POST", path, body)
        except (aiohttp.ClientError, OSError, TimeoutError):
            return


Behaviour = Callable[[Trip], Awaitable[None]]


async def pays(trip: Trip) -> None:
    order = await trip.shopper.order(VISA)
    if order:
        await trip.shopper.until(order, ENDS)


async def pays_after_a_decline(trip: Trip) -> None:
    shopper = trip.shopper
    order = await shopper.order(DECLINED)
    if order and await shopper.until(order, ENDS) == "declined":
        await shopper.pay_again(order, VISA)
        await shopper.until(order, {"paid", "canceled"})


async def passes_at_the_bank(trip: Trip) -> None:
    await _at_the_bank(trip, passes=True)


async def fails_at_the_bank_and_pays_otherwise(trip: Trip) -> None:
    order = await _at_the_bank(trip, passes=False)
    if order and await trip.shopper.until(order, ENDS) == "declined":
        await trip.shopper.pay_again(order, VISA)
        await trip.shopper.until(order, {"paid", "canceled"})


async def leaves_the_bank_and_pays_otherwise(trip: Trip) -> None:
    shopper = trip.shopper
    order = await shopper.order(ASKS_THE_BANK)
    if order and await shopper.until(order, {"action_needed", *ENDS}) == "action_needed":
        await shopper.pay_again(order, VISA)
        await shopper.until(order, {"paid", "canceled"})


async def leaves_the_bank_and_cancels(trip: Trip) -> None:
    shopper = trip.shopper
    order = await shopper.order(ASKS_THE_BANK)
    if order and await shopper.until(order, {"action_needed", *ENDS}) == "action_needed":
        await shopper.cancel(order)


async def cancels_at_once(trip: Trip) -> None:
    order = await trip.shopper.order(VISA)
    if order:
        await trip.shopper.cancel(order)


async def cancels_when_paid(trip: Trip) -> None:
    order = await trip.shopper.order(trip.shopper.chance.choice((VISA, REFUND_WAITS)))
    if order and await trip.shopper.until(order, ENDS) == "paid":
        await asyncio.gather(trip.shopper.cancel(order), trip.shopper.cancel(order))


async def cancels_while_it_is_picked(trip: Trip) -> None:
    """One of the two wins, and the money matches (E36)."""
    order = await trip.shopper.order(VISA)
    if order and await trip.shopper.until(order, ENDS) == "paid":
        await asyncio.gather(trip.shopper.cancel(order), trip.counter.pick(order))


async def is_refunded(trip: Trip) -> None:
    card = trip.shopper.chance.choice((VISA, VISA, REFUND_WAITS, REFUND_FAILS))
    order = await trip.shopper.order(card)
    if order and await trip.shopper.until(order, ENDS) == "paid":
        await trip.counter.refund(order, amount_cents=None, at_once=2)


async def is_refunded_in_parts(trip: Trip) -> None:
    """By two members of staff at once, together more than there is (E34)."""
    order = await trip.shopper.order(VISA)
    if order and await trip.shopper.until(order, ENDS) == "paid":
        total = (await trip.counter.order(order))["total_cents"]
        parts = (trip.counter.refund(order, amount_cents=total * 2 // 3) for _ in range(2))
        await asyncio.gather(*parts)


async def is_refunded_in_the_dashboard(trip: Trip) -> None:
    order = await trip.shopper.order(VISA)
    if order and await trip.shopper.until(order, ENDS) == "paid":
        seen = await trip.counter.order(order)
        await trip.steer("refunds", payment_intent=seen["stripe_id"], amount=seen["total_cents"] // 3)


async def disputes(trip: Trip) -> None:
    """The bank takes the money back, and sometimes returns it."""
    order = await trip.shopper.order(DISPUTED)
    if not order or await trip.shopper.until(order, ENDS) != "paid":
        return
    loop = asyncio.get_running_loop()
    deadline = loop.time() + HEARD_WITHIN_S
    while loop.time() < deadline:
        for dispute in (await trip.counter.order(order))["disputes"]:
            outcome = trip.shopper.chance.choice(("won", "lost"))
            await trip.steer(f"disputes/{dispute['stripe_id']}/settle", outcome=outcome)
            return
        await asyncio.sleep(0.5)


async def is_debited(trip: Trip) -> None:
    """From a bank account: in processing for what would be days, then paid, sent back, or taken back later."""
    shopper = trip.shopper
    account = shopper.chance.choice((DEBITED, DEBITED, SENT_BACK, TAKEN_BACK))
    if not await shopper.account(account):
        return
    order = await shopper.order(account)
    if not order or await shopper.until(order, {"processing", *ENDS}) != "processing" or account != SENT_BACK:
        return
    if await shopper.until(order, ENDS) == "declined":
        await shopper.pay_again(order, VISA)
        await shopper.until(order, {"paid", "canceled"})


async def _at_the_bank(trip: Trip, *, passes: bool) -> str | None:
    shopper = trip.shopper
    order = await shopper.order(ASKS_THE_BANK)
    if order and await shopper.until(order, {"action_needed", *ENDS}) == "action_needed":
        await shopper.at_the_bank(order, passes=passes)
        return order
    return None


# How often each is chosen, by its name in words.
BEHAVIOURS: Final[Mapping[str, tuple[Behaviour, int]]] = {
    "pays": (pays, 30),
    "pays after a decline": (pays_after_a_decline, 10),
    "passes at the bank": (passes_at_the_bank, 10),
    "fails at the bank and pays otherwise": (fails_at_the_bank_and_pays_otherwise, 5),
    "leaves the bank and pays otherwise": (leaves_the_bank_and_pays_otherwise, 4),
    "leaves the bank and cancels": (leaves_the_bank_and_cancels, 4),
    "cancels at once": (cancels_at_once, 10),
    "cancels when paid": (cancels_when_paid, 7),
    "cancels while it is picked": (cancels_while_it_is_picked, 4),
    "is refunded": (is_refunded, 7),
    "is refunded in parts": (is_refunded_in_parts, 4),
    "is refunded in the dashboard": (is_refunded_in_the_dashboard, 3),
    "disputes": (disputes, 5),
    "is debited": (is_debited, 6),
}
