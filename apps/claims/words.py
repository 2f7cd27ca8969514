"""The words of full-text search: one canonical form that the index and the query both pass through.

PostgreSQL's own parser takes `miR-21-5p` for a word and two numbers. Here text becomes plain words of letters and
digits first, so that people's spellings meet: `miR-21`, `mir 21` and `MIR21`; `TGF-β1`, `TGF beta 1` and `TGFB1`;
`tumour` and `tumor`. What remains (stems, stop words) is PostgreSQL's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from apps.terms import mirna, naming

LONGEST_WORD = 100
# A compound of more parts than this is no name; its runs would only swell the index.
MOST_PARTS = 6

_MIRNA = re.compile(
    r"(?<![A-Za-z0-9])"
    r"(?:[a-z]{3,4}-)?(?:(?:mirna|microrna|mir)[-_ ]?|mirlet|let-?|lin-?)\d+[a-z]{0,2}\d{0,2}"
    r"(?:-\d{1,2}(?![0-9a-z]))?(?:[- ][35]p|\*)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SAME = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212_", "-") | dict.fromkeys("\u2019\u02bc", "'")
)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_PLAIN = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"'s(?=\s|$)")
_ISE = re.compile(r"(?<=[a-z]{4})is(e|ed|es|ing|ation|ations)$")
# A Greek letter's name, and the number or letter that may be written on to it: β1, κB.
_GREEK = re.compile(r"(alpha|beta|gamma|delta|epsilon|zeta|theta|kappa|lambda|sigma|omega)(\d{0,2}[a-z]?)")


@lru_cache(maxsize=65_536)
def parts(word: str) -> tuple[str, ...]:
    """The canonical parts of one word as written: `PD-L1` has pd and l1, `TGFβ1` has tgf, beta and 1."""
    plain = unicodedata.normalize("NFKD", naming.key(word[:LONGEST_WORD]))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found: list[str] = []
    for part in _PLAIN.findall(_POSSESSIVE.sub("", bare).replace("'", "")):
        greek = _GREEK.fullmatch(part)
        found += [each for each in greek.groups() if each] if greek else [_ascii(_ISE.sub(r"iz\1", part))]
    return tuple(found)


def _ascii(part: str) -> str:
    """Other scripts as their bytes, since what PostgreSQL takes for a letter depends on the server's locale."""
    return part if part.isascii() else f"u{part.encode().hex()}"


def joined(run: tuple[str, ...]) -> list[str]:
    """A compound in one piece: as it is, and as gene symbols shorten Greek letters (`tgfbeta1`, `tgfb1`)."""
    whole = "".join(run)
    short = run[0] + "".join(part[0] if _GREEK.fullmatch(part) else part for part in run[1:])
    return [whole] if short == whole else [whole, short]


def mirna_words(text: str) -> list[str]:
    """A microRNA's name as words from the family to the arm, or none where the text is no such name.

    `miR-125b-1-3p`: mir125, mir125b, mir125bcopy1, mir125barm3p, mir125bcopy1arm3p. A query takes the last, which
    says all that the person wrote; the index takes them all, so that a family finds its members.
    """
    name = mirna.parse(text)
    if name is None:
        return []
    family = name.family.replace("-", "")
    stem = family + name.letter
    words = [family, stem]
    if name.copy is not None:
        words.append(f"{stem}copy{name.copy}")
    if name.arm:
        arm = "star" if name.arm == "*" else name.arm
        words += [f"{stem}arm{arm}", f"{words[-1]}arm{arm}"]
    return list(dict.fromkeys(words))


def pieces(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each word of a text as written, with the words of the microRNA that it names (none for most)."""
    text = text.translate(_SAME)
    done = 0
    for found in _MIRNA.finditer(text):
        words = mirna_words(found[0])
        if words:
            yield from ((word, []) for word in _WORD.findall(text[done : found.start()]))
            yield found[0], words
            done = found.end()
    yield from ((word, []) for word in _WORD.findall(text[done:]))


def for_index(text: str) -> str:
    """A text in canonical words; behind them the other forms under which people look for the same names."""
    running: list[str] = []
    also: dict[str, None] = {}
    for word, named in pieces(text.replace("\0", " ")):
        if named:
            running.append(named[-1])
            also |= dict.fromkeys(named[:-1])
            continue
        found = parts(word)
        running += found
        if 1 < len(found) <= MOST_PARTS:
            for start, end in combinations(range(len(found) + 1), 2):
                if end - start > 1:
                    also |= dict.fromkeys(joined(found[start:end]))
    return " ".join([*running, *also])
