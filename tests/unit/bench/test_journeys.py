"""Whoever shops in a measurement shops as people do."""

import asyncio
import json
from collections import Counter
from typing import cast

import pytest

from bench.connection import Answer, Connection
from bench.journeys import Checkout, Failed, ask, why
from bench.shopper import Shopper

CART = b'{"version": 6, "quote": {"total_cents": 2500}}'


class Shop:
    """Answers what a checkout wants to hear, a while later, and counts who is shopping."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.orders = 0

    async def ask(self, sent: bytes) -> Answer:
        head = sent.decode()
        who = head.partition("kale_session=")[2].partition("\r\n")[0].partition(";")[0]
        if head.startswith("PUT") and "kale_cart" not in head:
            self.now[who] += 1
            self.most[who] = max(self.most[who], self.now[who])
        await asyncio.sleep(0)
        if not head.startswith("POST"):
            return Answer(200, b"HTTP/1.1 200 OK\r\nSet-Cookie: kale_cart=token; Path=/", CART)
        self.now[who] -= 1
        self.orders += 1
        return Answer(202, b"", b"")


async def test_nobody_shops_twice_at_once() -> None:
    shop = Shop()
    shoppers = [Shopper(customer=f"c{number}", session=f"s{number}", card=f"p{number}") for number in range(2)]
    journey = Checkout(host="x", shoppers=shoppers, skus=list("abcdef"), windows=["w"], seed=7, run="run")

    await asyncio.gather(*(journey(cast("Connection", shop), number) for number in range(6)))

    assert shop.orders == 6
    assert shop.most == {"s0": 1, "s1": 1}


class Refusing:
    def __init__(self, body: bytes) -> None:
        self.body = body

    async def ask(self, _sent: bytes) -> Answer:
        return Answer(503, b"", self.body)


async def test_failures_of_one_kind_are_told_in_the_same_words() -> None:
    told = []
    for instance in ("urn:kalecart:problem:1", "urn:kalecart:problem:2"):
        about = {"type": "/problems/busy", "title": "Busy.", "status": 503, "detail": "Later.", "instance": instance}
        with pytest.raises(Failed) as failed:
            await ask(
                cast("Connection", Refusing(json.dumps(about).encode())), b"GET /cart HTTP/1.1\r\n\r\n", expect=200
            )
        told.append(str(failed.value))
    assert told == ["GET /cart: 503 instead of 200, /problems/busy: Later."] * 2


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"7", b"{}", b"\xff"])
def test_an_answer_that_is_no_problem_document_is_told_as_it_came(body: bytes) -> None:
    assert why(body) == repr(body)
