"""The words of each kind of message: `templates/KIND.txt` and `KIND.html`. The only module that knows Jinja here.

Templates live in the centre because two shells need them: workers send letters, the console shows them. The first line
of the text is the subject.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from kalecart.clock import SHOP_ZONE
from kalecart.complaints.complaint import FILES_MAX, PAPER_BYTES_MAX, WHOLE_BYTES_MAX
from kalecart.jobs import MailKind
from kalecart.money import dollars
from kalecart.policy.contact import CONTACT
from kalecart.windows.window import label

TEMPLATES: Final = Path(__file__).parent / "templates"
WIDTH: Final = 60
MB: Final = 1024 * 1024
# Of what comes with an e-mail: files, and MB of one and of the whole.
MOST: Final = {"file": PAPER_BYTES_MAX // MB, "files": FILES_MAX, "message": WHOLE_BYTES_MAX // MB}


class Words(TypedDict):
    subject: str
    text: str
    html: str


def written(kind: MailKind, facts: Mapping[str, Any]) -> Words:
    """Subject, text and HTML of a message. A fact that a template asks for and is not given is a bug, and no blank."""
    env = _environment()
    given = {**facts, "name": " ".join(str(facts["name"]).split())}
    subject, _, text = env.get_template(f"{kind}.txt").render(given).partition("\n")
    html = env.get_template(f"{kind}.html").render(given, subject=subject)
    return Words(subject=subject, text=text.strip() + "\n", html=html)


@cache
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters |= {"dollars": dollars, "day": day, "calendar": calendar, "row": row}
    shop: dict[str, Any] = {"contact": CONTACT, "window": label, "most": MOST}
    env.globals.update(shop)
    return env


def day(instant: datetime) -> str:
    """`Sunday, November 22, 2026` in the shop's zone."""
    local = instant.astimezone(SHOP_ZONE)
    return f"{local:%A, %B} {local.day}, {local.year}"


def calendar(on: date) -> str:
    """`December 1, 2026`."""
    return f"{on:%B} {on.day}, {on.year}"


def row(left: str, right: str) -> str:
    """A line of a bill in plain text, its amount at the right edge; a long name keeps its words and pushes it out."""
    return left.ljust(WIDTH - len(right) - 1) + " " + right
