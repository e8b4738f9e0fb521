"""Codes of an app that change every half minute (RFC 6238), and codes on paper for who lost the app."""

import hmac
from datetime import datetime
from typing import Final

import pyotp

ISSUER: Final = "KaleCart"
STEP_S: Final = 30
DIGITS: Final = 6
# Clocks of telephones are a little off: the code before and the one after count as well.
DRIFT_STEPS: Final = 1
RECOVERY_CODES: Final = 8


def new_secret() -> str:
    """160 random bits as 32 letters and digits, as apps take them."""
    return pyotp.random_base32()


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S


def code_of(secret: str, step: int) -> str:
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).generate_otp(step)


def matched(secret: str, typed: str, *, now: datetime, last_step: int | None) -> int | None:
    """The half minute whose code was typed; None for any other code, and for one that was used, or is older."""
    digits = "".join(typed.split()).encode()
    here = step_at(now)
    found = None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), digits) and (last_step is None or step > last_step):
            found = step
    return found


def address_for_app(secret: str, *, whose: str) -> str:
    """`otpauth://totp/KaleCart:maya%40example.com?secret=…`: an app that opens it needs nothing typed."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(name=whose, issuer_name=ISSUER)


def in_groups(secret: str) -> str:
    """Four by four, to be typed off a screen."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
