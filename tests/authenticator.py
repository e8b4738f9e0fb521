"""A passkey in software: what a browser and a device make together of what a page asks."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, CREDENTIAL = 0x01, 0x04, 0x40


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def plain(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Authenticator:
    """It signs for `origin` as its browser says; `verifies` is whether it asks its owner who they are."""

    origin: str
    verifies: bool = True
    rp_id: str | None = None
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    user_handle: bytes = b""

    def makes(self, options: str) -> str:
        """The answer of `navigator.credentials.create` as the page's script writes it."""
        asked = json.loads(options)
        self.user_handle = plain(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        credential = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(public)
        told = self._data(asked["rp"]["id"], CREDENTIAL) + credential
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": told})
        client = self._client("webauthn.create", asked["challenge"])
        return self._written({"clientDataJSON": client, "attestationObject": attested})

    def signs(self, options: str) -> str:
        """The answer of `navigator.credentials.get`."""
        asked = json.loads(options)
        self.count += 1
        told, client = self._data(asked["rpId"]), self._client("webauthn.get", asked["challenge"])
        signature = self.key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": told, "signature": signature}
        return self._written(parts | {"userHandle": self.user_handle})

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256((self.rp_id or rp_id).encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _written(self, parts: dict[str, bytes]) -> str:
        number = text(self.credential_id)
        response: dict[str, Any] = {name: text(value) for name, value in parts.items()}
        return json.dumps({"id": number, "rawId": number, "type": "public-key", "response": response})
