"""Values planted in everything a person gives, and the search for them in whatever form they may turn up."""

import base64
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from tests.pdf_text import text_of

PASSWORD = "nine canaries sing loudly"


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One person, all of whose values occur nowhere else. `seed` is a made-up word."""

    seed: str
    digits: str

    @property
    def values(self) -> dict[str, str]:
        """By the kind of field; each is what a trace of it is looked for."""
        return {
            "name": f"{self.seed} Fauvette",
            "email": f"{self.seed}.fauvette@birds.example".lower(),
            "phone": f"213555{self.digits}",
            "street": f"{self.digits} {self.seed} Perch",
            "unit": f"Cage {self.seed}",
            "browser": f"{self.seed}-Browser/1.0",
            "password": f"{PASSWORD} {self.seed}",
        }

    @property
    def sign_up(self) -> dict[str, Any]:
        values = self.values
        home = {"street": values["street"], "unit": values["unit"], "city": "Los Angeles"}
        return {
            "name": values["name"],
            "email": values["email"],
            "phone": f"(213) 555-{self.digits}",
            "address": home | {"state": "CA", "postal_code": "90013"},
            "password": values["password"],
        }

    def found_in(self, haystack: bytes | str) -> set[str]:
        """The kinds of values that can be read in it, plainly or in a usual encoding, in an archive or a PDF too."""
        found = set()
        for data in unpacked(haystack.encode() if isinstance(haystack, str) else haystack):
            plain = data.lower()
            found |= {kind for kind, value in self.values.items() if _occurs(value, data, plain)}
        return found


def unpacked(data: bytes) -> Iterator[bytes]:
    """It, what is packed into it, and the text of a PDF: none of that can be read in the bytes as they are."""
    yield data
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield from unpacked(packed.read(name))
    if data.startswith(b"%PDF"):
        yield text_of(data).encode()


def _occurs(value: str, data: bytes, plain: bytes) -> bool:
    raw = value.encode()
    forms = {value.lower(), quote(value).lower(), quote_plus(value).lower(), raw.hex()}
    if value.isdigit():  # a phone number is written in groups
        forms |= {f"({value[:3]}) {value[3:6]}-{value[6:]}", f"{value[:3]}-{value[3:6]}-{value[6:]}"}
        forms |= {quote_plus(form).lower() for form in set(forms)}
    if any(form.encode() in plain for form in forms):
        return True
    # In base64 a text looks different at each of three offsets; its ends depend on its neighbours.
    inner = (base64.b64encode(b"\0" * offset + raw)[4 if offset else 0 : -4] for offset in range(3))
    return any(each in data for each in inner)


ANA = Planted(seed="Zephyrine", digits="0177")
BEA = Planted(seed="Quillonette", digits="0188")
# What somebody is called, and where they live, after they corrected it.
NEW = Planted(seed="Marguerine", digits="0199")


def traces(haystack: bytes | str, *people: Planted) -> dict[str, set[str]]:
    """Whose values can be read, by person; nothing where none can."""
    found = {person.seed: person.found_in(haystack) for person in people or (ANA, BEA, NEW)}
    return {seed: kinds for seed, kinds in found.items() if kinds}
