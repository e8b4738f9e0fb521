"""A log-in: a random token in a cookie, and its hash in a row."""

from datetime import timedelta
from typing import Final

from kalecart.errors import Forbidden

SESSION_TTL: Final = timedelta(days=30)


class LoginNeeded(Forbidden):
    """Log in first."""
