"""Passkeys (WebAuthn): what a browser is asked, and whether its answer holds. The only module that knows the library.

A passkey is kept by a device or a password manager, which asks its owner for a finger, a face or a PIN before each use
and signs for one site only. So it is proof enough alone, and nobody can be talked into giving it away.
"""

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kalecart.errors import Refused
from kalecart.ids import StaffId

NAME: Final = "KaleCart staff"
ANSWER_BYTES_MAX: Final = 16_000
CREDENTIAL_BYTES_MAX: Final = 1_023  # what the standard allows
TIMEOUT_MS: Final = 180_000
VERIFIED: Final = UserVerificationRequirement.REQUIRED


class KeyRefused(Refused):
    """This passkey was not accepted."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Whom passkeys are for: a host name and the pages on it. They do not work for bare numbers of an address."""

    rp_id: str
    origin: str

    @classmethod
    def of(cls, public_url: str) -> Self | None:
        """None where the shop has no name. On one's own machine, `http://127.0.0.1:8000`, it has: `localhost`."""
        parts = urlsplit(public_url)
        host = parts.hostname or ""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return cls(rp_id=host, origin=f"{parts.scheme}://{parts.netloc}") if host else None
        if not address.is_loopback:
            return None
        port = f":{parts.port}" if parts.port else ""
        return cls(rp_id="localhost", origin=f"{parts.scheme}://localhost{port}")


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """What is kept of a passkey that was just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, kw_only=True)
class KnownKey:
    """What a signature is held against, and whose it is."""

    id: UUID
    staff_id: StaffId
    public_key: bytes
    sign_count: int


def to_make(site: Site, challenge: str, *, staff_id: StaffId, name: str, known: Sequence[bytes]) -> str:
    """What `navigator.credentials.create` is asked, as JSON; `known` are those a device shall not make twice."""
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=NAME,
        user_id=staff_id.bytes,
        user_name=name,
        challenge=challenge.encode(),
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, require_resident_key=True, user_verification=VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return options_to_json(options)


def to_use(site: Site, challenge: str) -> str:
    """What `navigator.credentials.get` is asked, as JSON: any passkey of this site, so nobody says who they are."""
    options = generate_authentication_options(
        rp_id=site.rp_id, challenge=challenge.encode(), timeout=TIMEOUT_MS, user_verification=VERIFIED
    )
    return options_to_json(options)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a browser sent back: which passkey, and the challenge it says it answers. Nothing of it is proved yet, and
    whoever asks for a proof has found that this challenge was set and is now used up.
    """

    credential_id: bytes
    challenge: str
    user_handle: bytes | None
    given: Mapping[str, Any]

    def __repr__(self) -> str:
        return "Answer(***)"

    @classmethod
    def read(cls, sent: str) -> Self:
        """Raises KeyRefused for whatever no browser sends."""
        if len(sent) > ANSWER_BYTES_MAX:
            raise _refused()
        try:
            given = json.loads(sent)
            client = parse_client_data_json(base64url_to_bytes(given["response"]["clientDataJSON"]))
            challenge = client.challenge.decode("ascii")
            credential_id = base64url_to_bytes(given["rawId"])
            handle = given["response"].get("userHandle")
            user_handle = None if handle is None else base64url_to_bytes(handle)
        except Exception:  # noqa: BLE001  # whoever sends it may send anything
            raise _refused() from None
        if not 0 < len(credential_id) <= CREDENTIAL_BYTES_MAX:
            raise _refused()
        return cls(credential_id=credential_id, challenge=challenge, user_handle=user_handle, given=given)

    def made(self, site: Site) -> NewKey:
        """The passkey that was made. Raises KeyRefused."""
        try:
            proved = verify_registration_response(
                credential=dict(self.given),
                expected_challenge=self.challenge.encode(),
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001  # the library meets hostile bytes here, and says no in many ways
            raise _refused() from None
        if len(proved.credential_id) > CREDENTIAL_BYTES_MAX:
            raise _refused()
        return NewKey(
            credential_id=proved.credential_id,
            public_key=proved.credential_public_key,
            sign_count=proved.sign_count,
        )

    def signed(self, site: Site, key: KnownKey) -> int:
        """The new count of signatures. Raises KeyRefused, also where the count did not grow: that is a copy."""
        if self.user_handle is not None and self.user_handle != key.staff_id.bytes:
            raise _refused()
        try:
            proved = verify_authentication_response(
                credential=dict(self.given),
                expected_challenge=self.challenge.encode(),
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                credential_public_key=key.public_key,
                credential_current_sign_count=key.sign_count,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001  # the same
            raise _refused() from None
        return proved.new_sign_count


def _refused() -> KeyRefused:
    return KeyRefused("Try again, or choose another way to log in.")
