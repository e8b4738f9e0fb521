"""What a shopper types into the search box, made comparable with what the shop sells."""

import difflib
import unicodedata
from collections.abc import Collection
from typing import Final

QUERY_CHARACTERS_MAX: Final = 80
QUERY_WORDS_MAX: Final = 6
# Below this many letters a part of a word means nothing ("ham" is in "champignon") and a typo cannot be told from
# another word.
LETTERS_MIN: Final = 4
CLOSENESS_MIN: Final = 0.6


def fold(text: str) -> str:
    """`Jalapeño, "Hot & Dry"` -> `jalapeno hot dry`: lower case, no accents, words and single blanks only."""
    # Small letters after taking apart as well as before: some signs hold a capital that shows only then.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    kept = (character for character in plain if not unicodedata.combining(character) and character not in "'’")
    return " ".join("".join(character if character.isalnum() else " " for character in kept).split())


def words(query: str) -> tuple[str, ...]:
    """The words to look for, in the order typed, each once."""
    return tuple(dict.fromkeys(fold(query[:QUERY_CHARACTERS_MAX]).split()))[:QUERY_WORDS_MAX]


def closest(word: str, vocabulary: Collection[str]) -> str | None:
    """The word somebody probably meant: `kail` -> `kale`."""
    found = difflib.get_close_matches(word, sorted(vocabulary), n=1, cutoff=CLOSENESS_MIN)
    return found[0] if found else None
