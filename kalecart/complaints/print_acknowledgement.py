"""Print the acknowledgement for whoever has no e-mail address: what a letter by mail tells the others (C12, E83)."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from kalecart.clock import Clock, shop_date
from kalecart.complaints import reads
from kalecart.complaints.complaint import Channel, Complaint
from kalecart.complaints.hand_on import on_record, refuse_whom_it_is_about
from kalecart.correspondents import reads as correspondents
from kalecart.database import Database, Tx
from kalecart.errors import NotFound
from kalecart.ids import ComplaintId
from kalecart.policy.contact import CONTACT
from kalecart.staff import reads as staff
from kalecart.staff.designation import Scope
from kalecart.staff.member import StaffMember
from kalecart.typeset import typesetting
from kalecart.vault import Vault

_CAME: Final = {Channel.POST: "by post", Channel.MAIL: "by e-mail", Channel.WEB: "on our website"}
_TYPST: Final = """
#let told = json(bytes(sys.inputs.told))
#set page(paper: "us-letter", margin: (x: 25mm, y: 22mm), footer: context align(center, text(9pt, luma(80))[
  #told.contact.company, #told.contact.street, #told.contact.place
  #h(1em) Complaint #told.number #h(1em) #counter(page).display("1 / 1", both: true)
]))
#set text(size: 11pt, lang: "en")
#set par(justify: false, spacing: 1em)
#set document(title: told.title)
#text(18pt, weight: "bold")[KaleCart]
#v(1.5em)
#for line in told.to [#line #linebreak()]
#v(1.5em)
#told.today
#v(1em)
#heading(level: 1, text(14pt, told.title))
#v(0.5em)
#for line in told.before { par(line) }
#if told.concerns.len() > 0 { enum(..told.concerns) }
#for line in told.after { par(line) }
#v(1em)
#for line in told.signed [#line #linebreak()]
"""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A file, under a name of ours."""

    name: str
    content: bytes = field(repr=False)


async def print_acknowledgement(
    complaint_id: ComplaintId, *, public_url: str, by: StaffMember, db: Database, vault: Vault, clock: Clock
) -> Printed:
    """A PDF. Whoever prints it opens the complaint, and is on record.

    Raises RoleForbids, NotDesignated, AboutYou, and NotFound where none is to be posted.
    """
    by.require("complaints:act")
    now = clock.now()
    async with db.transaction() as tx:
        await staff.require_designated(tx, by, Scope.COMPLAINTS, now=now)
        case = await reads.find(tx, complaint_id)
        refuse_whom_it_is_about(case, by)
        told = await _told(tx, case, vault, public_url=public_url, now=now)
        await on_record(tx, "acknowledgement_printed", case, by, now=now)
    return Printed(name=f"complaint-{case.number}-acknowledgement.pdf", content=await asyncio.to_thread(_pdf, told))


async def _told(tx: Tx, case: Complaint, vault: Vault, *, public_url: str, now: datetime) -> Mapping[str, Any]:
    """What the letter says. Raises NotFound."""
    opened = await reads.opened(tx, case, vault)
    if not case.to_post or case.correspondent_id is None or opened.erased:
        raise NotFound("No acknowledgement of it waits to be printed.")
    name = (await correspondents.reach_of(tx, case.correspondent_id, vault)).name
    lines = [line.strip() for line in opened.postal.splitlines() if line.strip()]
    title = f"We have your complaint {case.number}"
    came = f"Your complaint reached us {_CAME[case.channel]} on {_day(case.received_at)}."
    if opened.text:
        came += " The whole of what you wrote is kept with it."
    return {
        "contact": asdict(CONTACT),
        "number": case.number,
        "to": lines if lines[:1] == [name] else [name, *lines],
        "today": _day(now),
        "title": title,
        "signed": [CONTACT.company] if case.against else [CONTACT.person, CONTACT.company],
        "before": [f"Dear {name},", came, *(["These are the concerns you named:"] if opened.concerns else ())],
        "concerns": list(opened.concerns),
        "after": _goes_on(case, await reads.code_of(tx, case, vault), public_url),
    }


def _goes_on(case: Complaint, code: str, public_url: str) -> list[str]:
    whoever = (
        "Somebody whom it is not about looks into it."
        if case.against
        else f"{CONTACT.person} is responsible for how we handle personal information, and for the answer."
    )
    specifics = (
        "You did not name a specific concern. Please tell us what happened, when, and what you would like us to do. "
        "We are working on it already, and the date stays."
    )
    write = (
        f"To add something, or to ask, write to {CONTACT.person}, {CONTACT.company}, {CONTACT.street}, "
        f"{CONTACT.place}, or to {CONTACT.email}, and give the number {case.number}."
    )
    look = (
        f"You can also see how far it is at {public_url}/complaints/look with the number {case.number} and the code "
        f"{code}. Whoever has both can see that too: keep this letter."
    )
    return [
        f"We look into it and answer you, on paper, by the end of {_day(case.last_day)}. {whoever}",
        *([specifics] if case.specifics_asked_at else ()),
        write,
        look,
    ]


def _day(instant: datetime) -> str:
    day = shop_date(instant)
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"


def _pdf(told: Mapping[str, Any]) -> bytes:
    with typesetting(_TYPST, told) as letter:
        return letter.pdf()
