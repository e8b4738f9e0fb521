"""The certificate of an erasure: readable by whoever has its address, and about nobody."""

import pytest

from kalecart.errors import NotYet
from kalecart.ids import CustomerId, new_id
from kalecart.privacy.erase import LETTER_WAITS, erase_person
from kalecart.privacy.reads_erasure import erasure_of
from kalecart.privacy.subject import Person
from tests.builders import a_paid_order, a_product, a_shopper, a_window
from tests.web.page import Browser
from tests.web.shop import Shop


async def _erased(shop: Shop, customer_id: CustomerId) -> str:
    """Begun, and gone on with once the letter was waited for long enough; its number."""
    with pytest.raises(NotYet):
        await erase_person(Person.customer(customer_id), None, db=shop.db, clock=shop.runtime.clock)
    shop.runtime.clock.advance(seconds=LETTER_WAITS.total_seconds() + 1)  # ty: ignore[unresolved-attribute]  # a FakeClock
    await erase_person(Person.customer(customer_id), None, db=shop.db, clock=shop.runtime.clock)
    async with shop.db.snapshot() as tx:
        found = await erasure_of(tx, customer_id)
    assert found is not None
    return str(found.id)


async def test_the_certificate_says_what_is_gone_what_is_kept_and_why_and_names_nobody(shop: Shop) -> None:
    now = shop.runtime.clock.now()
    window = await a_window(shop.db, now=now, opens_in=97.5)
    idle = await a_shopper(shop.db, shop.runtime.vault, now=now, window=window)
    await a_product(shop.db, "certified-kale")
    buyer = await a_shopper(shop.db, shop.runtime.vault, now=now, window=window)
    await buyer.puts("certified-kale", 4, now=now)
    await a_paid_order(buyer, 2499, clock=shop.runtime.clock)
    browser = Browser(shop)

    gone = await browser.open(f"/privacy/erasures/{await _erased(shop, idle.customer_id)}")
    waits = await browser.open(f"/privacy/erasures/{await _erased(shop, buyer.customer_id)}")

    assert "the key that opened them was destroyed" in gone.text
    assert "tax law" not in gone.text
    assert "Being erased" in waits.text
    assert "an order is on its way to you" in waits.text
    assert "tax law asks for our books" in waits.text
    for page in (gone, waits):
        assert "after 30 days" in page.text
        assert "shopper@example.com" not in page.html
        assert "A Shopper" not in page.html


async def test_a_certificate_that_is_none_is_not_found(shop: Shop) -> None:
    browser = Browser(shop)

    assert (await browser.open(f"/privacy/erasures/{new_id()}")).status == 404
    assert (await browser.open("/privacy/erasures/not-a-number")).status == 404
