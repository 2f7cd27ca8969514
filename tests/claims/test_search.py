"""Search: people's spellings meet, narrower names stay narrow, and nothing that is typed can break it."""

import pytest
from django.core.management import call_command

from apps.claims import search
from apps.claims.models import Claim, State
from apps.claims.words import for_index, mirna_words
from apps.vesicles.models import Cargo, CargoSynonym, CargoXref
from tests.makers import a_cargo, a_claim, a_name, a_notice, a_preparation, a_source, a_study, a_term

pytestmark = pytest.mark.django_db


def indexed(**fields):
    claim = a_claim(**fields)
    search.index(Claim.objects.filter(pk=claim.pk))
    return claim


def found(words):
    return set(search.find_claims(words))


MIR_21 = [
    "miR-21",
    "mir 21",
    "miR21",
    "microRNA-21",
    "miRNA-21",
    "hsa-miR-21",
    "MIR21",
    "mir-21",
    "miR\u201121",
    "MIR-21",
]


@pytest.mark.parametrize("typed", MIR_21)
def test_every_spelling_of_a_microrna_finds_it_and_its_arms(typed):
    plain = indexed(cargo=a_cargo("miR-21"))
    arm = indexed(cargo=a_cargo("miR-21-5p"))
    indexed(cargo=a_cargo("miR-210"))
    indexed(cargo=a_cargo("miR-221"))

    assert found(typed) == {plain, arm}


@pytest.mark.parametrize("typed", ["miR-21-5p", "hsa-miR-21-5p", "mir 21 5p", "MIR-21-5P"])
def test_an_arm_finds_only_itself(typed):
    family = a_cargo("miR-21")
    a_term("mirbase:MI0000077", "hsa-mir-21", "molecule")
    CargoXref.objects.create(cargo=family, curie="mirbase:MI0000077", relation="family")
    indexed(cargo=family)
    arm = indexed(cargo=a_cargo("miR-21-5p"))
    indexed(cargo=a_cargo("miR-21-3p"))
    indexed(cargo=a_cargo("miR-210-5p"))

    assert found(typed) == {arm}


def test_the_words_of_a_microrna_go_from_the_family_to_the_arm():
    assert mirna_words("miR-125b-1-3p") == ["mir125", "mir125b", "mir125bcopy1", "mir125barm3p", "mir125bcopy1arm3p"]
    assert mirna_words("MIRACLE") == []


SPELLINGS = [
    ("PD-L1 lowers the response", ["PD-L1", "PDL1", "PD L1", "pd-l1", '"PD-L1"', "PD\u2013L1"]),
    (
        "TGF-β1 turned on in fibroblasts",
        ["TGF-β1", "TGF-beta1", "TGF-beta-1", "TGFB1", "TGFβ1", "tgf beta", "TGF-β", "TGFB"],
    ),
    ("NF-κB was active", ["NF-κB", "NF-kappaB", "NFKB", "nf kappa B"]),
    ("IFN-γ was released", ["IFN-γ", "IFN-gamma", "IFNG", "interferon or IFN-γ"]),
    ("the tumour grew", ["tumour", "tumor", "tumours", "TUMORS"]),
    ("oesophageal carcinoma", ["oesophageal", "esophageal"]),
    ("acute myeloid leukaemia", ["leukaemia", "leukemia", "myeloid leukemia"]),
    ("macrophages polarised to M2", ["polarised", "polarized"]),
    ("HSP-70 in vesicles", ["HSP70", "HSP-70", "hsp 70"]),
    ("MDA-MB-231 cells", ["MDA-MB-231", "MDAMB231", "mda mb 231"]),
    ("hsa_circ_0043722 was high", ["hsa_circ_0043722", "circ_0043722", "hsa-circ-0043722", "circ0043722"]),
    ("Crohn\u2019s disease", ["Crohn's disease", "crohn", "Crohn\u2019s"]),
    ("naïve T cells", ["naive", "naïve"]),
    ("外泌体 promotes growth", ["外泌体"]),
]


@pytest.mark.parametrize(("written", "typed"), [(written, typed) for written, many in SPELLINGS for typed in many])
def test_spellings_meet(written, typed):
    claim = indexed(statement=written)

    assert found(typed) == {claim}


@pytest.mark.parametrize("typed", ["PD-L1", "PDL1", "CD274", "cd274"])
def test_a_cargo_is_found_by_its_synonyms_and_by_its_molecule(typed):
    cargo = Cargo.objects.create(kind="protein", name="CD274")
    CargoSynonym.objects.create(cargo=cargo, text="PD-L1")
    claim = indexed(cargo=cargo)

    assert found(typed) == {claim}


def test_a_panel_is_found_by_its_members():
    panel = Cargo.objects.create(kind="miRNA", name="synthetic panel")
    panel.memberships.create(member=a_cargo("miR-96"))
    claim = indexed(cargo=panel)

    assert found("miR-96") == {claim}


def test_a_disease_finds_what_is_narrower_and_not_what_is_broader():
    colorectal = a_term("DOID:9256", "colorectal cancer")
    colon = a_term("DOID:219", "colon cancer", parents=(colorectal,))
    narrow = indexed(disease=a_name("disease", "colon cancer", (colon,)), statement="One.", outcome="one")
    broad = indexed(disease=a_name("disease", "colorectal cancer", (colorectal,)), statement="Two.", outcome="two")

    assert found('"colorectal cancer"') == {narrow, broad}
    assert found('"colon cancer"') == {narrow}


def test_names_of_therapy_target_recipient_source_and_study_are_found():
    study = a_study(title="On synthetic zebras", journal="Annals of Quaggas", authors=["Okapi Z"])
    source = a_source(name="gibbon fibroblasts", cell_line=a_name("cell_line", "Lemur-9"))
    claim = indexed(
        preparation=a_preparation(study=study, source=source, term="oncosome"),
        therapies=("cisplatin",),
        targets=("PTEN",),
        recipient=a_name("recipient", "lynx macrophages"),
    )

    for typed in (
        "cisplatin",
        "PTEN",
        "lynx",
        "gibbon",
        "Lemur9",
        "oncosome",
        "zebras",
        "quaggas",
        "okapi",
        study.pmid,
    ):
        assert found(typed) == {claim}, typed


def test_quotes_minus_and_or_work_as_in_web_searches():
    one = indexed(statement="alpaca gathers berries")
    two = indexed(statement="berries gather an alpaca")

    assert found('"alpaca gathers"') == {one}
    assert found("alpaca -gathers") == set()
    assert found('alpaca -"alpaca gathers"') == {two}
    assert found("gathers or nothingelse") == {one, two}


def test_only_accepted_claims_are_found():
    for state in State:
        if state != State.ACCEPTED:
            indexed(state=state, cargo=a_cargo("miR-21"))

    assert found("miR-21") == found("") == set()


def test_nothing_typed_gives_all_newest_first():
    first, second = indexed(), indexed()

    assert list(search.find_claims("  ")) == [second, first]


def test_the_claim_about_the_cargo_comes_before_one_that_mentions_it():
    other = indexed(cargo=a_cargo("miR-96"), statement="Unlike miR-21, and miR-21 again, miR-21 fell.")
    own = indexed(cargo=a_cargo("miR-21"))

    assert list(search.find_claims("mir21")) == [own, other]


def test_the_order_is_total():
    claims = {indexed(cargo=a_cargo("miR-21"), level_computed="E") for _ in range(5)}

    listed = list(search.find_claims("miR-21"))

    assert set(listed) == claims
    assert listed == list(search.find_claims("miR-21"))
    assert search.find_claims("miR-21").query.order_by[-1] == "-pk"


HOSTILE = [
    "",
    " ",
    "\0",
    "a\0b",
    "the of and in",
    '"',
    '"""',
    '"unbalanced',
    'unbalanced"',
    "'",
    "''; DROP TABLE claims_claim; --",
    "' OR 1=1 --",
    "1; SELECT pg_sleep(10)",
    "%",
    "%s %(name)s",
    "_",
    "\\",
    "\\' \\\"",
    "(",
    ")",
    "((((",
    "()&|!:*<->",
    "a & b | !c",
    "!!!",
    ":*",
    "a:*",
    "a <-> b",
    "-",
    "--",
    "---a",
    "- a",
    "-a",
    '-"a b"',
    "or",
    "or or or",
    "a or",
    "or a",
    "OR -or",
    "+",
    "*",
    "?",
    "外泌体 肝癌",
    "экзосомы",
    "إكسوسوم",
    "🧬🧫",
    "\u202emiR-21",
    "\ud7ff\ufffd",
    "miR-",
    "miR--21",
    "miR-99999999999999999999999",
    "let-7a-5p*",
    "10.",
    "10.1/",
    "https://doi.org/",
    "PMID:",
    "DOID:",
    ":::",
    "EXCL",
    "EXCL00000000001",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "../../../etc/passwd",
    "x" * 10_000,
    "miR-21 " * 1_500,
    '"' * 10_000,
    "-" * 10_000,
    "(" * 10_000,
    "é" * 10_000,
    "\n\t\r",
    "1e5 1.5 -7 0x1F",
    "a's b's '",
    "β",
    "ß ﬁ ℵ ²",
]


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_typed_can_raise(typed):
    indexed(statement=f"A statement that holds {typed[:50].replace(chr(0), '')} itself.")

    assert search.find_claims(typed).count() >= 0
    list(search.find_claims(typed)[:5])
    search.address_of(typed)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_the_index_holds_is_letters_and_digits(text):
    assert all(word.isascii() and word.isalnum() for word in for_index(text).split())


def test_identifiers_lead_to_their_pages():
    study = a_study(pmid="32795414", pmcid="PMC7552766", doi="10.1016/j.cell.2020.07.009", nct="NCT03235687")
    indexed(preparation=a_preparation(study=study))
    term = a_term("DOID:162", "cancer")
    page = study.get_absolute_url()

    for typed in (
        *("32795414", "PMID: 32795414", "pmid32795414", "PMID:32795414", " 32795414 ", "PMC7552766", "pmc7552766"),
        *("10.1016/j.cell.2020.07.009", "10.1016/J.CELL.2020.07.009", "doi:10.1016/j.cell.2020.07.009"),
        *("https://doi.org/10.1016/j.cell.2020.07.009", "http://dx.doi.org/10.1016/j.cell.2020.07.009"),
        *("NCT03235687", "nct03235687"),
    ):
        assert search.address_of(typed) == page, typed
    assert search.address_of("doid:162") == search.address_of("DOID:162") == term.get_absolute_url()


def test_what_is_not_public_leads_nowhere():
    study = a_study(pmid="32795414")
    cargo = a_cargo("miR-21")
    CargoXref.objects.create(cargo=cargo, curie="mirbase:MI0000077", relation="family")
    indexed(cargo=cargo, preparation=a_preparation(study=study), state=State.DRAFT)

    assert search.address_of("32795414") is None
    assert search.address_of("mirbase:MI0000077") is None


@pytest.mark.parametrize(
    "typed", ["", "miR-21", "99999999", "10.9999/none", "NCT99999999", "DOID:0", "EXCL9999999", "32795414 and more"]
)
def test_what_is_not_known_leads_nowhere(typed):
    assert search.address_of(typed) is None


def test_a_cargo_is_reached_by_the_identifier_that_only_it_has():
    cargo = a_cargo("miR-21")
    CargoXref.objects.create(cargo=cargo, curie="mirbase:MI0000077", relation="family")
    indexed(cargo=cargo)

    assert search.address_of("MIRBASE:mi0000077") == cargo.get_absolute_url()


def test_the_index_costs_the_same_for_any_number_of_claims(django_assert_max_num_queries):
    for _ in range(30):
        a_claim(cargo=a_cargo("miR-21"), therapies=("cisplatin",), targets=("PTEN",))

    with django_assert_max_num_queries(18):
        assert search.index() == 30
    assert search.find_claims("cisplatin").count() == 30


def test_the_index_follows_a_name_that_is_grounded_later():
    name = a_name("disease", "synthetic growth")
    claim = indexed(disease=name)
    name.terms.add(a_term("DOID:0000001", "quaggaoma"))

    assert found("quaggaoma") == set()
    search.index()
    assert found("quaggaoma") == {claim}


def test_reindex_brings_all_claims_up_to_date_and_a_second_time_writes_nothing(capsys):
    name = a_name("disease", "synthetic growth")
    claim, _ = indexed(disease=name), indexed()
    name.terms.add(a_term("DOID:0000001", "quaggaoma"))

    call_command("reindex", verbosity=0)
    call_command("reindex", verbosity=0)

    first, second = capsys.readouterr().out.splitlines()
    assert (first, second) == (
        "2 claims looked at, 1 had other words.",
        "2 claims looked at, 0 had other words.",
    )
    assert found("quaggaoma") == {claim}


def test_a_retracted_study_is_still_found():
    study = a_study()
    claim = indexed(preparation=a_preparation(study=study), cargo=a_cargo("miR-21"))
    a_notice(study=study)

    assert found("miR-21") == {claim}
