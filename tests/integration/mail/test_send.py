"""One message, one e-mail: whatever the mail server says, wherever a run ends, however often it is repeated (E39)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kalecart.customers.correction import CheckWhy
from kalecart.customers.reads import open_checks
from kalecart.ids import new_id
from kalecart.jobs import MailKind
from kalecart.mail.message import KEEP_TRYING, TELL_AFTER
from kalecart.mail.smtp import AT_ONCE_MAX, SmtpPostman
from tests.clock import FakeClock
from tests.integration.mail.conftest import Desk
from tests.post_office import HANG_UP, PostOffice

NOBODY = SmtpPostman("smtp://127.0.0.1:1", sender="KaleCart <receipts@shop.example>")


async def test_a_receipt_says_what_was_paid_how_and_when_it_comes(desk: Desk, office: PostOffice) -> None:
    await desk.sends()

    (letter,) = office.letters
    text, html = (part.get_content() for part in letter.iter_parts())
    assert office.envelopes == [("MAIL", "<receipts@shop.example>"), ("RCPT", "<shopper@example.com>")]
    assert letter["From"] == "KaleCart <receipts@shop.example>"
    assert letter["To"] == "shopper@example.com"
    assert letter["Subject"].startswith("Receipt for order ")
    for part in (text, html):
        assert "A Shopper" in part
        assert "4 × Kale" in part
        assert "$24.99" in part
        assert "VISA ending 4242" in part
        assert "Tuesday, November 3, 2026, 10:00 AM–12:00 PM" in part
        assert f"https://shop.example/orders/{desk.order_id}" in part
        assert "460 S. Spring St. #913" in part
    assert "Total                                                 $24.99\n\nPaid with" in text.replace("\r\n", "\n")
    assert await desk.states() == ["sent"]


async def test_the_confirmation_e_mail_task_runs_twice_and_one_e_mail_goes_out(desk: Desk, office: PostOffice) -> None:
    task_id = await desk.promise()

    await asyncio.gather(*(desk.work(task_id) for _ in range(4)))
    await desk.repeat(task_id)

    assert len(office.letters) == 1
    assert await desk.states() == ["sent"]


async def test_two_runs_at_the_same_moment_send_one_e_mail(desk: Desk, office: PostOffice) -> None:
    """The first was frozen past its lease while the mail server had its text already."""
    office.open.clear()
    task_id = await desk.promise()
    first = asyncio.create_task(desk.work(task_id))
    await asyncio.wait_for(office.arrived.wait(), 120)

    await desk.repeat(task_id)
    assert await desk.states() == ["unknown"]
    office.open.set()
    await first

    assert len(office.letters) == 1
    assert await desk.states() == ["sent"]


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_a_mail_server_that_says_later_is_asked_later(
    desk: Desk, office: PostOffice, clock: FakeClock, step: str
) -> None:
    office.answers = {step: "451 4.3.0 shopper@example.com must wait", "HELO": "451 later"}
    task_id = await desk.promise()

    await desk.work(task_id)

    assert await desk.task_state(task_id) == ("pending", clock.now() + timedelta(seconds=1))
    (row,) = await desk.rows()
    assert (row.state, row.attempts, row.code) == ("waiting", 1, "451")
    office.answers = {}
    clock.advance(seconds=1)
    await desk.work(task_id)
    assert len(office.letters) == 1
    assert await desk.states() == ["sent"]
    assert await desk.alerts() == set()


@pytest.mark.parametrize("step", ["RCPT", "."])
async def test_a_recipient_or_a_text_that_is_refused_fails_once_and_staff_are_told(
    desk: Desk, office: PostOffice, step: str
) -> None:
    office.answers = {step: "550 5.1.1 nobody of that name"}
    task_id = await desk.promise()

    await desk.work(task_id)
    await desk.repeat(task_id)

    (row,) = await desk.rows()
    assert (row.state, row.code) == ("failed", "550")
    assert await desk.alerts() == {"mail_failed"}
    assert (await desk.task_state(task_id))[0] == "done"
    assert office.letters == []


async def test_a_log_in_or_sender_the_server_refuses_is_ours_to_mend_and_loses_no_message(
    desk: Desk, office: PostOffice
) -> None:
    office.answers = {"MAIL": "550 5.7.1 not your domain"}
    task_id = await desk.promise()

    await desk.work(task_id)

    assert await desk.states() == ["waiting"]
    assert (await desk.task_state(task_id))[0] == "pending"


async def test_a_server_that_hangs_up_after_the_text_may_have_taken_it_so_it_is_not_sent_again(
    desk: Desk, office: PostOffice
) -> None:
    office.answers = {".": HANG_UP}
    task_id = await desk.promise()
    await desk.work(task_id)
    office.answers = {}

    await desk.repeat(task_id)

    assert await desk.states() == ["unknown"]
    assert await desk.alerts() == {"mail_unknown"}
    assert len(office.letters) == 1


async def test_a_worker_that_died_while_sending_leaves_a_message_that_is_not_sent_again(
    desk: Desk, office: PostOffice
) -> None:
    office.answers = {"RCPT": "451 later"}
    task_id = await desk.promise()
    await desk.work(task_id)
    await desk.run("UPDATE mail SET state = 'sending'")
    office.answers = {}

    await desk.repeat(task_id)

    assert await desk.states() == ["unknown"]
    assert await desk.alerts() == {"mail_unknown"}
    assert office.letters == []


async def test_a_mail_server_that_is_away_is_told_to_staff_and_given_up_after_days(
    desk: Desk, clock: FakeClock
) -> None:
    away = replace(desk.runtime, postman=NOBODY)
    task_id = await desk.promise()
    await desk.work(task_id, away)
    assert await desk.alerts() == set()
    clock.advance(seconds=TELL_AFTER.total_seconds())
    await desk.work(task_id, away)
    assert (await desk.states(), await desk.alerts()) == (["waiting"], {"mail_away"})
    clock.advance(seconds=KEEP_TRYING.total_seconds())

    await desk.work(task_id, away)

    assert await desk.states() == ["failed"]
    assert await desk.alerts() == {"mail_away", "mail_failed"}
    assert (await desk.task_state(task_id))[0] == "done"


async def test_once_mail_flows_again_nobody_is_told_any_more_that_it_does_not(desk: Desk, clock: FakeClock) -> None:
    task_id = await desk.promise()
    clock.advance(seconds=TELL_AFTER.total_seconds())
    await desk.work(task_id, replace(desk.runtime, postman=NOBODY))
    assert await desk.alerts() == {"mail_away"}
    clock.advance(minutes=1)

    await desk.work(task_id)

    assert (await desk.states(), await desk.alerts()) == (["sent"], set())


async def test_a_mail_server_that_hangs_does_not_hold_every_worker(desk: Desk, office: PostOffice) -> None:
    office.open.clear()
    promised = [await desk.promise(occasion=str(number)) for number in range(AT_ONCE_MAX + 2)]
    running = [asyncio.create_task(desk.work(task_id)) for task_id in promised]

    async with asyncio.timeout(120):
        while sum(each.done() for each in running) < 2:
            await asyncio.wait({each for each in running if not each.done()}, return_when=asyncio.FIRST_COMPLETED)
    office.open.set()
    await asyncio.gather(*running)
    states = [(await desk.task_state(task_id))[0] for task_id in promised]
    assert states.count("pending") == 2
    assert len(office.letters) == AT_ONCE_MAX


async def test_without_a_mail_server_a_message_is_held_and_no_later_server_sends_it(
    desk: Desk, office: PostOffice
) -> None:
    task_id = await desk.promise()
    await desk.work(task_id, desk.without_a_server)
    assert (await desk.task_state(task_id))[0] == "done"

    await desk.repeat(task_id)

    assert await desk.states() == ["held"]
    assert office.letters == []


async def test_a_message_that_waits_is_held_when_the_mail_server_is_taken_away(desk: Desk, office: PostOffice) -> None:
    office.answers = {"RCPT": "451 later"}
    task_id = await desk.promise()
    await desk.work(task_id)

    await desk.repeat(task_id, desk.without_a_server)

    assert await desk.states() == ["held"]


async def test_a_message_about_nothing_is_not_written(desk: Desk, office: PostOffice) -> None:
    for runtime in (desk.runtime, desk.without_a_server):
        task_id = await desk.promise(subject=new_id())
        await desk.work(task_id, runtime)
        assert (await desk.task_state(task_id))[0] == "done"

    assert await desk.rows() == []
    assert office.letters == []


@pytest.mark.parametrize(
    "kind", [MailKind.PAYMENT_DECLINED, MailKind.PAYMENT_ACTION_NEEDED, MailKind.ORDER_CANCELLED], ids=str
)
async def test_news_that_is_out_of_date_is_not_sent(desk: Desk, office: PostOffice, kind: MailKind) -> None:
    """The order was paid while the message waited."""
    await desk.sends(kind)

    assert await desk.states() == ["unneeded"]
    assert office.letters == []


async def test_a_declined_card_is_told_with_the_banks_reason_and_where_to_pay(desk: Desk, office: PostOffice) -> None:
    await desk.run("UPDATE customer_order SET status = 'placed', paid_at = NULL")
    await desk.run("UPDATE payment_intent SET status = 'declined'")
    await desk.run("UPDATE attempt SET state = 'declined', decline_code = 'insufficient_funds'")

    await desk.sends(MailKind.PAYMENT_DECLINED, occasion="1")

    text = office.letters[0].get_body(("plain",)).get_content()  # ty: ignore[unresolved-attribute]
    assert "There was not enough money on the card. Nothing was taken." in text
    assert f"https://shop.example/orders/{desk.order_id}" in text


async def test_a_refund_is_told_with_its_lines_and_reason_and_another_refund_again(
    desk: Desk, office: PostOffice
) -> None:
    refunds = [await desk.gives_back("missing", kale=cents) for cents in (500, 498)]
    failed = await desk.gives_back("goodwill", state="failed")

    for refund in (*refunds, refunds[0], failed):
        await desk.sends(MailKind.REFUND_RECEIPT, occasion=str(refund))

    first, second = (letter.get_body(("plain",)).get_content() for letter in office.letters)  # ty: ignore[unresolved-attribute]
    assert "giving you $5.00 back" in first
    assert "something you ordered was missing" in first
    assert "1 × Kale" in first
    assert "VISA ending 4242" in first
    assert "giving you $4.98 back" in second
    assert await desk.states() == ["sent", "sent", "unneeded"]


async def test_a_bank_that_wants_a_confirmation_is_told_of_and_a_cancelled_order_too(
    desk: Desk, office: PostOffice
) -> None:
    await desk.run("UPDATE customer_order SET status = 'placed', paid_at = NULL")
    await desk.run("UPDATE payment_intent SET status = 'action_needed'")
    await desk.sends(MailKind.PAYMENT_ACTION_NEEDED, occasion="1")
    await desk.run("UPDATE customer_order SET status = 'cancelled', cancelled_at = placed_at")

    await desk.sends(MailKind.ORDER_CANCELLED)

    asked, cancelled = (letter.get_body(("plain",)).get_content() for letter in office.letters)  # ty: ignore[unresolved-attribute]
    assert "your bank wants you to confirm the payment of $24.99" in asked
    assert "nothing will be delivered" in cancelled
    assert "It was not charged" in cancelled


async def test_a_card_that_expires_is_told_once_for_each_date(desk: Desk, office: PostOffice) -> None:
    card = {"subject": desk.shopper.card}

    await desk.sends(MailKind.CARD_EXPIRING, **card, occasion="12/2030")
    await desk.sends(MailKind.CARD_EXPIRING, **card, occasion="01/2027")

    assert [letter["Subject"] for letter in office.letters] == ["Your card ending 4242 expires soon"]
    assert await desk.states() == ["sent", "unneeded"]
    assert (await desk.rows())[0].order_id is None


async def test_nothing_of_the_customer_is_kept_with_the_message(desk: Desk, office: PostOffice) -> None:
    office.answers = {"RCPT": "550 shopper@example.com A Shopper unknown"}

    await desk.sends()

    kept = " ".join(str(value) for row in await desk.rows() for value in row)
    assert "hopper" not in kept


async def test_a_letter_that_came_back_asks_its_customer_whether_the_address_is_still_right(
    desk: Desk, office: PostOffice
) -> None:
    office.answers = {"RCPT": "550 unknown"}

    await desk.sends()

    async with desk.db.snapshot() as tx:
        asked = await open_checks(tx, desk.shopper.customer_id)
    assert asked == [CheckWhy.MAIL_FAILED]
