"""Tries as one process counts them while it is alone."""

from kalecart.allowances import KEYS_LEAST, Allowance, OwnWindow

TWO = Allowance(kind="two", tries=2, seconds=60).item()
LONG = Allowance(kind="long", tries=1, seconds=3_600).item()


class Watch:
    at = 1_000.0

    def __call__(self) -> float:
        return self.at


async def test_a_try_counts_for_as_long_as_its_window_and_the_next_is_due_when_the_oldest_ends() -> None:
    watch = Watch()
    window = OwnWindow(now=watch)
    assert await window.get_window_stats(TWO, "key") == (1_060.0, 2)

    assert await window.hit(TWO, "key")
    watch.at = 1_030.0
    assert await window.hit(TWO, "key")
    assert not await window.test(TWO, "key")
    assert not await window.hit(TWO, "key")
    assert await window.get_window_stats(TWO, "key") == (1_060.0, 0)

    watch.at = 1_060.0
    assert await window.hit(TWO, "key")
    assert not await window.hit(TWO, "key")
    assert await window.get_window_stats(TWO, "key") == (1_090.0, 0)


async def test_a_key_has_its_own_tries_of_each_kind_and_all_of_them_back() -> None:
    window = OwnWindow(now=Watch())
    assert await window.hit(LONG, "key")
    assert not await window.hit(LONG, "key")
    assert await window.hit(LONG, "another")
    assert await window.hit(TWO, "key")

    await window.clear(LONG, "key")
    await window.clear(LONG, "nobody's")

    assert await window.hit(LONG, "key")
    assert not await window.test(LONG, "another")


async def test_whoever_tries_under_many_keys_takes_no_more_room_than_a_window_of_them() -> None:
    watch = Watch()
    window = OwnWindow(now=watch)
    await window.hit(LONG, "long")
    for number in range(10 * KEYS_LEAST):
        watch.at += 0.1
        await window.hit(TWO, f"key {number}")
    assert len(window) <= 2 * KEYS_LEAST
    assert not await window.test(LONG, "long")
