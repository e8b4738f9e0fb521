import io
from typing import Any

import pytest
from rich.console import Console

from bench import report
from bench.failures import failing, failures
from bench.run import machine, summed

MS = {"count": 100, "p50": 10.0, "p90": 15.0, "p99": 20.0, "most": 30.0}


def figures() -> dict[str, Any]:
    """A run in which every aim is reached."""
    return {
        "machine": machine(),
        "seed": 7,
        "a_placing": {
            "ratio": 0.5,
            "orders_per_second": 500.0,
            "pgbench_per_second": 1000.0,
            "failed": 0,
            "clients": 32,
            "drained_per_second": 100.0,
        },
        "b_checkouts": {
            "per_second": 160.0,
            "failed": 0,
            "paid_within_s": 0.3,
            "statements": 12.3,
            "statements_by_role": {"kale_web": 8.0, "kale_worker": 4.2, "kale_scheduler": 0.1},
        },
        "c_paid": {"per_second": 80.0, "unpaid": 0, "stripe_ms": 200, "ours_ms": dict(MS), "failed": 0},
        "d_pages": {"/": {"failed": 0, "latency_ms": dict(MS)}},
        "e_memory": summed({"web": 100.0, "postgres": 150.0, "stripesim": 60.0}),
        "f_crowded": {"share_of_usual": 0.95, "failed": 0, "products": 20, "shoppers": 32},
        "books": {"products_that_do_not_add_up": 0, "paid_orders_without_their_charge": 0},
    }


def payments() -> dict[str, Any]:
    """The same for what payments bear."""
    away = {"per_second": 20.0, "failed": 0, "unpaid": 0, "ms": dict(MS)}
    return {
        "machine": machine(),
        "seed": 7,
        "books": {"products_that_do_not_add_up": 0, "paid_orders_without_their_charge": 0},
        "g_backlog": {"orders": 2000, "failed": 0, "stripe_ms": 300, "per_second": 130.0, "worker_mb": 90.0},
        "h_events": {"events": 600, "debits": 150, "per_second": 50.0, "unsettled": 0, "ms": dict(MS)},
        "i_without_valkey": {"noticing": dict(away), "settled": dict(away)},
    }


def data() -> dict[str, Any]:
    """The same for people's data."""
    return {
        "machine": machine(),
        "seed": 7,
        "books": {"products_that_do_not_add_up": 0, "paid_orders_without_their_charge": 0},
        "k_package": {"orders": 520, "lines": 20, "seconds": [2.5, 2.9], "most_s": 2.9, "records": 16_650},
        "l_requests": {
            "requests": 1000,
            "failed": 0,
            "per_second": 50.0,
            "grows": 0.19,
            "alone_p99_ms": 20.0,
            "beside_p99_ms": 23.8,
            "packages_per_second_beside": 2.0,
            "took_s": 300.0,
        },
        "m_erasure": {"orders": 520, "seconds": [0.5, 0.6], "most_s": 0.6, "failed": 0},
        "n_rotation": {"keys": 100_000, "seconds": 20.0, "failed": 0, "orders_ms": dict(MS)},
        "o_encryption": {"failed": 0, "keys_per_order": 0.0, "using_us": 9.0, "share": 0.0},
        "t_complaints": {
            "open": 100_000,
            "board_ms": {"p50": 40.0, "most": 90.0},
            "all": 100_000,
            "all_s": 60.0,
            "idle_s": 0.01,
            "few": 100,
            "few_s": 0.2,
            "midnight": 20_000,
            "midnight_s": 1.4,
        },
    }


def missed(run: dict[str, Any]) -> list[str]:
    return [line.what for line in report.lines(run) if line.reached is False]


def test_a_run_that_reaches_every_aim_misses_none() -> None:
    assert missed(figures()) == []


@pytest.mark.parametrize(
    ("part", "figure", "value"),
    [
        ("a_placing", "ratio", 0.39),
        ("b_checkouts", "per_second", 149.0),
        ("b_checkouts", "statements", 15.1),
        ("c_paid", "ours_ms", MS | {"p99": 61.0}),
        ("c_paid", "ours_ms", None),
        ("c_paid", "unpaid", 1),
        ("e_memory", "total_mb", 451.0),
        ("f_crowded", "share_of_usual", 0.79),
        ("books", "products_that_do_not_add_up", 1),
    ],
)
def test_an_aim_that_is_missed_is_told(part: str, figure: str, value: Any) -> None:
    run = figures()
    run[part][figure] = value
    assert len(missed(run)) == 1


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("g_backlog", {"per_second": 119.0}),
        ("g_backlog", {"worker_mb": 121.0}),
        ("h_events", {"ms": MS | {"p99": 1001.0}}),
        ("h_events", {"ms": None}),
        ("i_without_valkey", {"settled": {"per_second": 20.0, "failed": 0, "unpaid": 0, "ms": MS | {"p99": 2001.0}}}),
        ("i_without_valkey", {"noticing": {"per_second": 20.0, "failed": 1, "unpaid": 0, "ms": dict(MS)}}),
    ],
)
def test_an_aim_of_payments_that_is_missed_is_told(part: str, change: dict[str, Any]) -> None:
    run = payments()
    assert missed(run) == []

    run[part] |= change

    assert len(missed(run)) == 1


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("k_package", {"most_s": 3.1}),
        ("t_complaints", {"few_s": 2.1}),
        ("t_complaints", {"midnight_s": 2.1}),
        ("t_complaints", {"board_ms": {"p50": 101.0, "most": 110.0}}),
        ("l_requests", {"grows": 0.21}),
        ("m_erasure", {"most_s": 2.1}),
        ("m_erasure", {"failed": 1}),
        ("n_rotation", {"seconds": 60.1}),
        ("o_encryption", {"share": 0.031}),
    ],
)
def test_an_aim_of_peoples_data_that_is_missed_is_told(part: str, change: dict[str, Any]) -> None:
    run = data()
    assert missed(run) == []

    run[part] |= change

    assert len(missed(run)) == 1


def test_a_failure_among_few_products_is_told_twice() -> None:
    run = figures()
    run["f_crowded"]["failed"] = 1
    assert len(missed(run)) == 2


def test_what_was_not_as_expected_is_told_with_its_measurement_and_its_words() -> None:
    run = figures()
    run["d_pages"]["/"] |= {"failed": 2, "failures": ["2 × GET /: 503 instead of 200, /problems/busy: [/]Try again."]}
    run["c_paid"] |= {"unpaid": 1, "unpaid_listed": ["1 × placed, unknown, charge_order dead"]}
    out = io.StringIO()

    report.show(run, Console(file=out, width=300))

    assert failures(run) == 3
    assert list(failing(run)) == [
        ("c_paid: 1 unpaid", "1 × placed, unknown, charge_order dead"),
        ("d_pages /: 2 failed", "2 × GET /: 503 instead of 200, /problems/busy: [/]Try again."),
    ]
    assert "[/]Try again." in out.getvalue()


def test_a_failure_of_which_nothing_was_written_down_says_so() -> None:
    run = payments()
    run["i_without_valkey"]["noticing"]["failed"] = 1
    assert list(failing(run)) == [("i_without_valkey noticing: 1 failed", "nobody wrote down why")]


def test_a_page_that_takes_too_long_is_told() -> None:
    run = figures()
    run["d_pages"]["/"]["latency_ms"]["p99"] = 25.1
    assert missed(run) == ["GET /, p50 / p99"]


def test_memory_that_nobody_tells_is_neither_reached_nor_missed() -> None:
    run = figures() | {"e_memory": summed({})}
    (memory,) = [line for line in report.lines(run) if line.letter == "e"]
    assert memory.reached is None


def test_the_stand_in_for_stripe_is_no_part_of_the_stack() -> None:
    assert figures()["e_memory"]["total_mb"] == 250.0
    assert figures()["e_memory"]["stand_in_mb"] == 60.0


def test_the_table_shows_every_line() -> None:
    out = io.StringIO()
    report.show(figures(), Console(file=out, width=160))
    assert all(line.figure.split("  ")[0] in out.getvalue() for line in report.lines(figures()))
