from fractions import Fraction

import pytest

from apps.vesicles.models import Cargo
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study
from tests.records.refusals import met, refused, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("source_category_known", "category = 'rumour'"),
        ("source_material_known", "material = 'thin air'"),
        ("source_has_name", "name = ''"),
        ("source_has_name", "name = '  '"),
        *(
            ("source_names_of_their_kind", f"{column}_id = (SELECT id FROM terms_name WHERE kind = 'target')")
            for column in ("species", "cell_line", "cell_type", "tissue", "disease")
        ),
    ],
)
def test_what_a_source_can_not_be_is_refused(rule, change):
    a_name("target", "synthetic target")
    refused(rule, f"UPDATE vesicles_vesiclesource SET {change} WHERE id = %s", [a_source().pk])


def test_a_source_described_in_the_same_words_is_the_same_source():
    source, other = a_source(name="synthetic"), a_source(name="another")

    refused("source_once", "UPDATE vesicles_vesiclesource SET name = %s WHERE id = %s", [source.name, other.pk])


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("preparation_class_known", "vesicle_class = 'huge'"),
        ("preparation_has_term", "term = ''"),
        ("preparation_has_term", "term = '  '"),
        ("preparation_isolation_known", "isolation = '{magic}'"),
        ("preparation_isolation_known", "isolation = '{precipitation,magic}'"),
        ("preparation_isolation_known", "isolation = '{NULL}'"),
        ("preparation_methods_known", "methods = '{guess}'"),
        ("preparation_metric_enriched_proteins_known", "metric_enriched_proteins = 'yes'"),
        ("preparation_metric_non_enriched_protein_known", "metric_non_enriched_protein = 'yes'"),
        ("preparation_metric_particle_analysis_known", "metric_particle_analysis = 'yes'"),
        ("preparation_metric_electron_microscopy_known", "metric_electron_microscopy = 'yes'"),
        ("preparation_metric_density_gradient_known", "metric_density_gradient = 'yes'"),
        ("preparation_metric_ev_density_known", "metric_ev_density = 'yes'"),
        ("preparation_metric_ultracentrifugation_known", "metric_ultracentrifugation = 'yes'"),
        ("preparation_metric_antibodies_known", "metric_antibodies = 'yes'"),
        ("preparation_metric_lysate_known", "metric_lysate = ''"),
    ],
)
def test_what_a_preparation_can_not_be_is_refused(rule, change):
    refused(rule, f"UPDATE vesicles_preparation SET {change} WHERE id = %s", [a_preparation().pk])


def test_a_preparation_stays_with_its_study():
    made, other = a_preparation(), a_study()

    refused(
        "preparation_keeps_study", "UPDATE vesicles_preparation SET study_id = %s WHERE id = %s", [other.pk, made.pk]
    )


def test_a_key_names_one_preparation_of_a_study():
    first = a_preparation(key="p1")
    second = a_preparation(study=first.study, key="p2")

    refused("preparation_key_once_per_study", "UPDATE vesicles_preparation SET key = 'p1' WHERE id = %s", [second.pk])


def test_a_preparation_that_claims_rest_on_is_not_deleted():
    claim = a_claim()

    refused(r"claims_claim_preparation_id_\w+", "DELETE FROM vesicles_preparation; SET CONSTRAINTS ALL IMMEDIATE")
    assert claim.preparation.claims.exists()


def test_the_reporting_score_counts_only_what_was_curated():
    made = a_preparation(metric_ev_density="reported", metric_lysate="not_reported", metric_antibodies="not_applicable")
    made.refresh_from_db()

    assert made.reporting_score == Fraction(1, 2)


def test_a_preparation_that_nobody_curated_has_no_score():
    made = a_preparation()
    made.refresh_from_db()

    assert made.reporting_score is None


# --- cargos -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "change"),
    [("cargo_kind_known", "kind = 'rumour'"), ("cargo_has_name", "name = ''"), ("cargo_has_name", "name = '  '")],
)
def test_what_a_cargo_can_not_be_is_refused(rule, change):
    refused(rule, f"UPDATE vesicles_cargo SET {change} WHERE id = %s", [a_cargo().pk])


@pytest.mark.parametrize("written", ["miR-21", "MIR-21", "mir 21", "miR_21", "miR\u201121", "miR\u201321", "miR  21"])
def test_a_cargo_is_unique_by_kind_and_normalised_name(written):
    a_cargo("miR-21")

    refused(
        "cargo_once_by_kind_and_name",
        "INSERT INTO vesicles_cargo (kind, name, ungrounded_reason) VALUES ('miRNA', %s, '')",
        [written],
    )


def test_cargos_of_two_kinds_may_share_a_name():
    a_cargo("TP53", kind="protein")
    a_cargo("TP53", kind="mRNA")

    assert Cargo.objects.count() == 2


@pytest.mark.parametrize("state", ["submitted", "accepted", "rejected", "withdrawn"])
def test_a_cargo_that_a_claim_names_keeps_its_kind(state):
    cargo, panel = a_cargo("miR-21"), a_cargo("synthetic panel", kind="other")
    member = a_cargo("miR-22")
    run("INSERT INTO vesicles_cargomember (panel_id, member_id) VALUES (%s, %s)", [panel.pk, member.pk])
    a_claim(state=state, cargo=cargo)
    a_claim(state=state, cargo=panel)

    for kept in (cargo, panel, member):
        refused("cargo_keeps_kind", "UPDATE vesicles_cargo SET kind = 'DNA' WHERE id = %s", [kept.pk])


def test_a_cargo_that_only_drafts_name_can_be_mended():
    cargo = a_claim(state="draft", cargo=a_cargo("miR-21")).cargo

    run("UPDATE vesicles_cargo SET kind = 'DNA' WHERE id = %s", [cargo.pk])


XREF = "INSERT INTO vesicles_cargoxref (cargo_id, curie, relation, cargo_kind) VALUES (%s, %s, %s, 'other')"


def test_a_cargo_is_unique_by_each_exact_cross_reference():
    run(XREF, [a_cargo("miR-21").pk, "MIRBASE:MI0000077", "exact"])

    refused("cargo_once_by_xref", XREF, [a_cargo("another name").pk, "MIRBASE:MI0000077", "exact"])


def test_cargos_of_one_family_may_share_its_cross_reference():
    for name in ("miR-21", "miR-21-5p"):
        run(XREF, [a_cargo(name).pk, "MIRBASE:MI0000077", "family"])

    assert run("SELECT count(*) FROM vesicles_cargoxref") == [(2,)]


def test_a_cross_reference_takes_the_kind_of_its_cargo_whatever_was_written():
    run(XREF, [a_cargo("miR-21").pk, "MIRBASE:MI0000077", "exact"])

    assert run("SELECT cargo_kind FROM vesicles_cargoxref") == [("miRNA",)]
    met("cargo_xref_takes_kind")


def test_a_cargo_that_changes_its_kind_meets_the_cross_references_of_that_kind():
    run(XREF, [a_cargo("TP53", kind="protein").pk, "HGNC:11998", "exact"])
    other = a_cargo("p53", kind="mRNA")
    run(XREF, [other.pk, "HGNC:11998", "exact"])

    refused("cargo_once_by_xref", "UPDATE vesicles_cargo SET kind = 'protein' WHERE id = %s", [other.pk])
    run("UPDATE vesicles_cargo SET kind = 'DNA' WHERE id = %s", [other.pk])
    assert run("SELECT cargo_kind FROM vesicles_cargoxref WHERE cargo_id = %s", [other.pk]) == [("DNA",)]
    met("cargo_kind_reaches_xrefs")


@pytest.mark.parametrize(
    ("rule", "curie", "relation"),
    [
        ("cargo_xref_curie_well_formed", "miR 21", "exact"),
        ("cargo_xref_curie_well_formed", "MIRBASE:", "exact"),
        ("cargo_xref_curie_well_formed", "https://x: y", "exact"),
        ("cargo_xref_relation_known", "MIRBASE:MI0000077", "cousin"),
    ],
)
def test_a_malformed_cross_reference_is_refused(rule, curie, relation):
    refused(rule, XREF, [a_cargo().pk, curie, relation])


def test_a_cargo_has_a_cross_reference_and_a_synonym_once():
    cargo = a_cargo()
    run(XREF, [cargo.pk, "MIRBASE:MI0000077", "exact"])
    run("INSERT INTO vesicles_cargosynonym (cargo_id, text) VALUES (%s, 'oncomir')", [cargo.pk])

    refused("cargo_synonym_has_text", "UPDATE vesicles_cargosynonym SET text = ' '")
    refused("cargo_xref_once", XREF, [cargo.pk, "MIRBASE:MI0000077", "gene"])
    refused(
        "cargo_synonym_once", "INSERT INTO vesicles_cargosynonym (cargo_id, text) VALUES (%s, 'oncomir')", [cargo.pk]
    )


MEMBER = "INSERT INTO vesicles_cargomember (panel_id, member_id) VALUES (%s, %s)"


def test_a_panel_has_a_member_once_and_is_not_its_own():
    panel, member = a_cargo("synthetic panel", kind="other"), a_cargo("miR-21")
    run(MEMBER, [panel.pk, member.pk])

    refused("cargo_member_once", MEMBER, [panel.pk, member.pk])
    refused("cargo_not_its_own_member", MEMBER, [panel.pk, panel.pk])
