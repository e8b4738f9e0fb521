"""What proves, beside a password, who logs in at the console."""

from typing import Final

from kalecart.privacy.register.entry import (
    AsItIs,
    Category,
    Described,
    Disclosure,
    Erasure,
    NotPersonal,
    Number,
    Opened,
    Personal,
    Source,
    Table,
)
from kalecart.privacy.subject import Part

_DEVICE: Final = Described("What your device told us about a passkey. What it signs with never leaves the device.")
_SECRET: Final = Described("The secret your app makes codes of. It was shown to you once, and is never given out.")
_FINGERPRINT: Final = Described("A keyed fingerprint of a code on your paper, from which it cannot be read.")
_ASKED: Final = Described("A fingerprint of what your browser was asked while you logged in.")


def _proof(says: str, disclose: Disclosure, *, source: Source = Source.PERSON, log_in: bool = False) -> Personal:
    return Personal(
        says=says,
        category=Category.SECURITY,
        source=source,
        retention="log_ins" if log_in else "log_in_proofs",
        disclose=disclose,
        erase=Erasure.DELETED,
    )


def _when(says: str) -> Personal:
    return _proof(says, AsItIs(), source=Source.SHOP)


_STAFF: Final = Number(names="staff", part=Part.SUBJECT)

FACTORS: Final = (
    Table(
        name="staff_key",
        says="Your passkeys",
        columns={
            "id": Number(names="staff_key"),
            "staff_id": _STAFF,
            "credential_id": _proof("Its number", _DEVICE),
            "public_key": _proof("Its public half", _DEVICE),
            "sign_count": _proof("How often it signed", AsItIs()),
            "name_sealed": _proof("What you call it", Opened()),
            "added_at": _when("Added"),
            "last_used_at": _when("Last used"),
        },
    ),
    Table(
        name="staff_code",
        says="The app that makes your one-time codes",
        columns={
            "id": Number(names="staff_code"),
            "staff_id": _STAFF,
            "secret_sealed": _proof("Its secret", _SECRET, source=Source.SHOP),
            "made_at": _when("Made"),
            "confirmed_at": _when("In use since"),
            "last_step": _when("The half minute of the last code you used, counted from 1970"),
        },
    ),
    Table(
        name="staff_recovery",
        says="Your recovery codes that are not used yet",
        key="fingerprint",
        columns={
            "fingerprint": _proof("A code", _FINGERPRINT, source=Source.SHOP),
            "staff_id": _STAFF,
            "made_at": _when("Made"),
        },
    ),
    Table(
        name="staff_challenge",
        says="Log-ins of yours that were begun",
        key="token_hash",
        columns={
            "token_hash": _proof("What was asked", _ASKED, source=Source.SHOP, log_in=True),
            "purpose": NotPersonal("which step of a log-in waits for its answer"),
            "staff_id": _STAFF,
            "expires_at": _proof("Over", AsItIs(), source=Source.SHOP, log_in=True),
        },
    ),
)
