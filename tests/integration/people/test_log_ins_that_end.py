"""Log-ins of who works here that end while they are used, or were let in with too little (C8)."""

import asyncio
from types import NoneType

import pytest

from kalecart.accounts.log_in import WrongLogIn
from kalecart.customers.passwords import hash_password
from kalecart.staff import store, store_factors
from kalecart.staff.add_key import add_key, ask_for_new_key
from kalecart.staff.ceremony import KeyRefused
from kalecart.staff.change_password import change_staff_password
from kalecart.staff.change_role import change_role
from kalecart.staff.drop_factor import remove_code, remove_key
from kalecart.staff.log_in import log_out_staff
from kalecart.staff.make_recovery import make_recovery
from kalecart.staff.reads_factors import Factors, passkeys
from kalecart.staff.reset_factors import reset_factors
from kalecart.staff.rights import Role
from kalecart.staff.set_code import begin_code, confirm_code
from kalecart.staff.still_here import LogInEnded
from tests.desk import SITE, Office, a_device, hired
from tests.people import PASSWORD, Door
from tests.waiting import somebody_waits

NOTHING = Factors(keys=0, code_since=None, recovery_codes=0)


async def test_a_password_alone_opens_nothing_once_there_is_more_whoever_let_it_in(office: Office, door: Door) -> None:
    """An older copy of the shop knows no second proof, and a log-in may begin in the instant in which one is added."""
    entered = await office.enters()
    await office.sets_code()
    assert await office.inside(entered.session_token) is None
    async with door.db.direct() as pg:
        await pg.execute("UPDATE staff_session SET proof = NULL")
    assert await office.inside(entered.session_token) is None

    await remove_code(PASSWORD, needed=False, **office.counted)
    assert await office.inside(entered.session_token) is not None
    await begin_code(PASSWORD, **office.own)
    assert await office.inside(entered.session_token) is not None
    await office.adds_key(a_device())
    assert await office.inside(entered.session_token) is None


async def test_whoever_is_thrown_out_while_they_ask_adds_takes_and_changes_nothing(office: Office) -> None:
    entered = await office.enters()
    office.maya = await office.inside(entered.session_token) or office.maya
    device, secret = a_device(), await begin_code(PASSWORD, **office.own)
    office.secret = secret.secret.replace(" ", "")
    asked = await ask_for_new_key(PASSWORD, site=SITE, **office.own)
    await log_out_staff(entered.session_token, db=office.door.db)

    given = office.bare | {"by": office.maya, "vault": office.door.vault, "site": SITE}
    for act in (
        add_key(device.makes(asked), "", **given),
        confirm_code(office.code(), **office.own),
        begin_code(PASSWORD, **office.own),
        make_recovery(PASSWORD, **office.own),
        remove_code(PASSWORD, needed=False, **office.counted),
        change_staff_password(PASSWORD, "four loud parsnips", **office.own),
    ):
        with pytest.raises(LogInEnded):
            await act

    assert await office.has() == NOTHING
    assert await office.told() == []
    assert await office.enters()


async def test_a_key_that_is_added_while_its_owner_is_reset_goes_with_the_others(office: Office, door: Door) -> None:
    """Nobody who was reset keeps a way in, whichever of the two comes first."""
    entered = await office.enters()
    office.maya = await office.inside(entered.session_token) or office.maya
    questions = [await ask_for_new_key(PASSWORD, site=SITE, **office.own) for _ in range(4)]

    adding = [office.bare | {"by": office.maya, "vault": door.vault, "site": SITE} for _ in questions]
    came = await asyncio.gather(
        *(add_key(a_device().makes(each), "", **given) for each, given in zip(questions, adding, strict=True)),
        reset_factors(office.maya.id, by=None, **office.bare),
        return_exceptions=True,
    )

    assert {type(each) for each in came} <= {list, tuple, NoneType, LogInEnded, KeyRefused}
    assert await office.has() == NOTHING


async def test_what_was_open_on_a_lost_device_ends_as_its_key_is_removed(office: Office) -> None:
    lost, kept = a_device(), a_device()
    await office.adds_key(lost)
    await office.adds_key(kept)
    there, here = [await office.answers(each.signs(await office.question())) for each in (lost, kept)]
    office.maya = await office.inside(here.session_token) or office.maya
    async with office.door.db.snapshot() as tx:
        first, _ = await passkeys(tx, office.maya.id, office.door.vault)

    await remove_key(first.id, PASSWORD, needed=True, **office.counted)

    assert await office.inside(there.session_token) is None
    assert await office.inside(here.session_token) is not None


async def test_another_role_ends_every_log_in_and_what_proves_them_stays(office: Office, door: Door) -> None:
    otto = await hired(door, "Otto Weiss", Role.MANAGER)
    device = a_device()
    await office.adds_key(device)
    entered = await office.answers(device.signs(await office.question()))

    await change_role(office.maya.id, Role.PRIVACY, by=otto, **office.bare)

    assert await office.inside(entered.session_token) is None
    again = await office.inside((await office.answers(device.signs(await office.question()))).session_token)
    assert again is not None
    assert again.role is Role.PRIVACY


@pytest.mark.parametrize("more", [False, True])
async def test_nobody_comes_in_with_the_old_password_while_it_changes(office: Office, door: Door, more: bool) -> None:
    """What ends every log-in misses none that begins in the same instant, and no step of one."""
    if more:
        await office.sets_code()
    changed = await hash_password("four loud parsnips")
    async with office.door.db.transaction() as tx:
        kept = await store.credentials_of(tx, office.maya.id)
        assert kept is not None
        assert await store_factors.change_password(tx, kept.id, changed, before=kept.password_hash)
        await store_factors.forget_asked(tx, kept.id)
        await store.end_sessions(tx, kept.id)
        entering = asyncio.create_task(office.enters())
        await somebody_waits(door.db, unless_done=entering)

    with pytest.raises(WrongLogIn):
        await entering
    async with door.db.direct() as pg:
        assert await pg.fetchval("SELECT count(*) FROM staff_session") == 0
        assert await pg.fetchval("SELECT count(*) FROM staff_challenge") == 0
