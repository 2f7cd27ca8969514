"""ORCID identifiers: how they look, and the check digit that tells a typing error from a person."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Func

PATTERN = r"^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$"
LOOKS_LIKE = "An ORCID looks like 0000-0002-1825-0097."
MISTYPED = "The last character of this ORCID does not fit the others: one of them is mistyped."
DIGITS = 16


def checked(orcid: str) -> None:
    """Refuse a well-formed ORCID whose check digit is wrong (ISO 7064, MOD 11-2)."""
    if not re.fullmatch(PATTERN, orcid):
        return
    digits = [10 if sign == "X" else int(sign) for sign in orcid.replace("-", "")]
    if sum(digit * _weight(place) for place, digit in enumerate(digits)) % 11 != 1:
        raise ValidationError(MISTYPED, code="orcid")


def _weight(place: int) -> int:
    """What a place counts: powers of two, the check digit counts one. Modulo 11 they stay small."""
    return pow(2, DIGITS - 1 - place, 11)


_SUM = " + ".join(
    f"{_weight(place)} * substr(replace(%(expressions)s, '-', ''), {place + 1}, 1)::int" for place in range(DIGITS - 1)
)


class CheckDigitFits(Func):
    """The same for the database. What does not even look like an ORCID is another rule's business.

    CASE, for only it promises that no letter is read as a number. A migration names this: its SQL must stay as it is.
    """

    arity = 1
    output_field = BooleanField()
    template = (
        f"CASE WHEN %(expressions)s ~ '{PATTERN}' THEN mod({_SUM} + "
        "CASE right(%(expressions)s, 1) WHEN 'X' THEN 10 ELSE right(%(expressions)s, 1)::int END, 11) = 1 "
        "ELSE TRUE END"
    )
