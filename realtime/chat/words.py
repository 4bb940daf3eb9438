"""Words as the full-text indexes see them: the same on SQLite and PostgreSQL, because they are cut here.

Case and accents are folded. Chinese, Japanese and Thai do not put spaces between words, so each of their characters is a
word of its own, and a query finds them one after another.
"""

import re
import unicodedata
from collections.abc import Sequence

_RUN = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
_MAX_WORD = 64
"""Longer runs of letters are cut: PostgreSQL refuses words of more than 2 KiB, and nobody searches for them."""

MAX_QUERY_WORDS = 12


def words_of(text: str) -> str:
    """The text's words, separated by single spaces."""
    return " ".join(word for phrase in phrases_of(text) for word in phrase)


def phrases_of(text: str) -> list[Sequence[str]]:
    """What was written without a space between: one word, or the characters of an unspaced script in their order."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    return [_cut(run) for run in _RUN.findall(unicodedata.normalize("NFC", plain))]


def _cut(run: str) -> Sequence[str]:
    spaced = _UNSPACED.sub(lambda match: f" {match.group()} ", run)
    return [word[:_MAX_WORD] for word in spaced.split()]
