import re

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from apps.claims import search, workflow
from apps.claims.models import Claim, Release, State
from apps.claims.releases import ReleaseClosed
from apps.documents import reading, storing
from apps.people.models import Role, User
from apps.studies.models import Notice, Study
from apps.terms.models import Name
from apps.vesicles.models import Cargo, Preparation, VesicleSource
from tests.documents.synthetic import a_file
from tests.makers import a_cargo, a_claim, a_preparation, a_release, a_study, a_term, a_user, an_interest

pytestmark = pytest.mark.django_db

TABLES = (Study, VesicleSource, Preparation, Cargo, Claim, Notice, Name)


def everything():
    """A picture of all evidence, to show that nothing changed."""
    return {model: list(model.objects.order_by("pk").values()) for model in TABLES}


def store(*paths, release=None, author=None):
    readings = [reading.read(path)[0] for path in paths]
    return storing.import_documents(readings, author=author or User.objects.get(username="import"), release=release)


def test_a_document_becomes_a_study_with_its_preparations_and_claims(tmp_path):
    store(a_file(tmp_path))

    study = Study.objects.get(pmid="900000001")
    first, second = Claim.objects.order_by("key")
    assert study.authors == ["Doe J", "Roe R"]
    assert [p.source.name for p in study.preparations.order_by("key")] == [
        "synthetic stem cells",
        "synthetic control cells",
    ]
    assert [name.text for name in first.therapy_names] == ["cisplatin", "synthetic therapy"]
    assert [name.text for name in first.target_names] == ["PTEN", "SYNTH1"]
    assert [(m.name, m.value, m.p_relation, m.p) for m in first.measures.all()] == [
        ("AUC", 0.87, "<", 0.001),
        ("sensitivity", 0.9, "", None),
    ]
    assert (first.state, first.level, second.cargo) == (State.DRAFT, "C", None)


def test_what_the_document_does_not_speak_of_is_not_curated_rather_than_absent(tmp_path):
    store(a_file(tmp_path))

    control = Preparation.objects.get(key="p2")
    assert (control.isolation, control.methods, control.markers_positive) == (None, None, None)
    assert control.reporting_score is None


def test_claims_of_a_plain_import_are_drafts_that_the_public_does_not_see(tmp_path):
    store(a_file(tmp_path))

    assert not Claim.objects.accepted().exists()


def test_claims_of_a_release_are_accepted_with_it_and_say_so(tmp_path):
    release = a_release()

    store(a_file(tmp_path), release=release)

    accepted = Claim.objects.accepted()
    assert accepted.count() == 2
    assert {claim.accepted_with for claim in accepted} == {release}
    assert release.claims.count() == 2


def test_the_same_documents_twice_change_nothing(tmp_path):
    path, release = a_file(tmp_path), a_release()
    store(path, release=release)
    before = everything()

    summary = store(path, release=release)

    assert everything() == before
    assert not summary.made
    assert not summary.changed


def test_drafts_of_the_same_documents_twice_change_nothing(tmp_path):
    path = a_file(tmp_path)
    store(path)
    before = everything()

    store(path)

    assert everything() == before


def test_a_changed_claim_of_a_new_release_supersedes_the_old_version_and_keeps_it(tmp_path):
    store(a_file(tmp_path), release=a_release("2026.1"))

    store(a_file(tmp_path, ("value: 0.9\n", "value: 0.91\n")), release=a_release("2026.2"))

    old, new = Claim.objects.filter(key="c1").order_by("version")
    assert old.accession == new.accession
    assert (old.state, new.state) == (State.SUPERSEDED, State.ACCEPTED)
    assert old.left_at == new.accepted_at
    assert [old.measures.get(name="sensitivity").value, new.measures.get(name="sensitivity").value] == [0.9, 0.91]
    assert Claim.objects.filter(key="c2").count() == 1


def test_an_import_closes_its_release_which_takes_nothing_more(tmp_path):
    path, release = a_file(tmp_path), a_release()
    store(path, release=release)
    release.refresh_from_db()
    assert release.closed_at is not None
    before = everything()

    path.write_text(path.read_text().replace("value: 0.9\n", "value: 0.91\n"))
    with pytest.raises(ReleaseClosed, match=r"Release 2026.1 is closed.* 1 claims are new or changed"):
        store(path, release=release)

    assert everything() == before


def test_a_closed_release_is_told_in_a_sentence_on_the_command_line(tmp_path):
    path = a_file(tmp_path)
    call_command("import_evidence", str(path), release="2026.1", verbosity=0)

    path.write_text(path.read_text().replace("value: 0.9\n", "value: 0.91\n"))
    with pytest.raises(CommandError, match=r"is closed.* Give the number of the next release. Nothing was written"):
        call_command("import_evidence", str(path), release="2026.1", verbosity=0)


def test_a_changed_claim_without_a_release_is_a_draft_and_the_public_text_stays(tmp_path):
    store(a_file(tmp_path), release=a_release())

    store(a_file(tmp_path, ("changed nothing.", "changed little.")))

    assert Claim.objects.accepted().get(key="c2").statement.endswith("changed nothing.")
    draft = Claim.objects.get(key="c2", state=State.DRAFT)
    assert (draft.version, draft.statement[-15:]) == (2, "changed little.")


def test_an_import_changed_again_brings_its_own_draft_up_to_date(tmp_path):
    store(a_file(tmp_path))

    store(a_file(tmp_path, ("[PTEN, SYNTH1]", "[SYNTH1]"), ("value: 0.9\n", "value: 0.95\n")))

    claim = Claim.objects.get(key="c1")
    assert claim.version == 1
    assert [name.text for name in claim.targets.all()] == ["SYNTH1"]
    assert claim.measures.get(name="sensitivity").value == 0.95


def test_a_changed_study_keeps_what_was_before_in_its_history(tmp_path):
    store(a_file(tmp_path))

    store(a_file(tmp_path, ("  year: 2020", "  year: 2021")))

    study = Study.objects.get()
    assert study.year == 2021
    assert [event.year for event in study.events.order_by("pgh_id")] == [2020, 2021]
    assert study.events.last().pgh_context["reason"] == "import of documents"


def test_what_a_curator_added_stays_where_the_document_is_silent(tmp_path):
    path = a_file(tmp_path)
    store(path)
    Preparation.objects.filter(key="p1").update(metric_ev_density="reported")

    store(path)

    assert Preparation.objects.get(key="p1").metric_ev_density == "reported"


def test_a_claim_that_left_the_document_stays_and_is_told(tmp_path):
    path = a_file(tmp_path)
    store(path, release=a_release())
    content = path.read_text()
    path.write_text(content[: content.index("- id: c2")] + content[content.index("provenance:") :])

    summary = store(path)

    assert Claim.objects.accepted().filter(key="c2").exists()
    assert any("'c2'" in remark and "stays" in remark for remark in summary.remarks)


def test_a_retracted_document_gives_a_notice_from_which_the_status_follows(tmp_path):
    store(a_file(tmp_path, ("status: published", "status: retracted\n  notice: 10.9999/Notice")))

    study = Study.objects.get()
    assert study.status == "retracted"
    assert study.notices.get().identifier == "10.9999/notice"


def test_a_document_never_lifts_a_retraction(tmp_path):
    store(a_file(tmp_path, ("status: published", "status: retracted")))

    summary = store(a_file(tmp_path))

    assert Study.objects.get().status == "retracted"
    assert any("stays retracted" in remark for remark in summary.remarks)


def test_a_study_known_by_another_identifier_is_recognised(tmp_path):
    study = a_study(pmid=None, doi="10.9999/synthetic.900000001")

    store(a_file(tmp_path))

    assert Study.objects.get() == study
    study.refresh_from_db()
    assert study.pmid == "900000001"


def test_identifiers_of_two_studies_are_asked_about_not_guessed(tmp_path):
    one, two = a_study(pmid="900000001"), a_study(doi="10.9999/synthetic.900000001")
    before = everything()

    with pytest.raises(storing.Refused) as refused:
        store(a_file(tmp_path))

    assert one.accession in str(refused.value.faults[0])
    assert two.accession in str(refused.value.faults[0])
    assert everything() == before


def test_an_accession_of_another_record_is_refused(tmp_path):
    store(a_file(tmp_path, ("- id: c1", "- accession: EXCL0000007\n  id: c1")))
    other = a_file(tmp_path, ("- id: c1", "- accession: EXCL0000008\n  id: c1"))

    with pytest.raises(storing.Refused) as refused:
        store(other)

    assert "EXCL0000008 is not its accession: in the database it is EXCL0000007" in str(refused.value.faults[0])
    assert Claim.objects.get(key="c1").accession == "EXCL0000007"


def test_one_bad_document_keeps_all_others_out(tmp_path):
    a_file(tmp_path, name="good.yaml")
    a_file(tmp_path, ("edge: benefit", "edge: good"), name="bad.yaml", pmid=900_000_002)
    before = everything()

    with pytest.raises(CommandError, match="nothing was written") as refused:
        call_command("import_evidence", str(tmp_path), verbosity=0)

    assert refused.value.returncode == 1
    assert everything() == before


def test_a_dry_run_counts_and_writes_nothing(tmp_path, capsys):
    before = everything()

    call_command("import_evidence", str(a_file(tmp_path)), dry_run=True, verbosity=0)

    assert everything() == before
    assert re.search(r"claims\s+2 new", capsys.readouterr().out)


def test_the_import_may_be_in_a_persons_name(tmp_path):
    alice = a_user("alice")

    call_command("import_evidence", str(a_file(tmp_path)), username="alice", verbosity=0)

    assert {claim.author for claim in Claim.objects.all()} == {alice}


def test_an_unknown_person_is_told_how_to_be_made(tmp_path):
    with pytest.raises(CommandError, match="create_curator nobody"):
        call_command("import_evidence", str(a_file(tmp_path)), username="nobody", verbosity=0)


def test_one_description_of_a_source_is_one_source(tmp_path):
    store(a_file(tmp_path), a_file(tmp_path, name="other.yaml", pmid=900_000_002))

    assert VesicleSource.objects.count() == 2
    assert Preparation.objects.count() == 4


def test_a_claim_moves_with_its_document_to_another_preparation(tmp_path):
    store(a_file(tmp_path))

    store(a_file(tmp_path, ("preparation: p2", "preparation: p1")))

    assert Claim.objects.get(key="c2").preparation.key == "p1"


def test_an_unchanged_set_costs_the_same_queries_however_large(tmp_path):
    paths = [a_file(tmp_path, name=f"{n}.yaml", pmid=900_000_100 + n) for n in range(6)]
    store(*paths)
    counts = []
    for some in (paths[:1], paths):
        with CaptureQueriesContext(connection) as queries:
            store(*some)
        # The rest opens and closes the savepoint of each document.
        counts.append(sum("SELECT set_config" not in query["sql"] for query in reads(queries)))

    assert counts[0] == counts[1]


def reads(queries):
    return [query for query in queries.captured_queries if query["sql"].startswith("SELECT")]


def test_a_key_taken_by_another_claim_of_the_study_is_refused_by_the_database():
    preparation = a_preparation()
    a_claim(preparation=preparation, key="c1")

    with pytest.raises(Exception, match="Another claim of this study has that key"):
        a_claim(preparation=preparation, key="c1")


# --- what was decided here stays --------------------------------------------------------------------------------------


def c2():
    return Claim.objects.filter(key="c2").order_by("version")


def decided(verb, claim, by="bob", role=Role.EDITOR):
    """The claim, decided on by a second person, whose statement of interests holds."""
    person = a_user(by, role=role)
    an_interest(person)
    return verb(claim_id=claim.pk, by=person, reason="synthetic reason")


def test_a_withdrawn_claim_stays_withdrawn_at_the_next_release_and_is_told(tmp_path):
    path = a_file(tmp_path, ("- id: c2", "- accession: EXCL0000005\n  id: c2"))
    store(path, release=a_release("2026.1"))
    decided(workflow.withdraw, c2().get())

    summary = store(path, release=a_release("2026.2"))

    assert c2().get().state == State.WITHDRAWN
    assert Release.objects.get(number="2026.2").claims.get().key == "c1"
    (remark,) = summary.remarks
    assert "claim 'c2' (EXCL0000005) was withdrawn and stays so: synthetic reason" in remark


def test_a_withdrawn_claim_does_not_come_back_by_a_draft_that_was_begun_before(tmp_path):
    store(a_file(tmp_path), release=a_release("2026.1"))
    changed = a_file(tmp_path, ("changed nothing.", "changed little."))
    store(changed)
    decided(workflow.withdraw, Claim.objects.accepted().get(key="c2"))

    store(changed, release=a_release("2026.2"))

    assert [claim.state for claim in c2()] == [State.WITHDRAWN, State.DRAFT]


def test_a_rejected_claim_stays_rejected_and_is_told(tmp_path):
    path, alice = a_file(tmp_path), a_user("alice")
    store(path, author=alice)
    workflow.submit(claim_id=c2().get().pk, by=alice)
    decided(workflow.reject, c2().get())

    for release in (None, a_release()):
        summary = store(path, author=alice, release=release)

        assert c2().get().state == State.REJECTED
        assert any("was rejected and stays so: synthetic reason" in remark for remark in summary.remarks)


def test_a_change_that_was_rejected_is_not_proposed_again(tmp_path):
    store(a_file(tmp_path), release=a_release())
    changed, alice = a_file(tmp_path, ("changed nothing.", "changed little.")), a_user("alice")
    store(changed, author=alice)
    workflow.submit(claim_id=c2().last().pk, by=alice)
    decided(workflow.reject, c2().last())

    summary = store(changed, author=alice)

    assert [claim.state for claim in c2()] == [State.ACCEPTED, State.REJECTED]
    assert any("what the document says was rejected" in remark for remark in summary.remarks)


def test_another_persons_unreviewed_claim_is_not_written_over(tmp_path):
    store(a_file(tmp_path), author=a_user("alice"))

    with pytest.raises(storing.Refused) as refused:
        store(changed := a_file(tmp_path, ("changed nothing.", "changed little.")))

    (fault,) = refused.value.faults
    assert (fault.path, fault.field) == (changed, "claims[1].id")
    assert "which alice wrote, not accepted yet (draft)" in fault.message


# --- faults that only the database shows ------------------------------------------------------------------------------


def test_the_accession_of_another_publication_changes_nothing(tmp_path):
    held = a_study(accession="EXST0000001", pmid="900000009", doi="10.9999/other")
    before = everything()

    with pytest.raises(storing.Refused) as refused:
        store(a_file(tmp_path, ("study:", "study:\n  accession: EXST0000001")))

    (fault,) = refused.value.faults
    assert (fault.field, fault.line) == ("study.accession", 2)
    assert f"{held.accession} has the pmid 900000009, not 900000001" in fault.message
    assert everything() == before


def test_an_accession_still_leads_to_its_study_when_an_identifier_is_added(tmp_path):
    a_study(accession="EXST0000001", pmid=None, doi=None, nct="NCT00000001")

    store(a_file(tmp_path, ("study:", "study:\n  accession: EXST0000001")))

    assert Study.objects.get().pmid == "900000001"


def test_identifiers_that_contradict_cargos_are_all_told_by_file_line_and_field(tmp_path):
    a_cargo("doxorubicin", "small_molecule").xrefs.create(curie="CHEBI:28748")
    wrong = (
        "    kind: miRNA\n    name: miR-99999",
        "    kind: small_molecule\n    name: doxorubicin\n    id: CHEBI:27899",
    )
    first = a_file(tmp_path, wrong)
    second = a_file(tmp_path, (wrong[0], wrong[1].replace("27899", "1")), name="other.yaml", pmid=900_000_002)
    before = everything()

    with pytest.raises(storing.Refused) as refused:
        store(first, second)

    assert [(fault.path, fault.field) for fault in refused.value.faults] == [
        (first, "claims[0].cargo.id"),
        (second, "claims[0].cargo.id"),
    ]
    for fault, given in zip(refused.value.faults, ("CHEBI:27899", "CHEBI:1"), strict=True):
        assert f"is CHEBI:28748 already, so it can't be {given} too" in fault.message
        assert f"id: {given}" in fault.path.read_text().splitlines()[fault.line - 1]
    assert everything() == before


@pytest.mark.parametrize("number", ["foo", "2026", "2026.1.2", f"2026.{'1' * 30}"])
def test_a_release_without_a_proper_number_is_refused(tmp_path, number):
    with pytest.raises(CommandError, match=r"such as 2026\.1") as refused:
        call_command("import_evidence", str(a_file(tmp_path)), release=number, verbosity=0)

    assert refused.value.returncode == 2


def test_what_no_rule_foresees_names_the_file_and_writes_nothing(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise DataError("synthetic trouble\nwith details")

    monkeypatch.setattr(storing, "ground_names", broken)

    with pytest.raises(storing.Refused) as refused:
        store(path := a_file(tmp_path))

    assert str(refused.value.faults[0]) == f"{path}: synthetic trouble"


# --- unknown is not absent --------------------------------------------------------------------------------------------

NONE_REPORTED = (
    ("[differential_ultracentrifugation, other]", "[]"),
    ("[tem, nta]", "[]"),
    ("[CD63, CD9]", "[]\n    markers_negative: []"),
)


def test_an_empty_list_says_that_the_study_reports_none(tmp_path):
    store(a_file(tmp_path, *NONE_REPORTED))

    made, untold = Preparation.objects.order_by("key")
    assert (made.isolation, made.methods, made.markers_positive, made.markers_negative) == ([], [], [], [])
    assert (untold.isolation, untold.methods, untold.markers_positive) == (None, None, None)


def test_none_reported_and_not_curated_are_two_answers_of_page_and_api(tmp_path, client):
    store(a_file(tmp_path, *NONE_REPORTED), release=a_release())

    made, untold = (
        client.get(f"/api/v1/preparations/{p.accession}/").json() for p in Preparation.objects.order_by("key")
    )
    assert (made["isolation"], untold["isolation"]) == ([], None)
    assert (made["characterisation"]["markers_positive"], untold["characterisation"]["markers_positive"]) == ([], None)
    page, other = (client.get(p.get_absolute_url()).content.decode() for p in Preparation.objects.order_by("key"))
    assert "none reported" in page
    assert "none reported" not in other


def test_a_list_that_a_curator_filled_in_stays_where_the_document_is_silent(tmp_path):
    path = a_file(tmp_path)
    store(path)
    Preparation.objects.filter(key="p2").update(
        isolation=["size_exclusion"], markers_negative=["calnexin"], loading="x"
    )

    store(path)

    kept = Preparation.objects.get(key="p2")
    assert (kept.isolation, kept.markers_negative, kept.loading) == (["size_exclusion"], ["calnexin"], "x")


# --- what changes reaches search and level ----------------------------------------------------------------------------


def found(words):
    return set(search.find_claims(words).values_list("key", flat=True))


def test_a_change_of_the_study_alone_is_found_at_once(tmp_path):
    store(a_file(tmp_path), release=a_release())

    store(a_file(tmp_path, ("made-up vesicles\n", "quagga vesicles\n")))

    assert found("quagga") == {"c1", "c2"}


def test_a_change_of_a_preparation_alone_is_found_at_once(tmp_path):
    store(a_file(tmp_path), release=a_release())

    store(a_file(tmp_path, ("term: exosome, engineered: true", "term: quaggasome, engineered: true")))

    assert found("quaggasome") == {"c1"}


def test_a_name_that_an_import_grounds_is_found_in_the_claims_that_wrote_it_before(tmp_path):
    store(a_file(tmp_path), release=a_release())
    a_term("DOID:9999", "synthetic cancer").synonyms.create(text="quaggaoma", key="quaggaoma")

    store(a_file(tmp_path, name="other.yaml", pmid=900_000_002))

    assert found("quaggaoma") == {"c1", "c2"}


def test_a_cross_reference_that_an_import_brings_is_found_in_the_claims_on_the_cargo(tmp_path):
    store(a_file(tmp_path), release=a_release())
    a_term("SYNTH:7", "quaggamer", "molecule")

    store(
        a_file(tmp_path, ("name: miR-99999", "name: miR-99999\n    id: SYNTH:7"), name="other.yaml", pmid=900_000_002)
    )

    assert found("quaggamer") == {"c1"}


def test_the_level_follows_the_kind_of_the_study(tmp_path):
    store(a_file(tmp_path), release=a_release())
    assert Claim.objects.get(key="c1").level == "C"

    store(a_file(tmp_path, ("kind: primary", "kind: meta_analysis")))

    assert Claim.objects.get(key="c1").level == "B"
