"""What is kept outside the tables: keys in Valkey, cookies, files. None of it names anybody."""

from typing import Final

from kalecart.privacy.register.entry import Beside

VALKEY: Final = (
    Beside(
        name="hints",
        pattern=r"dramatiq:(__acks__\..+|__heartbeats__|[a-z]+(\.DQ|\.XQ)?(\.msgs)?)",
        says="Numbers of tasks, so that workers hear of them at once",
        why="a task is named by a number of ours",
        ends="when it is taken",
    ),
    Beside(
        name="allowances",
        pattern=r"LIMITS:.*kalecart:[a-z_-]+/[0-9a-f]+/.*",
        says="How often somebody tried to log in, or to do something else that is counted",
        why="kept under a keyed fingerprint or a number of ours, never under an address",
        ends="with the span that is counted, at the latest after a day",
    ),
    Beside(
        name="turns",
        pattern=r"kalecart:\{stripe\}:(front|back|again)",
        says="When Stripe may be asked again",
        why="an instant",
        ends="when it is over",
    ),
)

COOKIES: Final = (
    Beside(
        name="cart",
        pattern=r"(__Host-)?kale_cart",
        says="A random number that finds your cart",
        why="carries no information about anybody (C2)",
        ends="after 30 days, or when you delete it",
    ),
    Beside(
        name="log-in",
        pattern=r"(__Host-)?kale_session",
        says="A random number that finds your log-in",
        why="carries no information about anybody",
        ends="after 30 days, or when you log out",
    ),
    Beside(
        name="log-in of staff",
        pattern=r"(__Host-)?kale_staff",
        says="A random number that finds a log-in of staff",
        why="carries no information about anybody",
        ends="when its session ends, or on logging out",
    ),
)

FILES: Final = (
    Beside(
        name="logs",
        pattern=r".*\.log(\.\d+)?",
        says="What the shop's processes say",
        why="numbers of ours, codes and counts: a field that could hold a person is dropped before it is written",
        ends="as the host rotates them",
    ),
    Beside(
        name="backups",
        pattern=r".*\.dump|keys\.jsonl|manifest\.json",
        says="Copies of the database, and apart from them of the keys",
        why="what is personal is sealed, and a copy of the keys without yours cannot open it",
        ends="when the horizon that the backup states is over",
    ),
    Beside(
        name="tombstones",
        pattern=r"tombstones\.jsonl",
        says="Numbers of erased people, outside the database",
        why="a number that leads to nobody any more; it keeps an older copy of the shop from bringing them back",
        ends="never: it is what keeps the erased erased",
    ),
)
