"""Merging duplicates: everything moves, nothing is lost, and an editor can bring it all back."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.citations.models import Alert, Check, Feed
from apps.claims import search, workflow
from apps.claims.content import content_of
from apps.claims.models import Claim
from apps.curation import merging
from apps.curation.merging.references import REFERENCES
from apps.curation.merging.trace import values_of
from apps.curation.models import Merge
from apps.records.models import Accession
from apps.studies.models import CitationCount, Notice, Study
from apps.vesicles.models import Cargo, CargoMember, CargoSynonym, CargoXref, Preparation, VesicleSource
from tests.makers import (
    a_cargo,
    a_claim,
    a_name,
    a_notice,
    a_preparation,
    a_source,
    a_study,
    a_term,
    a_user,
    an_interest,
)

pytestmark = pytest.mark.django_db

TABLES = (
    *(Study, Notice, CitationCount, Check, Alert, VesicleSource, Preparation),
    *(Cargo, CargoSynonym, CargoXref, CargoMember, Claim),
)


@pytest.fixture
def erin():
    return a_user("erin", role="editor")


def fresh(record):
    record.refresh_from_db()
    return record


def merged(gone, into, by, **options):
    return merging.merge(
        gone=fresh(gone).accession, into=fresh(into).accession, by=by, reason="the same, made up", **options
    )


def everything():
    """All rows that a merge may touch, but for what is derived anew."""
    derived = {"search", "changed_at"}
    return {
        model._meta.label: [
            {column: value for column, value in values_of(row).items() if column not in derived}
            for row in model._base_manager.order_by("pk")
        ]
        for model in TABLES
    }


def two_cargos():
    gone, into = a_cargo("miR-21 (made up)"), a_cargo("miR-21-5p", ungrounded_reason="nobody looked")
    CargoSynonym.objects.create(cargo=gone, text="microRNA 21")
    CargoSynonym.objects.create(cargo=gone, text="miR21")
    CargoSynonym.objects.create(cargo=into, text="miR21")
    CargoXref.objects.create(cargo=gone, curie="miRBase:MIMAT0000076")
    for panel in ("panel 1", "panel 2"):
        CargoMember.objects.create(panel=a_cargo(panel), member=gone)
    CargoMember.objects.create(panel=a_cargo("panel 1"), member=into)
    return gone, into


def two_studies():
    gone = a_study(pmid="900000001", doi=None, nct="NCT99999999", kind="meta_analysis")
    into = a_study(pmid=None, doi="10.9999/synthetic.1", kind="primary")
    for study in (gone, into):
        made = a_preparation(study=study, key="p1")
        a_claim(preparation=made, key="c1", models_used=["patient_samples"])
    a_claim(preparation=a_preparation(study=gone, key="p2"), key="c2", state="draft")
    return gone, into


# --- cargos ----------------------------------------------------------------------------------------------------------


def test_all_that_names_a_cargo_moves_to_the_one_that_stays(erin):
    gone, into = two_cargos()
    claims = [a_claim(cargo=gone, state=state) for state in ("accepted", "submitted", "draft", "withdrawn")]

    merged(gone, into, erin)

    assert not Cargo.objects.filter(pk=gone.pk).exists()
    assert {fresh(claim).cargo_id for claim in claims} == {into.pk}
    assert set(into.synonyms.values_list("text", flat=True)) == {"microRNA 21", "miR21", "miR-21 (made up)"}
    assert list(into.xrefs.values_list("curie", flat=True)) == ["miRBase:MIMAT0000076"]
    assert set(into.panels.values_list("name", flat=True)) == {"panel 1", "panel 2"}
    assert fresh(into).ungrounded_reason == ""


def test_claims_are_found_by_the_name_that_went(erin):
    gone, into = a_cargo("mirsyntheticus"), a_cargo("other made-up cargo")
    claim = a_claim(cargo=into)
    search.index()

    merged(gone, into, erin)

    assert list(search.find_claims("mirsyntheticus")) == [claim]


def test_the_address_that_went_leads_on_for_ever(erin):
    gone, into = a_cargo("miR-21 twice"), a_cargo("miR-21")
    a_claim(cargo=gone)
    merged(gone, into, erin)
    third = a_cargo("hsa-miR-21")
    merged(into, third, erin)

    for accession in (gone.accession, into.accession):
        assert Client().get(f"/{accession}")["Location"] == third.get_absolute_url()
        assert Client().get(f"/cargos/{accession}/").status_code == 301
    address = f"/api/v1/cargos/{gone.accession}/"
    for _ in range(2):
        answer = Client().get(address)
        assert answer.status_code == 301
        address = answer["Location"]
    assert Client().get(address).json()["accession"] == third.accession


def test_undoing_brings_everything_back_as_it_was(erin):
    gone, into = two_cargos()
    for state in ("accepted", "draft"):
        a_claim(cargo=gone, state=state)
        a_claim(cargo=into, state=state)
    before = everything()
    merge = merged(gone, into, erin)
    assert everything() != before

    merging.undo(merge_id=merge.pk, by=erin, reason="two after all")

    assert everything() == before
    register = Accession.objects.get(pk=gone.accession)
    assert (register.merged_into_id, register.removed_at) == (None, None)
    assert fresh(merge).undone_by == erin
    connection.check_constraints()


def test_who_merged_and_why_stands_in_the_history_of_each_claim(erin):
    gone, into = a_cargo("miR-21 twice"), a_cargo("miR-21")
    claim = a_claim(cargo=gone)
    merged(gone, into, erin)

    event = claim.events.order_by("pgh_id").last()

    assert (event.cargo_id, event.pgh_context["user"]) == (into.pk, erin.pk)
    assert event.pgh_context["reason"] == f"merge of {gone.accession} into {into.accession}: the same, made up"
    assert Cargo.pgh_event_models["delete"].objects.filter(pgh_obj_id=gone.pk, pgh_label="delete").exists()


def test_a_version_written_since_comes_back_with_its_claim(erin):
    gone, into = a_cargo("miR-21 twice"), a_cargo("miR-21")
    claim = a_claim(cargo=gone)
    merge = merged(gone, into, erin)
    revision = workflow.revise(accession=fresh(claim).accession, by=a_user("carol"), reason="a made-up change")
    others = a_claim(cargo=into)

    merging.undo(merge_id=merge.pk, by=erin, reason="two after all")

    assert (fresh(claim).cargo, fresh(revision).cargo, fresh(others).cargo) == (gone, gone, into)


def test_what_went_elsewhere_since_stays_there(erin):
    gone, into, third = a_cargo("miR-21 twice"), a_cargo("miR-21"), a_cargo("miR-22")
    draft, thrown_away = a_claim(cargo=gone, state="draft"), a_claim(cargo=gone, state="draft")
    merge = merged(gone, into, erin)
    content = content_of(fresh(draft))
    seen, content.columns["cargo_id"] = content.digest, third.pk
    workflow.edit(claim_id=draft.pk, content=content, seen=seen, by=draft.author)
    workflow.discard(claim_id=thrown_away.pk, by=draft.author)

    merging.undo(merge_id=merge.pk, by=erin, reason="two after all")

    assert fresh(draft).cargo == third
    assert not gone.claims.exists()


def test_two_molecules_are_not_merged(erin):
    gone, into = a_cargo("made-up 1", kind="protein"), a_cargo("made-up 2", kind="protein")
    CargoXref.objects.create(cargo=gone, curie="HGNC:1")
    CargoXref.objects.create(cargo=into, curie="HGNC:2")
    a_claim(cargo=gone)
    before = everything()

    with pytest.raises(merging.acts.NotAllowed, match=r"is HGNC:1, .* is HGNC:2: two molecules"):
        merged(gone, into, erin)

    assert everything() == before
    assert not Merge.objects.exists()


def kinds_apart():
    return a_cargo("made-up 1", kind="protein"), a_cargo("made-up 1", kind="mRNA")


def panel_and_member():
    panel, member = a_cargo("made-up panel"), a_cargo("made-up member")
    CargoMember.objects.create(panel=panel, member=member)
    return panel, member


def panels_apart():
    one, other = a_cargo("made-up panel 1"), a_cargo("made-up panel 2")
    CargoMember.objects.create(panel=one, member=a_cargo("member"))
    return one, other


def references_apart():
    one, other = a_cargo("made-up 1", kind="protein"), a_cargo("made-up 2", kind="protein")
    CargoXref.objects.create(cargo=one, curie="HGNC:1", relation="exact")
    CargoXref.objects.create(cargo=other, curie="HGNC:1", relation="gene")
    return one, other


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (kinds_apart, "two cargos"),
        (panel_and_member, "a panel and the other its member"),
        (panels_apart, "two panels"),
        (references_apart, "make them agree first"),
    ],
)
def test_cargos_that_are_not_one_are_kept_apart_with_the_way_out(erin, pair, said):
    gone, into = pair()

    (conflict,) = merging.proposed(gone=fresh(gone).accession, into=fresh(into).accession).conflicts

    assert said in conflict
    with pytest.raises(merging.acts.NotAllowed, match=said):
        merged(gone, into, erin)


# --- sources ---------------------------------------------------------------------------------------------------------


def test_preparations_of_a_source_move(erin):
    gone, into = a_source(), a_source()
    claim = a_claim(preparation=a_preparation(source=gone))
    before = everything()

    merge = merged(gone, into, erin)
    assert fresh(claim.preparation).source == into

    merging.undo(merge_id=merge.pk, by=erin, reason="two after all")
    assert everything() == before


def test_a_source_that_says_something_else_is_another_source(erin):
    mouse = a_source(species=a_name("species", "Mus musculus", (a_term("NCBITaxon:10090", "mouse", "species"),)))
    human = a_source(tissue=a_name("tissue", "liver"))

    plan = merging.proposed(gone=fresh(human).accession, into=fresh(mouse).accession)

    assert "says species: Homo sapiens" in plan.conflicts[0]
    assert "it would be lost" in plan.conflicts[1]
    assert len(plan.conflicts) == 2


def test_two_names_of_one_term_are_no_conflict():
    term = a_term("NCBITaxon:9606", "human", "species")
    one, other = (a_source(species=a_name("species", text, (term,))) for text in ("humans", "patients"))

    assert merging.proposed(gone=fresh(one).accession, into=fresh(other).accession).conflicts == []


# --- studies ---------------------------------------------------------------------------------------------------------


def test_two_entries_of_one_publication_become_one(erin):
    gone, into = two_studies()

    merged(gone, into, erin)

    into = fresh(into)
    assert into.identifiers == {"pmid": "900000001", "doi": "10.9999/synthetic.1", "nct": "NCT99999999"}
    assert sorted(into.preparations.values_list("key", flat=True)) == ["e1", "p1", "p2"]
    claims = Claim.objects.filter(preparation__study=into)
    assert sorted(claims.values_list("key", flat=True)) == ["c1", "c2", "e1"]
    assert set(claims.filter(models_used=["patient_samples"]).values_list("level_computed", flat=True)) == {"C"}


def test_undoing_brings_both_studies_back(erin):
    gone, into = two_studies()
    a_notice(study=gone, nature="correction", service="crossref")
    before = everything()

    merge = merged(gone, into, erin)
    merging.undo(merge_id=merge.pk, by=erin, reason="a preprint after all")

    assert everything() == before
    connection.check_constraints()


def test_notices_counts_and_checks_come_along_and_doubles_go(erin):
    gone, into = a_study(pmid="900000001"), a_study(pmid=None, doi="10.9999/synthetic.1")
    feed, other_feed = Feed.objects.order_by("pk")[:2]
    for study in (gone, into):
        notice = a_notice(study=study, nature="concern", service="crossref")
        Alert.objects.create(notice=notice)
        CitationCount.objects.create(study=study, service="openalex", day=date(2026, 11, 1), count=study.pk)
        Check.objects.create(study=study, feed=feed)
    CitationCount.objects.create(study=gone, service="openalex", day=date(2026, 11, 2), count=7)
    retraction = a_notice(study=gone, nature="retraction", service="openalex")
    Check.objects.create(study=gone, feed=other_feed)
    before = everything()

    merge = merged(gone, into, erin)

    into = fresh(into)
    assert into.status == "retracted"
    assert sorted(into.notices.values_list("nature", flat=True)) == ["concern", "retraction"]
    assert list(into.citation_counts.order_by("day").values_list("count", flat=True)) == [into.pk, 7]
    assert into.checks.count() == 2
    assert Alert.objects.count() == 1

    merging.undo(merge_id=merge.pk, by=erin, reason="two after all")

    assert everything() == before
    assert (fresh(into).status, fresh(gone).status, fresh(retraction).study) == ("concern", "retracted", gone)


def test_two_pmids_are_two_publications(erin):
    gone, into = a_study(), a_study()

    with pytest.raises(merging.acts.NotAllowed, match="two publications"):
        merged(gone, into, erin)


def test_a_notice_is_ruled_on_for_both_before_they_are_one(erin):
    gone, into = a_study(), a_study(pmid=None, doi="10.9999/synthetic.1")
    a_notice(study=gone, overruled_at="2026-11-02T00:00Z", overruled_by=erin, overruled_reason="wrong, made up")
    a_notice(study=into)

    with pytest.raises(merging.acts.NotAllowed, match="decide on it for both first"):
        merged(gone, into, erin)


def test_an_identifier_that_was_changed_since_hinders_undoing(erin):
    gone, into = a_study(pmid="900000001"), a_study(pmid=None, doi="10.9999/synthetic.1")
    merge = merged(gone, into, erin)
    Study.objects.filter(pk=into.pk).update(pmid="900000002")

    with pytest.raises(merging.acts.NotAllowed, match=r"The PMID of .* was changed since"):
        merging.undo(merge_id=merge.pk, by=erin, reason="two after all")

    assert fresh(merge).undone_at is None


def test_a_claim_that_was_revised_onto_another_preparation_hinders_undoing(erin):
    gone, into = two_studies()
    claim = Claim.objects.get(preparation__study=gone, state="accepted")
    merge = merged(gone, into, erin)
    revision = workflow.revise(accession=claim.accession, by=a_user("carol"), reason="a made-up change")
    content = content_of(revision)
    seen, content.columns["preparation_id"] = content.digest, into.preparations.get(key="p1").pk
    workflow.edit(claim_id=revision.pk, content=content, seen=seen, by=revision.author)

    (hindrance,) = merging.hindrances(merge)

    assert claim.accession in hindrance


# --- who, and when ---------------------------------------------------------------------------------------------------


def test_only_editors_merge_and_undo(erin):
    gone, into = a_cargo("miR-21 twice"), a_cargo("miR-21")
    carol = a_user("carol", role="curator")

    with pytest.raises(merging.acts.NotAllowed, match="takes the role of editor"):
        merged(gone, into, carol)
    merge = merged(gone, into, erin)
    with pytest.raises(merging.acts.NotAllowed, match="takes the role of editor"):
        merging.undo(merge_id=merge.pk, by=carol, reason="two after all")


def test_a_reason_is_asked_for(erin):
    gone, into = fresh(a_cargo("miR-21 twice")), fresh(a_cargo("miR-21"))

    with pytest.raises(merging.acts.NotAllowed, match="Write why"):
        merging.merge(gone=gone.accession, into=into.accession, by=erin, reason="  ")


def test_what_is_merged_is_not_merged_again(erin):
    gone, into = a_cargo("miR-21 twice"), a_cargo("miR-21")
    merged(gone, into, erin)

    with pytest.raises(merging.acts.NotAllowed, match=f"was merged into {into.accession} already"):
        merging.merge(gone=gone.accession, into=into.accession, by=erin, reason="again")
    with pytest.raises(merging.acts.NotAllowed, match="is one record already"):
        merging.merge(gone=into.accession, into=into.accession, by=erin, reason="again")


def test_a_merge_into_what_was_merged_since_is_undone_first(erin):
    one, two, three = a_cargo("miR-21 a"), a_cargo("miR-21 b"), a_cargo("miR-21 c")
    first = merged(one, two, erin)
    second = merged(two, three, erin)

    with pytest.raises(merging.acts.NotAllowed, match=f"was itself merged into {three.accession} since"):
        merging.undo(merge_id=first.pk, by=erin, reason="two after all")
    merging.undo(merge_id=second.pk, by=erin, reason="two after all")
    merging.undo(merge_id=first.pk, by=erin, reason="two after all")

    with pytest.raises(merging.acts.NotAllowed, match="It was undone"):
        merging.undo(merge_id=first.pk, by=erin, reason="again")


def test_a_name_that_is_there_again_hinders_undoing(erin):
    gone, into = a_cargo("miR-21 twice"), a_cargo("miR-21")
    merge = merged(gone, into, erin)
    again = fresh(a_cargo("miR-21 twice"))

    with pytest.raises(merging.acts.NotAllowed, match=f"again, {again.accession}: merge it into {into.accession}"):
        merging.undo(merge_id=merge.pk, by=erin, reason="two after all")


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("EXPR0000001", "not the accession of a study, source or cargo"),
        ("miR-21", "not the accession of a study, source or cargo"),
        ("EXCG9999999", "never given"),
    ],
)
def test_what_is_no_record_is_not_merged(erin, gone, said):
    into = fresh(a_cargo("miR-21"))

    with pytest.raises(merging.acts.NotAllowed, match=said):
        merging.merge(gone=gone, into=into.accession, by=erin, reason="made up")


def test_records_of_two_kinds_are_not_merged(erin):
    with pytest.raises(merging.acts.NotAllowed, match=r"is a study, .* a cargo"):
        merged(a_study(), a_cargo(), erin)


def test_a_plan_that_changed_since_it_was_read_is_not_carried_out(erin):
    gone, into = fresh(a_cargo("miR-21 twice")), fresh(a_cargo("miR-21"))
    seen = merging.proposed(gone=gone.accession, into=into.accession).digest
    a_claim(cargo=gone)

    with pytest.raises(merging.acts.NotAllowed, match="has changed since you looked"):
        merged(gone, into, erin, seen=seen)

    merged(gone, into, erin, seen=merging.proposed(gone=gone.accession, into=into.accession).digest)


# --- completeness and cost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "model"), [("EXST", Study), ("EXVS", VesicleSource), ("EXCG", Cargo)])
def test_every_column_that_points_at_a_record_goes_along(kind, model):
    pointing = {
        (relation.related_model, relation.field.attname)
        for relation in model._meta.related_objects
        if not relation.many_to_many
        and not relation.related_model.__name__.endswith("Event")
        # Derived: it goes with its record, and is derived anew.
        and relation.related_model._meta.app_label != "synthesis"
    }

    assert pointing == {(reference.model, reference.column) for reference in REFERENCES[kind]}


@pytest.mark.parametrize("act", ["merge", "undo"])
def test_a_merge_takes_as_many_questions_for_one_claim_as_for_thirty(erin, act):
    def questions(claims, name):
        gone, into = a_cargo(f"{name} twice"), a_cargo(name)
        for _ in range(claims):
            a_claim(cargo=gone)
        with CaptureQueriesContext(
            connection,
        ) as merging_it:
            merge = merged(gone, into, erin)
        with CaptureQueriesContext(connection) as undoing_it:
            merging.undo(merge_id=merge.pk, by=erin, reason="two after all")
        return len(merging_it if act == "merge" else undoing_it)

    assert questions(1, "miR-21") == questions(30, "miR-22")


def test_a_study_merge_takes_as_many_questions_for_one_claim_as_for_thirty(erin):
    def questions(claims, number):
        gone, into = a_study(), a_study(pmid=None, doi=f"10.9999/synthetic.{number}")
        for study in (gone, into):
            made = a_preparation(study=study, key="p1")
            for key in range(claims):
                a_claim(preparation=made, key=f"c{key}")
        with CaptureQueriesContext(connection) as asked:
            merged(gone, into, erin)
        return len(asked)

    assert questions(1, 1) == questions(30, 2)


def test_the_search_index_is_as_if_made_anew(erin):
    gone, into = two_studies()
    merged(gone, into, erin)
    kept = dict(Claim.objects.values_list("pk", "search"))

    Claim.objects.update(search=None)
    search.index()

    assert dict(Claim.objects.values_list("pk", "search")) == kept


def test_the_statement_of_interests_and_decisions_stay_as_they_were(erin):
    gone, into = two_studies()
    claim = Claim.objects.get(preparation__study=gone, state="accepted")
    an_interest(erin)
    decided = list(claim.decisions.values())

    merged(gone, into, erin)

    assert list(fresh(claim).decisions.values()) == decided
    assert fresh(claim).accepted_by_id == decided[0]["by_id"]
