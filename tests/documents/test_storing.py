import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.claims.models import Claim, State
from apps.documents import reading, storing
from apps.people.models import User
from apps.studies.models import Notice, Study
from apps.terms.models import Name
from apps.vesicles.models import Cargo, Preparation, VesicleSource
from tests.documents.synthetic import a_file
from tests.makers import a_claim, a_preparation, a_release, a_study, a_user

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
