"""The text of a PDF as a reader sees it: a search of its bytes finds nothing, whatever it says.

Streams are deflated, and letters are numbers of glyphs, which a table of each font turns back. Only what the shop's own
typesetter writes is understood; anything else fails, so that a search never passes because it could not read.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence

_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_GLYPH = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")


def text_of(pdf: bytes) -> str:
    """Everything it shows, read with each of its fonts: line by line, and with the lines run together."""
    streams = list(_streams(pdf))
    fonts = [_glyphs(stream) for stream in streams if b"begincmap" in stream]
    shown = [codes for stream in streams if b" Tf" in stream for codes in _shown(stream)]
    assert fonts, "a font without a table cannot be read"
    assert shown, "there is nothing to read in it"
    lines = [["".join(font.get(code, "\0") for code in codes) for codes in shown] for font in fonts]
    return "\n".join(f"{' '.join(' '.join(each).split())}\n{''.join(each)}" for each in lines)


def _streams(pdf: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"<<([^<>]*(?:<<[^<>]*>>[^<>]*)*)>>\s*stream\r?\n", pdf):
        length = re.search(rb"/Length (\d+)", found[1])
        assert length is not None
        content = pdf[found.end() : found.end() + int(length[1])]
        yield zlib.decompress(content) if b"/FlateDecode" in found[1] else content


def _glyphs(table: bytes) -> Mapping[int, str]:
    assert b"beginbfrange" not in table, "a table of ranges is not understood here"
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in _GLYPH.findall(table)}


def _shown(stream: bytes) -> Iterator[Sequence[int]]:
    """The glyphs of each line."""
    line = b""
    for string, after in _strings(stream):
        line += _plain(string)
        if re.match(rb"[^(]*?T[jJ]", after):
            assert len(line) % 2 == 0, "glyphs are two bytes each"
            yield [int.from_bytes(line[at : at + 2]) for at in range(0, len(line), 2)]
            line = b""


def _strings(stream: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each string, in which parentheses may stand in pairs, and some of what follows it."""
    at = stream.find(b"(")
    while at >= 0:
        deep, end = 1, at + 1
        while deep:
            step = stream[end : end + 1]
            deep += {b"(": 1, b")": -1}.get(step, 0)
            end += 2 if step == b"\\" else 1
        yield stream[at + 1 : end - 1], stream[end : end + 40]
        at = stream.find(b"(", end)


def _plain(string: bytes) -> bytes:
    def letter(found: re.Match[bytes]) -> bytes:
        if found[1].isdigit():
            return bytes([int(found[1], 8)])
        return _LETTERS.get(found[1], b"" if found[1].strip() == b"" else found[1])

    return _ESCAPE.sub(letter, string)
