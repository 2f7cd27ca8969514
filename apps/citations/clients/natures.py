"""What the services' many words for notices mean, and how dates and identifiers are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from .interface import Nature, NoticeRecord

LONGEST_IDENTIFIER = 300
LONGEST_REASON = 2000
DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
PMID = re.compile(r"[1-9][0-9]{0,8}")
PMCID = re.compile(r"PMC[1-9][0-9]{0,9}")
RESOLVERS = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
# In the order in which they are looked for. A part of a paper withdrawn is more than a correction and less than the
# whole paper retracted: it counts as a concern. Spellings: Crossref's update types and open-retractions' slips.
STEMS = (
    (("partial retract",), Nature.CONCERN),
    (("reinstat",), Nature.REINSTATEMENT),
    (("retract", "retration"), Nature.RETRACTION),
    (("withdraw", "removal"), Nature.WITHDRAWAL),
    (("concern",), Nature.CONCERN),
    (("correct", "corrig", "errat", "addend", "clarif"), Nature.CORRECTION),
)
# "Removal of expression of concern" speaks for the paper.
LIFTED = re.compile(r"(?:remov|withdr|retract|lift)\w* of (?:an |the )?(?:expression of )?concern")
SHORT = {"err": Nature.CORRECTION, "eoc": Nature.CONCERN}


def nature_of(words: str) -> Nature | None:
    """What an update type says ("expression_of_concern", "Corrigendum", …). New versions and the unheard-of: None."""
    plain = re.sub(r"[-_\s]+", " ", words).strip().lower()
    if plain in SHORT or LIFTED.search(plain):
        return SHORT.get(plain)
    return next((nature for stems, nature in STEMS if any(stem in plain for stem in stems)), None)


def doi_of(text: str | None) -> str | None:
    """A DOI in lower case without its resolver, or None where this is none."""
    plain = RESOLVERS.sub("", (text or "").strip()).lower()
    return plain if DOI.fullmatch(plain) and len(plain) <= LONGEST_IDENTIFIER else None


def pmid_of(text: str | float | None) -> str | None:
    """A PMID from `37476288`, `37476288.0`, `PMID:37476288` or PubMed's address, or None."""
    plain = re.sub(r"^(?:https?://pubmed\.ncbi\.nlm\.nih\.gov/|pmid:\s*)", "", str(text or "").strip().lower())
    plain = plain.rstrip("/").removesuffix(".0")
    return plain if PMID.fullmatch(plain) else None


def pmcid_of(text: str | float | None) -> str | None:
    """A PMCID without its version (`PMC2883744.1`), or None."""
    plain = str(text or "").strip().upper().partition(".")[0]
    return plain if PMCID.fullmatch(plain) else None


def day_of(parts: Any) -> date | None:
    """A day from Crossref's `[[2010, 2, 6]]`. A year or a month alone is no day, and none is invented."""
    match parts:
        case [[int(year), int(month), int(day), *_], *_]:
            try:
                return date(year, month, day)
            except (ValueError, OverflowError):
                return None
    return None


def day_in_reference(reference: str) -> date | None:
    """The day in PubMed's short reference, `Lancet. 2024 Sep 28;404(10459):1227`, if it gives one."""
    found = re.search(r"\b(\d{4} [A-Z][a-z]{2} \d{1,2})\b", reference)
    return _parsed(found[1], "%Y %b %d") if found else None


def us_day(text: str) -> date | None:
    """The day in `7/12/2023 0:00`, which is the twelfth of July."""
    return _parsed(text.strip().partition(" ")[0], "%m/%d/%Y")


def _parsed(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no time zone
    except ValueError:
        return None


def clean(text: str) -> str:
    """Text that a database takes: no control characters, no end of it."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", text).split())[:LONGEST_REASON]


def merged(notices: Iterable[NoticeRecord]) -> tuple[NoticeRecord, ...]:
    """Each notice once. A notice without an identifier goes where one of its nature has an identifier."""
    by_key: dict[tuple[Nature, str], NoticeRecord] = {}
    for notice in notices:
        key = (notice.nature, notice.identifier)
        known = by_key.get(key)
        by_key[key] = _joined(known, notice) if known else notice
    named = {nature for nature, identifier in by_key if identifier}
    return tuple(notice for notice in by_key.values() if notice.identifier or notice.nature not in named)


def _joined(one: NoticeRecord, other: NoticeRecord) -> NoticeRecord:
    days = [day for day in (one.dated, other.dated) if day]
    return NoticeRecord(one.nature, one.identifier, min(days, default=None), one.reason or other.reason)
