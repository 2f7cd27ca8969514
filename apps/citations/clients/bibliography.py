"""How titles, names and years are spelled by the services, and how by ExoDB."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from .natures import clean

TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
FIRST_YEAR, LAST_YEAR = 1946, 2100
# Publication types of PubMed that say of which kind a study is, the most telling first.
KINDS = (
    ("meta_analysis", ("meta-analysis", "network meta-analysis")),
    ("systematic_review", ("systematic review", "systematic-review")),
    ("review", ("review", "review-article", "scoping review")),
    ("clinical_trial", ("clinical trial", "randomized controlled trial", "controlled clinical trial")),
)
# "AJ" and "J.-P." are initials already; "Li" is a name.
INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s-]*){1,4}")
NAME_PARTS = re.compile(r"[\s\-‐‑.]+")


def plain(text: str | None) -> str:
    """Text without mark-up: services give `<i>`, `&lt;i&gt;` and line breaks inside titles."""
    return clean(html.unescape(TAG.sub("", html.unescape(text or ""))))


def year_of(text: str | None) -> int | None:
    return year_in_range(int(text)) if text and re.fullmatch(r"[0-9]{4}", text) else None


def year_in_range(year: int) -> int | None:
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def kind_of(types: Iterable[str]) -> str:
    """The kind that the publication types name; empty where they only say "Journal Article"."""
    said = {each.lower() for each in types}
    for kind, words in KINDS:
        if said & set(words) or (kind == "clinical_trial" and any(each.startswith("clinical trial,") for each in said)):
            return kind
    return ""


def initials(given: str) -> str:
    """`Brooks B.` is BB, `Jean-Pierre` JP, `AJ` and `A. J.` AJ."""
    name = plain(given)
    if name.isupper() and INITIALS.fullmatch(name):
        return "".join(letter for letter in name if letter.isalpha())
    return "".join(part[0].upper() for part in NAME_PARTS.split(name) if part and part[0].isalpha())
