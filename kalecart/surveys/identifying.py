"""What must not be asked nor typed in a survey, because it says who somebody is: and what is wrong with it, in words.

English words and patterns. It keeps staff from asking by mistake and people from telling by mistake; that nobody can be
recognised in a figure does not rest on it.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from kalecart.customers.card_numbers import carries_card_number

_WHOSE: Final = r"(?:your|their|his|her|the|a|own)"
_RELATIVE: Final = (
    r"(?:child|children|kid|baby|son|daughter|spouse|husband|wife|partner|mother|father|parent|employer|doctor|"
    r"neighbou?r|landlord|school|pet|dog|cat)(?:'?s)?"
)
_NUMBER: Final = r"(?:numbers?|nos?\b|no\.|#|digits|id\b)"
_STREETS: Final = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|way|terrace|highway|hwy)"
)
_DIGIT: Final = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"

# A word that stands alone, as a form has it: `Name`, `Phone (optional)`.
_ALONE: Final = r"\W*(?:\b(?:optional|required|please)\W*)?$"

# What a question asks for, by the words it is asked in.
_ASKS: Final[Mapping[str, str]] = {
    "a name": (
        rf"\b(?:your|full|first|last|family|given|maiden|middle|legal|real|nick|user|screen|{_RELATIVE})\s?-?names?\b"
        rf"|\bsurnames?\b|\bnames? of (?:{_WHOSE} )?(?:\w+ )?{_RELATIVE}\b|^\W*(?:enter )?names?{_ALONE}"
        r"|\bwhat are you called\b|\bwho are you\b|\bnames? and (?:phone|e-?mail|address)|\binitials\b"
        r"|\bwhat (?:should|shall|may|can|could|do|does) (?:\w+ ){1,2}call you\b"
        r"|\bhow (?:should|shall|may|can|do) (?:\w+ ){1,2}address you\b|\bname do you\b|\bunder (?:what|which) name\b"
        r"|\b(?:enter|leave|provide) (?:a |the )?names?\W*$|\bnames?,? please\W*$|\bn[\W_]+a[\W_]+m[\W_]+e\b"
        rf"|^\W*first and last{_ALONE}|\b(?:introduce|identify) yourself\b|\bwho is (?:answering|writing|this)\b"
        r"|\bwhose (?:household|account|order|home)\b|\bsign (?:with )?your\b|\byour signature\b|\bplease sign\W*$"
    ),
    "a phone number": (
        rf"\b(?:tele)?phone\s*{_NUMBER}|\b(?:cell|mobile|contact|whatsapp|home|work)\s*(?:phone\s*)?{_NUMBER}"
        r"|\bnumber (?:can|could|may|do|should) we (?:call|text|reach|ring)|\bwhere can we (?:call|reach|ring)\b"
        r"|\bhow (?:can|could|do|may|should) we (?:call|reach|contact|text|ring|get in touch with) you\b"
        rf"|\byour (?:tele)?(?:phone|cell|mobile)\W*$|^\W*(?:tele)?phone{_ALONE}|\bcontact (?:details|information)\b"
        r"|\b(?:what's|whats|what is|leave|enter) your (?:number|digits)\b"
        r"|\bleave (?:us )?(?:a|the|your) (?:number|digits)\b"
    ),
    "an e-mail address": (
        r"\be-?mail\s*(?:address|id\b|account)|\byour e-?mail\b(?!s)|\bmail address\b"
        rf"|^\W*e-?mail{_ALONE}|\byour (?:gmail|hotmail|outlook|yahoo|icloud)\b"
    ),
    "an address": (
        r"\b(?:street|home|mailing|postal|delivery|billing|residential|ip|exact|full|current|your)\s+address"
        rf"|^\W*address{_ALONE}|\bwhere (?:exactly )?do you live\b"
        r"|\b(?:what|which) (?:street\b(?! food)|building|block)\b"
        rf"|\b(?:house|apartment|apt|unit|flat|door)\s*{_NUMBER}|\bstreet and (?:house )?number\b"
        r"|^\W*your (?:\w+ ){0,3}(?:street|residence)\W*$|\bwhere (?:exactly )?is your (?:home|house|apartment|flat)\b"
        r"|\b(?:what|which) (?:apartment|flat|house|unit) (?:do you|are you|is yours)\b"
        r"|\bwhere (?:should|shall|can|may|do) we (?:send|mail|post|bring)\b|\byour coordinates\b|\bwhat3words\b"
    ),
    "a date of birth": (
        r"\bbirth\s?-?dates?\b|\bdates? of birth\b|\bday of birth\b|\bd\.?o\.?b\b|\byour (?:\w+ and )?birth-?day\W*$"
        r"|\b(?:when|what day|which day) (?:is|was|were)\b.{0,40}\b(?:birth-?day|born)\b|\bborn on\b"
        r"|\b(?:date|day) (?:and \w+ )?(?:on which )?(?:you were|were you) born\b"
    ),
    "the number of an account, a card or a document": (
        r"\b(?:account|card|routing|social security|passport|licen[cs]e|plate|tax|medical record|insurance|policy|"
        rf"member(?:ship)?|loyalty|order|customer|student|employee)\s*(?:plate\s*)?{_NUMBER}"
        r"|\bssn\b|\biban\b|\bcv[vc]2?\b|\bsecurity code\b|\bpasswords?\b|\bpin code\b|\byour pin\b"
        r"|\b(?:enter|give|leave|type) (?:us )?your social security\b"
    ),
    "an account on another site": (
        r"\b(?:instagram|twitter|tiktok|facebook|snapchat|linkedin|telegram|social media)\s*"
        r"(?:handle|user ?name|account name|profile|link|name)\b|\byour (?:handle|profile link|website)\b"
        r"|\byour (?:instagram|insta|twitter|tiktok|facebook|snapchat|linkedin|telegram)\W*$"
    ),
}
# A few letters that are typed freely narrow it down to a block of houses.
_ASKS_TYPED: Final[Mapping[str, str]] = {
    **_ASKS,
    "where exactly somebody lives": r"\b(?:zip|postal|post)\s*-?codes?\b|\bneighbou?rhood\b|\byour zip\b|\bzip ?\+",
    "where somebody works": r"\bwhere (?:exactly )?do you work\b|\byour (?:employer|workplace|school)\W*$",
}

# What is in a text, whoever wrote it.
_HOLDS: Final[Mapping[str, str]] = {
    "an e-mail address": (
        r"[^\s@]+ ?(?:@|\(at\)|\[at\]) ?[^\s@]+\.[a-z]{2,}|\w at [\w\-]+\.[a-z]{2,}"
        r"|(?:@|\(at\)|\[at\]|\bat\b) ?[\w\-]+ ?(?:\(dot\)|\[dot\]|\bdot\b) ?[a-z]{2,}"
    ),
    "an account on another site": r"(?:^|\s)@\w{2,}|\bhttps?://|\bwww\.",
    "a date that could be somebody's birth": r"\b\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}\b|\bborn\b.{0,12}\d",
    "a social security number": r"\b\d{3}[- ]\d{2}[- ]\d{4}\b",
    "an address": rf"\b\d{{1,6}}[a-z]?\s+(?:[a-z0-9.'\-]+\s+){{1,4}}{_STREETS}\b|\bp\.? ?o\.? box\b",
    "a phone number": rf"\d(?:[ ().\-/]{{0,3}}\d){{6,}}|(?:\b{_DIGIT}\b\W*){{7,}}",
    "a name": r"\b(?:my name(?: is|'s)|i(?: am|'m) called|call me|mr|mrs|ms|dr)\b\.? [a-z]",
}

_SAME: Final = str.maketrans({"‐": "-", "‑": "-", "–": "-", "—": "-", "’": "'", "‘": "'"})


def asked_for(text: str, *, typed: bool) -> str | None:
    """What kind of thing a question asks for by which somebody could be recognised, such as `a name`; None as a rule.

    `typed` says that the answer is typed freely.
    """
    plain = plainly(text)
    if _disguised(plain):
        return "something in letters of two alphabets"
    return _first(_ASKS_TYPED if typed else _ASKS, plain) or held_in(text)


def held_in(text: str) -> str | None:
    """What kind of thing a text holds by which somebody could be recognised; None as a rule."""
    plain = plainly(text)
    if carries_card_number(plain):
        return "a card number"
    return _first(_HOLDS, plain)


def plainly(text: str) -> str:
    """As it reads, however it was typed: one form of each letter, no invisible ones, small, single spaces."""
    shown = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in shown)
    return " ".join(digits.translate(_SAME).casefold().split())


def _first(patterns: Mapping[str, str], plain: str) -> str | None:
    return next((what for what, pattern in patterns.items() if re.search(pattern, plain)), None)


def _disguised(plain: str) -> bool:
    """Whether a word mixes alphabets: it looks like another word than it is."""
    return any(
        len({_alphabet(letter) for letter in word if letter.isalpha()}) > 1 for word in re.findall(r"\w+", plain)
    )


def _alphabet(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]
