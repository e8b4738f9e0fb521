"""The log is read by many: no person gets into it, whatever is passed to it by mistake."""

import contextlib
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from kalecart import logs
from kalecart.logs import ALLOWED_FIELDS

CANARY = "ana.lima@example.com"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged meanwhile. The logging of the whole process is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    with contextlib.redirect_stdout(io.StringIO()) as output:
        logs.configure(process="test", level="info", log_format="json")
    yield output
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


@pytest.fixture
def lines(written: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_line_says_what_when_how_bad_and_which_process(lines: Lines) -> None:
    structlog.get_logger().info("order_placed", order_id="0192")

    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "order_placed", "level": "info", "process": "test", "order_id": "0192"}


def test_a_field_that_is_not_on_the_list_is_dropped_and_named(lines: Lines) -> None:
    structlog.get_logger().info("signed_up", customer_id="0192", email=CANARY, address=CANARY)

    (line,) = lines()
    assert line["dropped"] == ["address", "email"]
    assert CANARY not in json.dumps(line)


def test_a_field_bound_to_the_context_is_held_to_the_same_list(lines: Lines) -> None:
    structlog.contextvars.bind_contextvars(customer_id="0192", phone=CANARY)
    structlog.get_logger().warning("card_declined", code="insufficient_funds")

    (line,) = lines()
    assert line["dropped"] == ["phone"]
    assert (line["customer_id"], line["code"]) == ("0192", "insufficient_funds")
    assert CANARY not in json.dumps(line)


def fails(words: str) -> None:
    raise RuntimeError(words) from ValueError(words)


def test_an_exception_is_its_type_and_its_places_but_never_its_message(lines: Lines) -> None:
    try:
        fails(CANARY)
    except RuntimeError:
        structlog.get_logger().exception("task_broke", task_id="0192")

    (line,) = lines()
    assert line["error"] == "RuntimeError"
    assert re.fullmatch(r"kernel/test_logs\.py:\d+ fails", line["where"][-1])
    assert CANARY not in json.dumps(line)


@pytest.mark.parametrize("shape", [lambda e: e, lambda e: (type(e), e, e.__traceback__)], ids=["itself", "as a triple"])
def test_an_exception_may_be_given_in_any_of_its_shapes(lines: Lines, shape: Callable[[Exception], Any]) -> None:
    try:
        fails(CANARY)
    except RuntimeError as error:
        structlog.get_logger().error("task_broke", exc_info=shape(error))

    (line,) = lines()
    assert line["error"] == "RuntimeError"
    assert CANARY not in json.dumps(line)


def test_a_library_that_logs_a_value_is_heard_without_its_words(lines: Lines) -> None:
    logging.getLogger("asyncpg.pool").warning("could not insert %s", CANARY)

    (line,) = lines()
    assert (line["event"], line["logger"], line["level"]) == ("library_spoke", "asyncpg.pool", "warning")
    assert CANARY not in json.dumps(line)


def test_a_librarys_exception_loses_its_message_too(lines: Lines) -> None:
    try:
        fails(CANARY)
    except RuntimeError:
        logging.getLogger("aiohttp.server").exception("while serving %s", CANARY)

    (line,) = lines()
    assert (line["level"], line["error"]) == ("error", "RuntimeError")
    assert CANARY not in json.dumps(line)


def test_what_a_library_says_quietly_is_not_kept(lines: Lines) -> None:
    logging.getLogger("asyncpg.pool").info("connected to %s", CANARY)

    assert lines() == []


def test_below_the_level_asked_for_nothing_is_written(lines: Lines) -> None:
    structlog.get_logger().debug("order_placed", order_id="0192")

    assert lines() == []


def test_a_terminal_gets_text_by_the_same_rules(written: io.StringIO) -> None:
    with contextlib.redirect_stdout(written):
        logs.configure(process="test", level="info", log_format="text")
    structlog.get_logger().info("signed_up", customer_id="0192", email=CANARY)

    assert "signed_up" in written.getvalue()
    assert CANARY not in written.getvalue()


def test_the_list_of_fields_has_no_free_text() -> None:
    assert (
        ALLOWED_FIELDS & {"message", "text", "body", "detail", "value", "data", "query", "sql", "user", "ip"} == set()
    )
