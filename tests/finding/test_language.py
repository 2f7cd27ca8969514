"""The search language: words stay words, syntax is read, and what breaks is told by its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.finding.asking import All, Any, Between, Is, Not, Text
from apps.finding.language import read

HARM = Is("edge", ("harm",))

# What people type and paste; no sign in it is syntax.
PLAIN = [
    "miR-21",
    "miR-21 (5p)",
    "PD-L1",
    "PD-L1 -gastric",
    '"drug resistance" -gastric',
    "exosome cisplatin or exosome doxorubicin",
    "Exosomal miR-21 (hsa-miR-21-5p) and PTEN: a double-edged sword",
    "Exosomes and cancer: promote or suppress? (a review)",
    "Disease: a review of exosomes",
    "The target: PTEN",
    "10.1016/j.cell.2020.07.009",
    "doi:10.1002/(SICI)1097-0142(19960801)78:3",
    "https://doi.org/10.1000/abc",
    "DOID:162 exosome",
    "HGNC:9588",
    "EXOSOMES DO NOT PROMOTE METASTASIS AND MAY SUPPRESS TUMOUR GROWTH",
    "OR",
    "AND",
    "NOT",
    "Oncogene 2018;37:1",
    "外泌体 miR-21",
    "Exosomen und Magenkrebs",
    "((((",
    "a ) b",
    'unclosed "quote',
    "' OR 1=1 --",
    "&|!<->:*",
    "mode: fast",
]


@pytest.mark.parametrize("typed", PLAIN)
def test_ordinary_text_is_words(typed):
    assert read(typed).question == Text(typed)
    assert read(typed).fault is None


QUESTIONS = {
    "edge:harm": HARM,
    "EDGE:harm": HARM,
    "edge:Harm miR-21": All((HARM, Text("miR-21"))),
    "miR-21 cisplatin edge:harm": All((Text("miR-21 cisplatin"), HARM)),
    "-edge:harm": Not(HARM),
    "NOT edge:harm": Not(HARM),
    "NOT NOT edge:harm": HARM,
    'disease:"gastric cancer"': Is("disease", ("gastric cancer",)),
    'disease:(gastric cancer OR glioma or "lung cancer")': Is("disease", ("gastric cancer", "glioma", "lung cancer")),
    "edge:(harm OR benefit)": Is("edge", ("harm", "benefit")),
    "year:2018..2020": Between("year", 2018, 2020),
    "year:2018..": Between("year", 2018, None),
    "year:(2018 OR 2020)": Any((Between("year", 2018, 2018), Between("year", 2020, 2020))),
    "term:DOID:162": Is("term", ("DOID:162",)),
    "study:10.1002/(SICI)1097-0142": Is("study", ("10.1002/(sici)1097-0142",)),
    "miR-21 AND cisplatin": All((Text("miR-21"), Text("cisplatin"))),
    "(miR-21 OR cisplatin)": Any((Text("miR-21"), Text("cisplatin"))),
    "miR-21 NOT cisplatin": All((Text("miR-21"), Not(Text("cisplatin")))),
    "PD-L1 NOT CD274": All((Text("PD-L1"), Not(Text("CD274")))),
    "(miR-21 OR miR-155) AND cisplatin": All((Any((Text("miR-21"), Text("miR-155"))), Text("cisplatin"))),
    'edge:harm "drug resistance"': All((HARM, Text("drug resistance", phrase=True))),
    "edge:harm miR-21 (5p)": All((HARM, Text("miR-21"), Text("5p"))),
    "edge:harm DOID:162": All((HARM, Text("DOID:162"))),
    "edge:harm OR aspect:safety level:B": Any((HARM, All((Is("aspect", ("safety",)), Is("level", ("B",)))))),
    "edge:harm -(PTEN OR AKT)": All((HARM, Not(Any((Text("PTEN"), Text("AKT")))))),
}


@pytest.mark.parametrize("typed", QUESTIONS)
def test_a_question_is_read(typed):
    reading = read(typed)

    assert (reading.question, reading.fault) == (QUESTIONS[typed], None)


FAULTS = {
    "edge:good": ("edge: 'good' is none of harm, benefit", 5),
    "miR-21 year:soon": ("year: 'soon' is not a year like 2018", 12),
    "edge:(harm OR good)": ("'good' is none of harm", 14),
    "desease:glioma": ("There is no field 'desease'. Did you mean disease:?", 0),
    "edge:harm desease:glioma": ("Did you mean disease:?", 10),
    "(edge:harm": ("This bracket opens, and none closes", 0),
    "edge:harm)": ("This bracket closes, and none is open", 9),
    'edge:harm "drug': ("This quotation mark opens, and none closes", 10),
    "edge:harm OR": ("Something is missing at the end", 12),
    "edge:harm AND OR miR-21": ("'OR' stands where a word or a field is wanted", 14),
    "edge:harm ()": ("Nothing stands in front of this bracket", 11),
    "edge:)": ("This bracket closes", 5),
    "edge:harm " + "(" * 30 + "a" + ")" * 30: ("more than 20 deep", 30),
    "edge:harm " + "edge:harm " * 70: ("More than 60 parts", 0),
}


@pytest.mark.parametrize("typed", FAULTS)
def test_what_can_not_be_read_is_told_by_its_place_and_read_as_words(typed):
    says, at = FAULTS[typed]
    reading = read(typed)

    assert says in reading.fault.says
    assert reading.fault.at == at
    assert reading.question == Text(typed.strip())


PIECES = st.sampled_from(
    [
        *'()"-: ',
        "AND",
        "OR",
        "or",
        "NOT",
        "edge:",
        "edge:harm",
        "year:2018..",
        "disease:",
        "miR-21",
        "10.1/x",
        "\0",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=40).map(" ".join) | st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200))
def test_nothing_that_is_typed_breaks_the_reading(typed):
    reading = read(typed)

    assert reading.fault is None or 0 <= reading.fault.at <= len(typed)
