"""Randomness that must not be guessed."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, safe in a URL and in a cookie."""
    return secrets.token_urlsafe(32)


def drawn(below: int) -> int:
    """A whole number from 0 up to but not including `below`, each as likely as any other."""
    return secrets.randbelow(below)


def token_hash(token: str) -> bytes:
    """What is stored of a token: a leaked table opens nobody's session or cart."""
    return hashlib.sha256(token.encode()).digest()
