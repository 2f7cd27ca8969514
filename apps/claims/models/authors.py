"""Names of authors, as PostgreSQL compares them: one expression for the queue, for the acts and for the trigger."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, TextField

# Neither case, accents nor punctuation tell two people apart, nor whether initials stand together: Núñez-Doe, J. R. is
# nunez doe jr. NFKD sets the marks of accents apart; a few letters it leaves whole.
STEPS = (
    "translate({}, '\u00f8\u0142\u0111\u0131', 'oldi')",
    "regexp_replace({}, '[\u0300-\u036f''\u2019`]', '', 'g')",
    "regexp_replace({}, '[[:space:][:punct:]]+', ' ', 'g')",
    "regexp_replace({}, ' ?' || chr(31) || ' ?', chr(31), 'g')",
    r"regexp_replace({}, '(\m\w) (?=\w\M)', '\1', 'g')",
)


def compared(names: str) -> str:
    """SQL for a list of names as they are compared, from SQL for the list as it was written."""
    # All at once: a list of many authors costs hardly more than one name.
    said = f"lower(normalize(array_to_string({names}, chr(31)), NFKD))"
    for step in STEPS:
        said = step.format(said)
    return f"array_remove(string_to_array(btrim({said}), chr(31)), '')"


class Compared(Func):
    """A list of authors as they are compared."""

    template = compared("%(expressions)s")
    output_field = ArrayField(TextField())
