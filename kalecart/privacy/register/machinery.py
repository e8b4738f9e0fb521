"""What keeps the shop running: it names work by numbers of ours, and nobody."""

from typing import Final

from kalecart.privacy.register.entry import Entry, NotPersonal, Number, Table
from kalecart.privacy.subject import Part


def _none(why: str, names: str) -> dict[str, Entry]:
    return {name: NotPersonal(why) for name in names.split()}


# What `kalecart.jobs` may carry.
_ARGUMENTS: Final = {
    "order_id": "a number of ours",
    "refund_id": "a number of ours",
    "request_id": "a request",
    "method_id": "a number of ours",
    "customer_id": "a number of ours",
    "erasure_id": "a number of ours",
    "source_id": "a number of ours",
    "export_id": "a number of ours",
    "survey_id": "a number of ours",
    "event_id": "a number of Stripe's",
    "subject": "a number of ours",
    "kind": "a kind of letter",
    "occasion": "a number, a month or an instant",
    "attempt": "counts",
    "number": "counts",
    "cause": "a code or a number",
    "slot": "a span of time",
    "quarter": "a quarter of the calendar",
    "question": "what was asked about many people",
    "day": "a day of the calendar",
    "look": "counts",
}

TABLES: Final = (
    Table(
        name="task",
        says="Work that was promised",
        columns={
            **_none(
                "how a piece of work goes on",
                "id topic state due_at attempts unanswered lapses lease lease_until pushed_at pushes promised_at"
                " ended_at",
            ),
            "key": NotPersonal("a topic and numbers of ours"),
            "arguments": NotPersonal("numbers of ours; what they name has its own entries", keys=_ARGUMENTS),
            "last_error": NotPersonal("the kind of an error, never its message"),
        },
    ),
    Table(
        name="paused_topic",
        says="Work that staff paused",
        acts=("topic", "paused_at"),
        did="Work that you paused",
        key="topic",
        columns={
            "topic": NotPersonal("a kind of work"),
            "paused_at": NotPersonal("when"),
            "paused_by": Number(names="staff", part=Part.ACTOR),
        },
    ),
    Table(
        name="alert",
        says="What somebody should look at",
        columns=_none("a kind of trouble and a number of ours", "id kind subject raised_at resolved_at"),
    ),
    Table(
        name="control_run",
        says="Trials of the shop's safeguards",
        columns=_none("that a safeguard was tried, and what was found, in figures", "id control ran_at passed detail"),
    ),
    Table(
        name="timed_run",
        says="Slots of the timetable",
        key="slot",
        columns=_none("what the clock asked for", "job slot ran_at taken_by"),
    ),
    Table(
        name="heartbeat",
        says="Processes",
        key="name",
        columns=_none("a process of the shop's", "name beat_at mode seen_at"),
    ),
    Table(
        name="inbound_message",
        says="Messages that were read from the mailbox",
        columns=_none(
            "that a message was read, by a hash that only we can make; what it says is with its complaint",
            "id key_hash outcome read_at",
        ),
    ),
    Table(
        name="alembic_version",
        says="The schema's revision",
        key="version_num",
        columns=_none("a revision of the schema", "version_num"),
    ),
)
