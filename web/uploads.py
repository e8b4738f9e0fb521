"""Files on their way in, for who may hand them in: larger than any other body, and no larger than asked for."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import BadContentDispositionHeader, BadContentDispositionParam, BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage

from web import refusals

UPLOAD_WAIT_S: Final = 30.0
FIELD_BYTES_MAX: Final = 2_000
PARTS_MAX: Final = 20
# What is wrong with what was sent. Of a part's heading aiohttp warns only, which is an error where warnings are.
UNREADABLE: Final = (
    ValueError,
    BadHttpMessage,
    BadContentDispositionHeader,
    BadContentDispositionParam,
    web.RequestPayloadError,
)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A form's fields, and the content of its one file; its name is not kept."""

    fields: dict[str, str]
    content: bytes


async def upload_of(request: web.Request, *, file: str, most: int, field_most: int | None = None) -> Upload:
    """Read a form with a file. Of a file that is too large one byte more than `most` is taken, and no more.

    Fields are cut where no answer of the form is so long; with `field_most` a longer one is refused instead: TooLarge.
    """
    if request.content_type != "multipart/form-data":
        raise refusals.WrongContentType("Use the page's own form.")
    try:
        async with asyncio.timeout(UPLOAD_WAIT_S):
            return await _read(request, file, most, field_most)
    except TimeoutError:
        raise refusals.TooSlow("Send it again, all of it at once.") from None
    except UNREADABLE:
        raise refusals.NotJson("The form cannot be read. Go back and send it again.") from None


async def _read(request: web.Request, file: str, most: int, field_most: int | None) -> Upload:
    fields: dict[str, str] = {}
    content = b""
    reader = await request.multipart()
    for _ in range(PARTS_MAX):
        part = await reader.next()
        if part is None:
            break
        if not isinstance(part, BodyPartReader):
            raise ValueError("a form within the form")  # noqa: TRY004  # what was sent is wrong, not what we did
        if part.name == file:
            content = await _taken(part, most + 1)
        elif part.name:
            typed = await _taken(part, FIELD_BYTES_MAX if field_most is None else field_most + 1)
            if field_most is not None and len(typed) > field_most:
                raise refusals.TooLarge(f"Each field may have up to {field_most // 1000} kB.")
            fields[part.name] = typed.decode().replace("\0", "")
    return Upload(fields=fields, content=content)


async def _taken(part: BodyPartReader, most: int) -> bytes:
    """What comes after `most` bytes is read past, a piece at a time."""
    taken = bytearray()
    while chunk := await part.read_chunk():
        taken += chunk[: most - len(taken)]
    return bytes(taken)
