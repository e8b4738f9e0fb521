"""Why the shop knows how to write to somebody without an account: because they wrote first (C4)."""

from typing import Final, Literal

Source = Literal["request", "unconsented_source", "complaint"]

# What to call somebody who gave no name.
NAMELESS: Final = "there"
