"""Words of no language, of which synthetic texts are made."""

SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "ku",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "zo",
    "xe",
    "dra",
    "plo",
    "qui",
)
MADE_UP = [first + second + third for first in SYLLABLES for second in SYLLABLES for third in SYLLABLES]
