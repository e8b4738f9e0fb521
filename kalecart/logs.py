"""Structured logs that cannot carry a person: a field that is not on the list below is dropped, and said to be.

An event is a constant string; what varies goes into fields. An exception is logged as its type and the places it
passed through, never its message: drivers and libraries put values into messages.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import Processor

# Ids, counts, codes and names of our own making. A name, an address, an e-mail or a card never fits one of these.
# fmt: off
ALLOWED_FIELDS: Final = frozenset((  # noqa: SIM905  # one word a line would hide the groups
    "event level timestamp process logger error where dropped "
    "address_id attempt_id attempt cart_id customer_id event_id intent_id order_id order_number payment_method_id "
    "request_id staff_id task_id window_id charge_id key job queue slot topic "
    "after bytes code constraint count deadline_s delay_s duration_ms hash host kind limit method path port reason "
    "role route sequence sqlstate state status table total_cents type version"
).split())
# fmt: on


def _keep_allowed(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    dropped = sorted(key for key in entry if key not in ALLOWED_FIELDS and key != "exc_info")
    kept = {key: value for key, value in entry.items() if key not in dropped}
    return kept | ({"dropped": dropped} if dropped else {})


def _places_only(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    caught = entry.pop("exc_info", None)
    if caught is True:
        caught = sys.exc_info()[1]
    elif isinstance(caught, tuple):
        caught = caught[1]
    if isinstance(caught, BaseException):
        entry["error"] = type(caught).__name__
        frames = traceback.extract_tb(caught.__traceback__)[-6:]
        entry["where"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return entry


def _short(filename: str) -> str:
    return "/".join(filename.rsplit("/", 2)[-2:])


def configure(*, process: str, level: str, log_format: str) -> None:
    """Set up logging for this process: JSON lines (or text for a terminal) on standard output."""
    last: Processor = structlog.processors.JSONRenderer(default=str)
    if log_format == "text":
        last = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _places_only,
            _keep_allowed,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    # Libraries log through the standard module, with arguments and bodies in their messages. Only their severity,
    # their name and the place are worth keeping.
    root = logging.getLogger()
    root.handlers = [_NamesOnly()]
    root.setLevel(logging.WARNING)


class _NamesOnly(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        say = log.error if record.levelno >= logging.ERROR else log.warning
        say("library_spoke", logger=record.name, exc_info=record.exc_info)
