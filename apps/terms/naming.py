"""How names are compared: one key for every way to write the same name."""

from __future__ import annotations

import re
import unicodedata

# α to ω, by the names that Unicode gives them (which spells lambda without its b).
GREEK = {
    chr(code): unicodedata.name(chr(code)).rsplit(" ", 1)[1].lower().replace("lamda", "lambda")
    for code in range(0x3B1, 0x3CA)
}

# British and American spellings, as (what to find, what all become). Medical stems only: a rule that would also touch
# other words (-ise, -ll-) names them in full.
SPELLINGS = [
    ("tumour", "tumor"),
    ("oesoph", "esoph"),
    ("haem", "hem"),
    ("aemi", "emi"),
    ("oedema", "edema"),
    ("oestr", "estr"),
    ("paediatr", "pediatr"),
    ("orthopaed", "orthoped"),
    ("gynaec", "gynec"),
    ("coeli", "celi"),
    ("rrhoea", "rrhea"),
    ("foet", "fet"),
    ("faec", "fec"),
    ("caec", "cec"),
    ("anaesth", "anesth"),
    ("leuco", "leuko"),
    ("sulph", "sulf"),
    ("fibre", "fiber"),
    ("centre", "center"),
    ("colour", "color"),
    ("behaviour", "behavior"),
    ("odour", "odor"),
    ("signalling", "signaling"),
    ("labelled", "labeled"),
    ("ionis", "ioniz"),
    ("immortalis", "immortaliz"),
    ("oxidis", "oxidiz"),
]
_SPELLING = re.compile("|".join(re.escape(found) for found, _ in SPELLINGS))
_SPELLED = dict(SPELLINGS)
_GREEK = re.compile(f"[{''.join(GREEK)}]")
_QUOTES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`", "'"))
_SEPARATORS = re.compile(r"[\s_\u2010-\u2015\u2212-]+")

_NOT_STATED = re.compile(
    r"(not (stated|reported|specified|given)|unspecified|unknown)( in the (abstract|paper|study|title))?"
)


def key(text: str) -> str:
    """The form in which names are compared: case, Greek letters, separators and British spelling do not count.

    Numbers, plurals and word order do: `miR-16-1` and `miR-161`, `colitis` and `colitides` stay apart.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_QUOTES)).casefold()
    named = _GREEK.sub(lambda letter: f" {GREEK[letter[0]]}", plain)
    american = _SPELLING.sub(lambda stem: _SPELLED[stem[0]], named)
    return _SEPARATORS.sub(" ", american).strip()


def squeezed(text: str) -> str:
    """The key without its separators: for cell lines, whose hyphens everyone sets as they like."""
    return key(text).replace(" ", "")


def is_not_stated(text: str) -> bool:
    """Whether the text only says that the study does not say."""
    return _NOT_STATED.fullmatch(key(text)) is not None
