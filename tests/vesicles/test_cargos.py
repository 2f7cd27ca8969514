import re

import pytest

from apps.records.models import Accession
from apps.terms.loading import load
from apps.terms.readers import read
from apps.terms.table import SynonymRecord, TermRecord
from apps.vesicles.cargos import CargoConflict, cargo_key, facts_for, find_cargos
from apps.vesicles.meaning import list_parts
from apps.vesicles.models import Cargo
from apps.vesicles.table import BadCargos, add_rows, load_cargos, read_cargos
from tests.terms.places import VOCABULARY, a_file

pytestmark = pytest.mark.django_db

HEADER = "accession · kind · name · synonyms · xrefs · members · reason"


# What the tests below speak of, and the genes that share a name with it; the whole table would cost seconds a test.
MIRNAS = re.compile(r"hsa-(mir-(16|21|34|122|155|181a|223|3607)|let-7a)(-|[abc]|$)", re.IGNORECASE)
GENES = {"ATP8B4", "BCL6", "CD274", "CDKN2B-AS1", "EGFR", "IFT80", "KLK3", "KRAS", "MET", "MYC", "NPEPPS", "PSAT1"}
GENES |= {"PTEN", "S100A8", "UHRF1"}


@pytest.fixture(scope="module")
def molecules():
    """A part of our own table."""
    records = list(read(VOCABULARY / "molecule.tsv"))
    chosen = {each.curie for each in records if MIRNAS.match(each.label) or each.label in GENES}
    return [each for each in records if each.curie in chosen or (chosen & set(each.parents))]


@pytest.fixture(autouse=True)
def _vocabularies(molecules):
    load("molecule", molecules)
    load("therapy", read(VOCABULARY / "therapy.tsv"))


def find(kind, name, curie=""):
    return find_cargos([(kind, name, curie)])[kind, name, curie]


def xrefs(cargo):
    return {f"{xref.relation}={xref.curie}" for xref in cargo.xrefs.all()}


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("miRNA", "miR-21-5p", {"exact=mirbase.mature:MIMAT0000076"}),
        ("miRNA", "miR-21", {"family=mirbase:MI0000077"}),
        ("miRNA", "hsa-mir-21", {"exact=mirbase:MI0000077"}),
        ("miRNA", "miR-16", {"family=mirbase:MI0000070", "family=mirbase:MI0000115"}),
        ("miRNA", "miR-3607-3p", set()),
        ("miRNA", "antitumour miRNAs", set()),
        ("protein", "CD274 (PD-L1)", {"exact=uniprot:Q9NZQ7", "gene=HGNC:17635"}),
        ("protein", "PD-L1", {"exact=uniprot:Q9NZQ7", "gene=HGNC:17635"}),
        ("protein", "PSA", set()),
        ("protein", "CagA", set()),
        ("protein", "CD274 (PSMA)", {"exact=uniprot:Q9NZQ7", "gene=HGNC:17635"}),
        ("protein", "CD274 (EGFR)", set()),
        ("mRNA", "PTEN mRNA", {"gene=HGNC:9588"}),
        ("lncRNA", "ANRIL", {"gene=HGNC:34341"}),
        ("circRNA", "circUHRF1", {"gene=HGNC:12556"}),
        ("circRNA", "circ_IFT80", {"gene=HGNC:29262"}),
        ("circRNA", "ciRS-122", set()),
        ("siRNA", "KRAS siRNA", {"target=HGNC:6407"}),
        ("other_RNA", "miR-21 inhibitor", {"target=mirbase:MI0000077"}),
        ("small_molecule", "doxorubicin", {"exact=CHEBI:28748"}),
        ("small_molecule", "adriamycin", {"exact=CHEBI:28748"}),
        ("small_molecule", "no such drug", set()),
        ("particle", "EGFR", set()),
    ],
)
def test_a_new_cargo_is_grounded_by_rules_and_never_guessed(kind, name, expected):
    assert xrefs(find(kind, name)) == expected


def test_a_list_becomes_a_panel_of_its_members():
    panel = find("miRNA", "miR-21, let-7a and miR-181a panel")

    assert {each.name for each in panel.members.all()} == {"miR-21", "let-7a", "miR-181a"}
    assert not xrefs(panel)
    assert all(xrefs(member) for member in panel.members.all())


def test_a_list_with_one_unknown_part_is_no_panel():
    assert not find("protein", "EGFR, MET and friends").members.exists()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("miR-21, let-7a and miR-181a panel", ("miR-21", "let-7a", "miR-181a")),
        ("BCL6 mRNA and MYC mRNA", ("BCL6", "MYC")),
        ("miR-512-3p, miR-412-3p", ("miR-512-3p", "miR-412-3p")),
        ("miR-21", ("miR-21",)),
    ],
)
def test_a_list_is_split_into_its_parts(name, parts):
    assert list_parts(name) == parts


def test_one_cargo_whether_or_not_the_identifier_is_written():
    found = find_cargos(
        [
            ("small_molecule", "doxorubicin", "CHEBI:28748"),
            ("small_molecule", "Doxorubicin", None),
            ("small_molecule", "adriamycin", None),
        ]
    )

    assert len(set(found.values())) == 1
    assert find("small_molecule", "DOXORUBICIN", "CHEBI:28748") in found.values()
    assert Cargo.objects.count() == 1


def test_a_cargo_is_found_by_its_synonym_and_by_its_cross_reference():
    cargo = find("protein", "CD274 (PD-L1)")

    assert find("protein", "pd_l1") == cargo
    assert find("protein", "B7-H1") == cargo
    assert find("protein", "programmed death ligand", "uniprot:Q9NZQ7") == cargo
    assert find("protein", "programmed death ligand") == cargo


def test_the_same_molecule_in_two_kinds_is_two_cargos():
    assert find("protein", "EGFR") != find("mRNA", "EGFR")


def test_an_identifier_that_contradicts_the_known_one_is_refused():
    cargo = find("small_molecule", "doxorubicin", "CHEBI:28748")

    with pytest.raises(CargoConflict, match=rf"{cargo.accession} \(doxorubicin\) is CHEBI:28748 .* CHEBI:45863"):
        find("small_molecule", "doxorubicin", "CHEBI:45863")


def test_an_identifier_that_contradicts_the_name_is_refused():
    with pytest.raises(CargoConflict, match="CHEBI:45863 by its name, but CHEBI:28748 is given"):
        find("small_molecule", "paclitaxel", "CHEBI:28748")

    assert not Cargo.objects.exists()


def test_a_name_of_one_cargo_with_the_identifier_of_another_is_refused():
    find("small_molecule", "doxorubicin", "CHEBI:28748")
    find("small_molecule", "paclitaxel", "CHEBI:45863")

    with pytest.raises(CargoConflict, match=r"paclitaxel.*doxorubicin"):
        find("small_molecule", "paclitaxel", "CHEBI:28748")


def test_finding_known_cargos_costs_the_same_for_any_number(django_assert_max_num_queries):
    wanted = [("miRNA", f"miR-{n}", "") for n in (21, 16, 122, 155, 223, 34)]
    find_cargos(wanted)

    with django_assert_max_num_queries(6):
        find_cargos(wanted)


def test_the_key_is_the_one_of_the_database():
    for name in ["miR-21", "CD274 (PD-L1)", "integrin  α6_β4", "a\u2010b\u2013c", "tab\tname"]:
        cargo = Cargo.objects.create(kind="other", name=name)
        cargo.refresh_from_db()
        assert cargo.key == cargo_key(name)


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_starter_cargos_load_once_and_stand_for_themselves():
    first, second = load_cargos(VOCABULARY / "cargos.tsv"), load_cargos(VOCABULARY / "cargos.tsv")

    assert first.created == first.rows >= 260
    assert (second.created, second.changed) == (0, 0)
    assert not Cargo.objects.to_do().exists()


def test_every_row_has_a_reference_members_or_a_reason():
    for row in read_cargos(VOCABULARY / "cargos.tsv"):
        assert row.xrefs or row.members or row.reason, row.name


def test_a_cargo_taken_away_here_stays_away(tmp_path):
    path = a_file(tmp_path, "c.tsv", HEADER, "EXCG0000001 · miRNA · miR-21 · · · ·")
    load_cargos(path)
    Cargo.objects.get().delete()

    summary = load_cargos(path)

    assert summary.gone == ["EXCG0000001"]
    assert not Cargo.objects.exists()


def test_what_a_curator_added_is_not_taken_away(tmp_path):
    path = a_file(tmp_path, "c.tsv", HEADER, "EXCG0000001 · miRNA · miR-21 · · family=mirbase:MI0000077 · ·")
    load_cargos(path)
    Cargo.objects.get().synonyms.create(text="oncomir")

    load_cargos(path)

    assert Cargo.objects.get().synonyms.get().text == "oncomir"


def test_a_cargo_made_here_is_the_one_of_the_table_whose_accession_leads_to_it(tmp_path):
    local = find("miRNA", "miR-21")
    path = a_file(tmp_path, "c.tsv", HEADER, "EXCG0000001 · miRNA · mir 21 · oncomir · · ·")

    first, second = load_cargos(path), load_cargos(path)

    assert Cargo.objects.get() == local
    assert Accession.objects.get(pk="EXCG0000001").merged_into_id == local.accession
    assert local.synonyms.get().text == "oncomir"
    assert first.stood_for == second.stood_for == {"EXCG0000001": local.accession}
    assert (first.touched, second.touched, first.gone) == ({local}, set(), [])


def test_a_panel_of_the_table_has_a_member_that_was_made_here(tmp_path):
    local = find("miRNA", "miR-21")

    load_cargos(
        a_file(
            tmp_path,
            "c.tsv",
            HEADER,
            "EXCG0000001 · miRNA · miR-21 · · · ·",
            "EXCG0000002 · miRNA · a pair · · · miR-21 ·",
        )
    )

    assert Cargo.objects.get(accession="EXCG0000002").members.get() == local


def test_a_member_that_was_taken_away_here_stays_away(tmp_path):
    rows = ("EXCG0000001 · miRNA · miR-21 · · · ·", "EXCG0000002 · miRNA · a pair · · · miR-21 ·")
    load_cargos(a_file(tmp_path, "c.tsv", HEADER, rows[0]))
    Cargo.objects.get().delete()

    load_cargos(a_file(tmp_path, "c.tsv", HEADER, *rows))

    assert not Cargo.objects.get().members.exists()


def test_a_cargo_renamed_into_one_made_here_is_to_be_merged_first(tmp_path):
    load_cargos(a_file(tmp_path, "c.tsv", HEADER, "EXCG0000001 · miRNA · miR-99999 · · · ·"))
    local = find("miRNA", "miR-21")

    with pytest.raises(BadCargos, match=f"{local.accession} has it here already; merge it into EXCG0000001 first"):
        load_cargos(a_file(tmp_path, "c.tsv", HEADER, "EXCG0000001 · miRNA · mir 21 · · · ·"))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["EXST0000001 · miRNA · x · · · ·"], "line 2: accession: 'EXST0000001'"),
        (["EXCG0000001 · mirna · x · · · ·"], "line 2: kind: 'mirna'"),
        (["EXCG0000001 · miRNA · · · · ·"], "line 2: name: missing"),
        (["EXCG0000001 · miRNA · x · · same=HGNC:1 · ·"], "line 2: xrefs: 'same=HGNC:1'"),
        (["EXCG0000001 · miRNA · x · · exact=HGNC · ·"], "line 2: xrefs: 'HGNC' is not a CURIE"),
        (["EXCG0000001 · miRNA · x · · exact=A:1|gene=A:1 · ·"], "line 2: xrefs: a CURIE stands twice"),
        (["EXCG0000001 · miRNA · x · · exact=A:1 · · why"], "line 2: reason: a cargo with cross-references needs none"),
        (["EXCG0000001 · miRNA · x · · · y ·"], "line 2: members: no other miRNA in the table is named 'y'"),
        (["EXCG0000001 · miRNA · x · · · X ·"], "line 2: members: no other miRNA"),
        (["EXCG0000001 · miRNA · x · · · ·", "EXCG0000001 · miRNA · y · · · ·"], "line 3: accession: EXCG0000001"),
        (["EXCG0000001 · miRNA · x-y · · · ·", "EXCG0000002 · miRNA · X Y · · · ·"], "line 3: name: EXCG0000002"),
        (
            ["EXCG0000001 · miRNA · x · · exact=A:1 · ·", "EXCG0000002 · miRNA · y · · exact=A:1 · ·"],
            "line 3: exact: EXCG0000002 has the same as EXCG0000001: A:1",
        ),
    ],
)
def test_a_fault_in_the_table_names_line_and_field(tmp_path, rows, says):
    with pytest.raises(BadCargos, match=r"c\.tsv") as refusal:
        load_cargos(a_file(tmp_path, "c.tsv", HEADER, *rows))

    assert says in str(refusal.value)
    assert not Cargo.objects.exists()


def test_new_rows_follow_the_old_ones_which_stay():
    load("molecule", [TermRecord("HGNC:1", "AAA", (SynonymRecord("triple"),))])
    wanted = {("protein", "triple", ""), ("protein", "BBB and triple", "")}
    first = add_rows([], wanted, facts_for((kind, name) for kind, name, _ in wanted))

    again = add_rows(first, wanted | {("protein", "AAB", "")}, facts_for([("protein", "AAB")]))

    assert [row.accession for row in again] == [f"EXCG{n:07}" for n in range(1, len(first) + 2)]
    assert again[:-1] == first
