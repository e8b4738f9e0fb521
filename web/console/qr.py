"""QR codes, drawn on the server: a phone's camera reads them off the screen."""

from typing import Final

import segno
from markupsafe import Markup

# White cells around it, which cameras need; on dark pages as well.
QUIET_ZONE: Final = 4


def qr_code(text: str) -> Markup:
    """An SVG without a size of its own, dark on white in either mode."""
    drawn = segno.make_qr(text, error="m")
    return Markup(  # noqa: S704  # segno writes nothing but the squares
        drawn.svg_inline(border=QUIET_ZONE, omitsize=True, dark="#000", light="#fff", svgclass="qr")
    )
