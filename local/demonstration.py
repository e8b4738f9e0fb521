"""The demonstration shop: shelves, delivery windows, the policy, and three people to log in as.

Running it again adds what is missing and changes nothing else.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from kalecart.accounts.log_in import email_index
from kalecart.accounts.sign_up import EmailTaken, SignUp, sign_up
from kalecart.accounts.visit import Visit
from kalecart.allowances import Allowances
from kalecart.catalogue.import_sheet import import_sheet
from kalecart.catalogue.sheet import Sheet, parse
from kalecart.clock import Clock, shop_date
from kalecart.customers.address import Address
from kalecart.policy.publish import publish_policy
from kalecart.staff import reads, reads_training
from kalecart.staff.add import NewStaff, StaffKnown, add_staff
from kalecart.staff.member import StaffMember
from kalecart.staff.rights import Role
from kalecart.staff.train import train
from kalecart.windows.open import open_windows
from local.owner import Owner
from local.program import ROOT, CannotStart

CATALOGUE: Final = ROOT / "local" / "shop" / "catalogue.csv"


@dataclass(frozen=True, kw_only=True)
class DemonstrationLogIn:
    """Known to everybody who can read this file: there is one only where the shop is a demonstration."""

    role: str
    email: str
    password: str


SHOPPER: Final = DemonstrationLogIn(role="shopper", email="shopper@example.com", password="crisp lacinato morning")  # noqa: S106  # meant to be known
MANAGER: Final = DemonstrationLogIn(role="manager", email="manager@example.com", password="ledger under the beets")  # noqa: S106  # meant to be known
PICKER: Final = DemonstrationLogIn(role="orders", email="orders@example.com", password="carry the celery home")  # noqa: S106  # meant to be known
ADMINISTRATOR: Final = DemonstrationLogIn(role="privacy", email="privacy@example.com", password="seal the pantry door")  # noqa: S106  # meant to be known
NAMES: Final = {
    SHOPPER: "Sam Shopper",
    MANAGER: "Morgan Manager",
    PICKER: "Olive Orders",
    ADMINISTRATOR: "Perry Privacy",
}


async def seed(owner: Owner, *, clock: Clock) -> list[DemonstrationLogIn]:
    """Fill the shop; returns the log-ins that exist for the demonstration."""
    await publish_policy(db=owner.db, clock=clock)
    await import_sheet(read_sheet(CATALOGUE), db=owner.db)
    await open_windows(None, db=owner.db, clock=clock)
    if not owner.settings.demo:
        return []
    await _sign_up_shopper(owner, clock)
    for log_in in (MANAGER, PICKER, ADMINISTRATOR):
        await _add_staff(log_in, owner, clock)
    await _train_staff(owner, clock)
    return [SHOPPER, MANAGER, PICKER, ADMINISTRATOR]


def read_sheet(path: Path) -> Sheet:
    """The sheet that comes with the shop. One that cannot be imported says why, by its first bad line."""
    try:
        sheet = parse(path.read_bytes())
    except OSError:
        raise CannotStart(f"{path} cannot be read.") from None
    if sheet.problems:
        first = sheet.problems[0]
        raise CannotStart(f"{path}, line {first.line}, {first.column or 'the line'}: {first.reason}")
    return sheet


async def _sign_up_shopper(owner: Owner, clock: Clock) -> None:
    asked = SignUp(
        name=NAMES[SHOPPER],
        email=SHOPPER.email,
        phone="(213) 555-0142",
        address=Address(street="1200 W 7th St", unit="Apt 4", city="Los Angeles", state="CA", postal_code="90017"),
        password=SHOPPER.password,
        payment_and_delivery=True,
    )
    allowances = Allowances(owner.settings.valkey_url.get_secret_value())
    try:
        await sign_up(
            asked,
            Visit(origin="seed"),
            db=owner.db,
            vault=owner.vault,
            clock=clock,
            terms=owner.settings.terms,
            allowances=allowances,
        )
    except EmailTaken:
        return
    finally:
        await allowances.close()


async def _add_staff(log_in: DemonstrationLogIn, owner: Owner, clock: Clock) -> None:
    asked = NewStaff(name=NAMES[log_in], email=log_in.email, password=log_in.password, role=Role(log_in.role))
    try:
        await add_staff(asked, db=owner.db, vault=owner.vault, clock=clock)
    except StaffKnown:
        return


async def _train_staff(owner: Owner, clock: Clock) -> None:
    """The console stays open to whoever looks around: who has no training that counts gets one today."""
    async with owner.db.snapshot() as tx:
        found = await reads_training.standings(tx)
        manager = await reads.ever(tx, email_index(MANAGER.email, owner.vault))
    now = clock.now()
    if manager is not None:
        by = StaffMember(id=manager, role=Role.MANAGER)
        for each in found:
            if each.trained.until is None or each.trained.lapsed(now):
                await train(each.staff_id, shop_date(now), by=by, db=owner.db, clock=clock)


def write_log_ins(path: Path, log_ins: Iterable[DemonstrationLogIn]) -> None:
    """Whole or not at all: where the file is, the shop is filled."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(json.dumps([asdict(log_in) for log_in in log_ins], indent=2) + "\n")
    draft.chmod(0o600)
    draft.replace(path)
