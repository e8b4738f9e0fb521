"""Passkeys, one-time codes and recovery codes of who works here (C8), over the log-in of the web."""

import asyncio
from dataclasses import replace

import pytest

from kalecart.accounts.log_in import WrongLogIn
from kalecart.allowances import TooManyTries
from kalecart.customers import passwords
from kalecart.errors import Invalid, NotFound
from kalecart.ids import StaffId, new_id
from kalecart.privacy.store_retention import overdue
from kalecart.staff.add_key import KeyKnown, add_key, ask_for_new_key
from kalecart.staff.ceremony import KeyRefused
from kalecart.staff.change_password import change_staff_password
from kalecart.staff.drop_factor import LastFactor, remove_code, remove_key
from kalecart.staff.leave import leave
from kalecart.staff.log_in_code import StepOver, WrongCode
from kalecart.staff.make_recovery import make_recovery
from kalecart.staff.member import RoleForbids, SecondFactorNeeded
from kalecart.staff.one_time_code import code_of, step_at
from kalecart.staff.reads_factors import Factors, passkeys, sessions
from kalecart.staff.reset_factors import ResetOwn, reset_by_email, reset_factors
from kalecart.staff.rights import Role
from kalecart.staff.session import Proof
from kalecart.staff.set_code import begin_code, confirm_code
from tests.desk import SITE, Office, a_device, hired
from tests.people import PASSWORD, Door

NOTHING = Factors(keys=0, code_since=None, recovery_codes=0)


async def test_a_passkey_opens_the_console_alone_and_a_password_alone_no_longer(office: Office) -> None:
    device = a_device()
    codes = await office.adds_key(device)

    entered = await office.answers(device.signs(await office.question()))

    member = await office.inside(entered.session_token, needed=True)
    assert member is not None
    assert (member.id, member.unproved, len(codes)) == (office.maya.id, False, 8)
    assert member.session is not None
    assert member.session.proof is Proof.PASSKEY
    await office.first_step()
    async with office.door.db.snapshot() as tx:
        (shown,) = await passkeys(tx, office.maya.id, office.door.vault)
    assert (shown.name, shown.last_used_at) == ("Blue phone", office.door.clock.now())


async def test_an_answer_is_taken_once_in_time_and_from_who_was_asked(office: Office) -> None:
    """A challenge is used up by its first answer, right or wrong."""
    device, stranger = a_device(), a_device()
    await office.adds_key(device)
    question = await office.question()
    sent = device.signs(question)
    await office.answers(sent)

    with pytest.raises(KeyRefused):
        await office.answers(sent)
    with pytest.raises(KeyRefused):
        await office.answers(device.signs(question))
    wrong = await office.question()
    with pytest.raises(KeyRefused):
        await office.answers(stranger.signs(wrong))
    with pytest.raises(KeyRefused):
        await office.answers(device.signs(wrong))
    late = await office.question()
    office.door.clock.advance(minutes=5)
    with pytest.raises(KeyRefused):
        await office.answers(device.signs(late))
    never = await office.question()
    with pytest.raises(KeyRefused):
        await office.answers(device.signs(never.replace('"challenge": "', '"challenge": "AAAA')))
    assert await office.answers(device.signs(await office.question()))


async def test_questions_that_nobody_answers_do_not_pile_up(office: Office, door: Door) -> None:
    """Anybody may ask for one."""
    for _ in range(12):
        await office.question()
    door.clock.advance(minutes=6)

    for _ in range(3):
        await office.question()

    async with door.db.direct() as pg:
        assert await pg.fetchval("SELECT count(*) FROM staff_challenge") == 3


async def test_a_copied_passkey_is_refused_once_the_first_was_used(office: Office) -> None:
    device = a_device()
    await office.adds_key(device)
    copy = replace(device, count=0)
    await office.answers(device.signs(await office.question()))

    with pytest.raises(KeyRefused):
        await office.answers(copy.signs(await office.question()))


async def test_what_somebody_else_was_asked_adds_no_passkey_of_mine(office: Office, door: Door) -> None:
    otto = await hired(door, "Otto Weiss", Role.MANAGER)
    device = a_device()
    asked = await ask_for_new_key(PASSWORD, site=SITE, **(office.own | {"by": otto}))
    given = office.bare | {"vault": door.vault, "site": SITE}
    with pytest.raises(KeyRefused):
        await add_key(device.makes(asked), "", by=office.maya, **given)
    await add_key(device.makes(asked), "  ", by=otto, **given)

    with pytest.raises(KeyKnown):
        await office.adds_key(device)
    with pytest.raises(Invalid):
        await ask_for_new_key("not it", site=SITE, **office.own)
    assert await office.has() == NOTHING


async def test_a_code_comes_after_the_password_and_is_good_once(office: Office) -> None:
    assert len(await office.sets_code()) == 8
    office.door.clock.advance(seconds=30)
    step = await office.first_step()
    with pytest.raises(WrongCode):
        await office.second_step(step, office.code(away=3))
    code = office.code()

    entered = await office.second_step(step, code)

    member = await office.inside(entered.session_token, needed=True)
    assert member is not None
    assert not member.unproved
    with pytest.raises(StepOver):
        await office.second_step(step, office.code(away=1))
    again = await office.first_step()
    with pytest.raises(WrongCode):
        await office.second_step(again, code)
    office.door.clock.advance(minutes=5)
    with pytest.raises(StepOver):
        await office.second_step(again, office.code())
    with pytest.raises(StepOver):
        await office.second_step("never asked", office.code())


async def test_of_two_who_type_the_same_code_at_once_one_gets_in(office: Office) -> None:
    await office.sets_code()
    office.door.clock.advance(seconds=30)
    steps, code = [await office.first_step() for _ in range(3)], office.code()

    came = await asyncio.gather(*(office.second_step(step, code) for step in steps), return_exceptions=True)

    assert sorted(type(each).__name__ for each in came) == ["StaffEntered", "WrongCode", "WrongCode"]


async def test_guessing_codes_is_stopped_and_a_right_password_gives_no_tries_back(office: Office) -> None:
    await office.sets_code()
    for _ in range(5):
        with pytest.raises(WrongCode):
            await office.second_step(await office.first_step(), "no")

    with pytest.raises(TooManyTries):
        await office.second_step(await office.first_step(), office.code(away=1))


async def test_a_recovery_code_opens_once_and_its_owner_hears_of_it(office: Office) -> None:
    codes = await office.sets_code()

    entered = await office.second_step(await office.first_step(), f" {codes[0].lower()} ")

    member = await office.inside(entered.session_token, needed=True)
    assert member is not None
    assert (await office.has()).recovery_codes == 7
    with pytest.raises(WrongCode):
        await office.second_step(await office.first_step(), codes[0])
    fresh = await make_recovery(PASSWORD, **office.own)
    with pytest.raises(WrongCode):
        await office.second_step(await office.first_step(), codes[1])
    assert await office.second_step(await office.first_step(), fresh[1])
    said = " ".join(await office.told())
    assert [said.count(f"{word}:") for word in ("code_set", "recovery_used", "recovery_made")] == [1, 2, 1]


async def test_a_new_app_counts_from_its_first_code_and_the_old_one_until_then(office: Office) -> None:
    await office.sets_code()
    old, told = office.secret, await begin_code(PASSWORD, **office.own)
    office.door.clock.advance(seconds=60)
    assert await office.second_step(await office.first_step(), office.code())
    office.secret = told.secret.replace(" ", "")
    with pytest.raises(Invalid):
        await confirm_code("000 000", **office.own)

    assert await confirm_code(office.code(), **office.own) == ()

    office.door.clock.advance(seconds=60)
    with pytest.raises(WrongCode):
        await office.second_step(await office.first_step(), code_of(old, step_at(office.door.clock.now())))
    assert await office.second_step(await office.first_step(), office.code())
    assert "NewSecret(***)" in repr(told)


async def test_where_more_is_needed_a_password_alone_may_only_add_it(office: Office) -> None:
    entered = await office.enters()
    confined = await office.inside(entered.session_token, needed=True)
    assert confined is not None
    with pytest.raises(SecondFactorNeeded):
        confined.require("orders:read")
    assert not confined.may("orders:read")
    elsewhere = await office.enters()

    office.maya = confined
    await office.adds_key(a_device())

    proved = await office.inside(entered.session_token, needed=True)
    assert proved is not None
    assert (proved.unproved, proved.may("orders:read")) == (False, True)
    assert await office.inside(elsewhere.session_token) is None
    async with office.door.db.snapshot() as tx:
        (key,) = await passkeys(tx, confined.id, office.door.vault)
    with pytest.raises(LastFactor):
        await remove_key(key.id, PASSWORD, needed=True, **office.counted)
    with pytest.raises(NotFound):
        await remove_key(new_id(), PASSWORD, needed=True, **office.counted)
    await office.sets_code()
    await remove_key(key.id, PASSWORD, needed=True, **office.counted)
    with pytest.raises(LastFactor):
        await remove_code(PASSWORD, needed=True, **office.counted)
    await remove_code(PASSWORD, needed=False, **office.counted)
    assert (await office.has()).any is False


async def test_a_manager_resets_a_colleague_and_never_themselves(office: Office, door: Door) -> None:
    otto = await hired(door, "Otto Weiss", Role.MANAGER)
    await office.adds_key(a_device())
    await office.sets_code()
    office.door.clock.advance(seconds=30)
    entered = await office.second_step(await office.first_step(), office.code())
    half = await office.first_step()
    with pytest.raises(RoleForbids):
        await reset_factors(otto.id, by=office.maya, **office.bare)
    with pytest.raises(ResetOwn):
        await reset_factors(otto.id, by=otto, **office.bare)
    with pytest.raises(NotFound):
        await reset_factors(StaffId(new_id()), by=otto, **office.bare)

    await reset_factors(office.maya.id, by=otto, **office.bare)

    assert await office.has() == NOTHING
    assert await office.inside(entered.session_token) is None
    with pytest.raises(StepOver):
        await office.second_step(half, office.code(away=1))
    assert await office.enters()
    assert any("reset:" in each for each in await office.told())
    async with door.db.direct() as pg:
        line = await pg.fetchrow("SELECT actor_id, subject FROM audit_entry WHERE act = 'log_in_reset'")
    assert (line["actor_id"], line["subject"]) == (otto.id, str(office.maya.id))
    await reset_by_email("MAYA@example.com", vault=door.vault, **office.bare)
    with pytest.raises(NotFound):
        await reset_by_email("nobody@example.com", vault=door.vault, **office.bare)


async def test_whoever_leaves_takes_keys_and_codes_along(office: Office, door: Door) -> None:
    device = a_device()
    await office.adds_key(device)
    await office.sets_code()
    question = await office.question()
    await leave(office.maya.id, by=None, **office.bare)

    with pytest.raises(KeyRefused):
        await office.answers(device.signs(question))

    assert await office.has() == NOTHING
    async with door.db.direct() as pg:
        assert await pg.fetchval("SELECT count(*) FROM staff_challenge WHERE staff_id IS NOT NULL") == 0
    door.clock.advance(days=20)
    async with door.db.snapshot() as tx:
        assert "log_in_proofs" not in dict(await overdue(tx, now=door.clock.now()))


async def test_a_new_password_ends_every_other_log_in(office: Office) -> None:
    here, there = await office.enters(), await office.enters()
    office.maya = await office.inside(here.session_token) or office.maya
    new = "four loud parsnips"
    for wrong in ((PASSWORD, "short"), ("not it", new)):
        with pytest.raises(Invalid):
            await change_staff_password(*wrong, **office.own)

    await change_staff_password(PASSWORD, new, **office.own)

    assert await office.inside(here.session_token) is not None
    assert await office.inside(there.session_token) is None
    with pytest.raises(WrongLogIn):
        await office.enters()
    await office.enters(new)
    async with office.door.db.snapshot() as tx:
        assert len(await sessions(tx, office.maya.id, now=office.door.clock.now())) == 2


async def test_a_password_hashed_as_one_did_long_ago_is_hashed_again_at_its_next_log_in(
    office: Office, door: Door
) -> None:
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    async with door.db.direct() as pg:
        await pg.execute("UPDATE staff SET password_hash = $1", weak)

    assert await office.enters()

    async with door.db.direct() as pg:
        kept = await pg.fetchval("SELECT password_hash FROM staff")
    assert not passwords.outdated(kept)
    assert await office.enters()
