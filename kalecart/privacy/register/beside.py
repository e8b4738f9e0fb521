"""What is kept outside the tables: keys in Valkey, cookies, files, and why each may be there."""

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

# By their path in the data folder of a shop. What the database writes there is told column by column.
FILES: Final = (
    Beside(
        name="logs",
        pattern=r"(.*/)?[^/]*\.log(\.\d+)?",
        says="What the shop's processes say",
        why="numbers of ours, codes and counts: a field that could hold a person is dropped before it is written",
        ends="as the host rotates them",
    ),
    Beside(
        name="database",
        pattern=r"postgres(\.elsewhere|/.*)?",
        says="PostgreSQL's own files",
        why="the register says it of every column",
        ends="column by column",
    ),
    Beside(
        name="hints",
        pattern=r"valkey/.*",
        says="Valkey's own files",
        why="the register says it of every key",
        ends="key by key",
    ),
    Beside(
        name="master keys",
        pattern=r"secrets/[^/]+\.key",
        says="What the keys of people are wrapped by",
        why="random; kept from the database and from its backups, which are noise without it",
        ends="when a newer one has taken its place and the owner retires it",
    ),
    Beside(
        name="log-ins of processes",
        pattern=r"secrets/passwords\.json",
        says="Random passwords of the database's log-ins, of Valkey and of the stand-in for Stripe",
        why="random, and nobody's",
        ends="with the shop",
    ),
    Beside(
        name="backups",
        pattern=r"(.*/)?(shop\.dump|keys\.jsonl|manifest\.json)",
        says="Copies of the database, and apart from them of the keys",
        why="what is personal is sealed, and a copy of the keys without yours cannot open it",
        ends="when the horizon that the backup states is over",
    ),
    Beside(
        name="tombstones",
        pattern=r"(.*/)?tombstones\.jsonl",
        says="Numbers of erased people, outside the database",
        why="a number that leads to nobody any more; it keeps an older copy of the shop from bringing them back",
        ends="never: it is what keeps the erased erased",
    ),
    Beside(
        name="anchors",
        pattern=r"(.*/)?anchors\.jsonl",
        says="Marks of the audit trail, outside the database",
        why="an instant, a count and a hash over lines that name nobody",
        ends="never: they show that no line of the trail was changed",
    ),
    Beside(
        name="demonstration",
        pattern=r"demo\.json",
        says="Log-ins of the people of a demonstration",
        why="made up, and the same in every copy of the shop",
        ends="with the shop; there is none where it is no demonstration",
    ),
    Beside(
        name="stand-in",
        pattern=r"stripesim\.jsonl",
        says="What the stand-in for Stripe was told",
        why="it answers in Stripe's place in a demonstration, where nobody should shop under their own name",
        ends="with the shop; there is none where Stripe itself is used",
    ),
    Beside(
        name="machinery",
        pattern=r"(ports|running)\.json|kale\.lock",
        says="Ports and process numbers of a running shop",
        why="numbers of the machine's",
        ends="with the next start",
    ),
)
