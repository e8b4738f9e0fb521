"""Write down that a paper lies in a cabinet, what it is, and until when (C8)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from kalecart import audit
from kalecart.clock import Clock, shop_date
from kalecart.customers.problems import Problems
from kalecart.database import Database, Tx
from kalecart.ids import new_id, new_order_number
from kalecart.paper import reads, store
from kalecart.paper.category import Category
from kalecart.paper.item import CabinetId, Paper, PaperId, day_of, longest_until
from kalecart.paper.store import Column
from kalecart.staff.member import StaffMember
from kalecart.vault import Vault

Whom = tuple[Column, UUID] | None


@dataclass(frozen=True, kw_only=True)
class Filed:
    """What is put where. `keep_until` is the day on which it is to be shredded, None for what the rule says; `about`
    the number of a complaint or a request, or an e-mail address, and empty where nobody is meant; `id` what the form
    gives it, if it came by one."""

    what: str
    cabinet_id: UUID | None
    keep_until: date | None = None
    about: str = field(repr=False, default="")
    id: UUID | None = None


async def file(asked: Filed, *, by: StaffMember, db: Database, vault: Vault, clock: Clock) -> Paper:
    """The paper; the same one for the same `id`. Raises RoleForbids, and Invalid with every field's problem."""
    by.require("paper:keep")
    now = clock.now()
    async with db.transaction() as tx:
        if asked.id is not None and await store.filed_before(tx, asked.id):
            return await reads.find(tx, PaperId(asked.id))
        whom = await reads.person_named(tx, asked.about, vault) if asked.about.strip() else None
        return await put(tx, asked, whom, by=by, now=now)


async def put(tx: Tx, asked: Filed, whom: Whom, *, by: StaffMember, now: datetime) -> Paper:
    """The same in the transaction of what the paper came with. `whom` is whom it is about."""
    by.require("paper:keep")
    problems = Problems()
    known = {each.id for each in await reads.cabinets(tx)}
    if asked.cabinet_id not in known:
        problems.refuse("/cabinet_id", "Choose the cabinet it lies in.")
    if asked.about.strip() and whom is None:
        problems.refuse("/about", "Nobody is known by this number or address. Leave it empty if it is about nobody.")
    until = _until(asked, problems, now=now)
    problems.raise_any()
    assert asked.cabinet_id is not None
    assert until is not None
    paper = Paper(
        id=PaperId(asked.id or new_id()),
        number=new_order_number(),
        what=Category(asked.what),
        cabinet_id=CabinetId(asked.cabinet_id),
        filed_at=now,
        filed_by=by.id,
        keep_until=day_of(until),
    )
    await store.add(tx, paper, person=whom)
    await on_record(tx, "paper_filed", paper, by, now=now, cabinet=paper.cabinet_id)
    return paper


def _until(asked: Filed, problems: Problems, *, now: datetime) -> date | None:
    """The day on which it is to be shredded; None, with the problem noted, where there is none."""
    if asked.what not in set(Category):
        problems.refuse("/what", "Choose what it is.")
        return None
    what = Category(asked.what)
    longest = longest_until(what, now)
    if asked.keep_until is None and not what.rule.derived:
        problems.refuse("/keep_until", "Say until when it is needed: there is no rule for this kind of paper.")
        return None
    until = asked.keep_until or longest
    if not shop_date(now) < until <= longest:
        problems.refuse("/keep_until", f"Choose a day after today and not after {longest.isoformat()}.")
        return None
    return until


Act = Literal["paper_filed", "paper_moved", "paper_shredded"]


async def on_record(tx: Tx, act: Act, paper: Paper, by: StaffMember, *, now: datetime, **detail: audit.Fact) -> None:
    await audit.record(tx, act, by=audit.by_staff(by.id), subject=("paper", paper.id), now=now, detail=detail)
