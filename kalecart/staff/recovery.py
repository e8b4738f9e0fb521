"""Codes on paper for who lost everything else: eight, each good once, kept as fingerprints that cannot be read back."""

from collections.abc import Sequence
from datetime import datetime

from kalecart.database import Tx
from kalecart.ids import StaffId, new_code, plain_code
from kalecart.staff import store_factors
from kalecart.staff.one_time_code import RECOVERY_CODES
from kalecart.vault import Vault


def fingerprint(staff_id: StaffId, typed: str, vault: Vault) -> bytes:
    """Keyed: whoever steals the table cannot try codes against it."""
    return vault.blind_index("recovery_code", f"{staff_id}|{plain_code(typed)}")


async def lay_recovery(tx: Tx, staff_id: StaffId, *, vault: Vault, now: datetime) -> Sequence[str]:
    """Fresh ones in place of those before; told this once."""
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    await store_factors.lay_recovery(tx, staff_id, [fingerprint(staff_id, each, vault) for each in codes], now=now)
    return [f"{each[:5]}-{each[5:]}" for each in codes]
