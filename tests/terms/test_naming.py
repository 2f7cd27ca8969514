import pytest

from apps.terms.naming import is_not_stated, key, squeezed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lung Cancer", "lung cancer"),
        ("tumour", "tumor"),
        ("oesophageal squamous cell carcinoma", "Esophageal squamous cell carcinoma"),
        ("acute myeloid leukaemia", "acute myeloid leukemia"),
        ("haematopoietic stem cell", "hematopoietic stem cell"),
        ("anaemia", "anemia"),
        ("liver ischaemia", "liver ischemia"),
        ("Wnt signalling", "Wnt signaling"),
        ("β-catenin", "beta-catenin"),
        ("TGFβ1", "TGF-β1"),
        ("TNFα", "TNF-alpha"),
        ("NF-κB", "NF-kappaB"),
        ("non-small cell lung cancer", "non\u2010small\u00a0cell_lung  cancer"),
        ("Crohn’s disease", "Crohn's disease"),
        ("ﬁbre", "fiber"),
        ("µ-opioid", "mu-opioid"),
    ],
)
def test_two_ways_to_write_a_name_have_one_key(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("miR-16-1", "miR-161"),
        ("miR-125a", "miR-125"),
        ("cancer", "cancers"),
        ("CD4", "CD44"),
        ("colitis", "colitides"),
    ],
)
def test_different_names_keep_different_keys(one, other):
    assert key(one) != key(other)


def test_a_key_of_a_key_is_the_key():
    for text in ["Oesophageal β-tumour", "TGFβ", "haem-", "miR-21-5p"]:
        assert key(key(text)) == key(text)


def test_cell_lines_are_squeezed():
    assert squeezed("MKN-45") == squeezed("MKN 45") == squeezed("mkn45")


@pytest.mark.parametrize(
    ("text", "says_nothing"),
    [
        ("not stated", True),
        ("Not stated in the abstract", True),
        ("unknown", True),
        ("not disease-specific", False),
        ("unknown primary cancer", False),
    ],
)
def test_a_name_may_only_say_that_the_study_does_not_say(text, says_nothing):
    assert is_not_stated(text) is says_nothing
