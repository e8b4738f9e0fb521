"""A log-in: a random token in a cookie, and its hash in a row."""

from datetime import timedelta
from typing import Final

SESSION_TTL: Final = timedelta(days=30)
