"""A later release of the starter collection, in a database where people have worked since the first."""

import pytest
from django.core.management import CommandError, call_command

from apps.claims import search, workflow
from apps.claims.models import Claim, Release, State
from apps.documents import starter
from apps.people.models import Role
from apps.records.models import Accession
from apps.terms.models import Vocabulary
from apps.vesicles.models import Cargo
from tests.documents.synthetic import a_file
from tests.makers import a_cargo, a_study, a_user, an_interest
from tests.terms.places import a_file as a_table

pytestmark = pytest.mark.django_db

CARGOS = "accession · kind · name · synonyms · xrefs · members · reason"
C2 = ("- id: c2", "- accession: EXCL0000005\n  id: c2")


@pytest.fixture
def collection(tmp_path, monkeypatch):
    """A synthetic starter collection: release 2026.1 of one document. Call it with another number for a later one."""
    vocabulary, evidence = tmp_path / "vocabulary", tmp_path / "evidence"
    vocabulary.mkdir()
    evidence.mkdir()
    for name in Vocabulary.values:
        a_table(vocabulary, f"{name}.tsv", "curie · label · synonyms · parents")
    a_table(vocabulary, "groundings.tsv", "kind · name · curies · relation · reason")
    monkeypatch.setattr(starter, "EVIDENCE", evidence)
    monkeypatch.setattr(starter, "VOCABULARY", vocabulary)

    def release(number, *changes, cargos=("EXCG0000001 · miRNA · miR-99999 · · · ·",), diseases=()):
        (evidence / "release.txt").write_text(f"{number}\n2026-11-01\nSynthetic collection\n")
        a_table(vocabulary, "cargos.tsv", CARGOS, *cargos)
        a_table(vocabulary, "disease.tsv", "curie · label · synonyms · parents", *diseases)
        a_file(evidence, C2, *changes)

    release("2026.1")
    call_command("load_starter", verbosity=0)
    return release


def loaded():
    return set(Release.objects.values_list("number", flat=True))


def test_a_withdrawn_claim_does_not_stop_the_next_release(collection, capsys):
    editor = a_user("bob", role=Role.EDITOR)
    an_interest(editor)
    claim = Claim.objects.get(accession="EXCL0000005")
    workflow.withdraw(claim_id=claim.pk, by=editor, reason="synthetic reason")
    collection("2026.2")

    call_command("load_starter", verbosity=0)

    assert loaded() == {"2026.1", "2026.2"}
    assert Claim.objects.get(accession="EXCL0000005").state == State.WITHDRAWN
    assert "EXCL0000005) was withdrawn and stays so: synthetic reason" in capsys.readouterr().out


def test_a_cargo_that_was_made_here_does_not_stop_the_next_release(collection, client):
    local = a_cargo("miR-7")
    collection(
        "2026.2",
        ("name: miR-99999", "name: miR-7"),
        cargos=("EXCG0000001 · miRNA · miR-99999 · · · ·", "EXCG0000002 · miRNA · mir-7 · · · ·"),
    )

    call_command("load_starter", verbosity=0)

    assert Claim.objects.accepted().get(key="c1").cargo == local
    assert Accession.objects.get(pk="EXCG0000002").merged_into_id == local.accession
    assert client.get("/EXCG0000002").url == local.get_absolute_url()


@pytest.fixture
def conflict(collection):
    """A later release whose study has the accession of another one here."""
    a_study(accession="EXST0000077", pmid="900000777")
    collection("2026.2", ("study:", "study:\n  accession: EXST0000077"), ("made-up vesicles", "later vesicles"))


@pytest.mark.usefixtures("conflict")
def test_a_release_that_does_not_go_in_is_a_warning_where_an_earlier_one_is_loaded(capsys):
    call_command("load_starter", or_keep_earlier=True, verbosity=0)

    told = capsys.readouterr().err
    assert "synthetic.yaml:2: study.accession: EXST0000077 is not its accession" in told
    assert "Release 2026.2 of the starter collection was not loaded, and nothing was written" in told
    assert "goes on with release 2026.1" in told
    assert loaded() == {"2026.1"}


@pytest.mark.usefixtures("conflict")
def test_a_release_that_does_not_go_in_is_an_error_for_whoever_loads_it_by_hand():
    with pytest.raises(CommandError, match=r"2026\.2 .* was not loaded") as refused:
        call_command("load_starter", verbosity=0)

    assert refused.value.returncode == 1


def test_tables_with_faults_are_told_and_write_nothing(collection, capsys):
    cargos = list(Cargo.objects.values())
    collection("2026.2", cargos=("EXCG0000001 · mirna · miR-99999 · · · ·",))

    call_command("load_starter", or_keep_earlier=True, verbosity=0)

    assert "cargos.tsv, line 2: kind: 'mirna'" in capsys.readouterr().err
    assert list(Cargo.objects.values()) == cargos


def test_an_empty_database_does_not_start_without_its_collection(collection, monkeypatch):
    monkeypatch.setattr(Release.objects, "first", lambda: None)
    collection("2026.2", cargos=("EXCG0000001 · mirna · miR-99999 · · · ·",))

    with pytest.raises(CommandError, match="was not loaded"):
        call_command("load_starter", or_keep_earlier=True, verbosity=0)


def found(words):
    return set(search.find_claims(words).values_list("key", flat=True))


def test_new_words_of_a_release_reach_the_claims_that_stay_as_they_are(collection):
    collection(
        "2026.2",
        cargos=("EXCG0000001 · miRNA · miR-99999 · quaggamer · · ·",),
        diseases=("DOID:1 · quaggaoma · synthetic cancer ·",),
    )

    call_command("load_starter", verbosity=0)

    assert found("quaggamer") == {"c1"}
    assert found("quaggaoma") == {"c1", "c2"}


def test_new_words_of_a_vocabulary_reach_the_claims(collection, tmp_path):
    collection("2026.2", diseases=("DOID:1 · synthetic cancer · ·",))
    call_command("load_starter", verbosity=0)
    table = a_table(
        tmp_path,
        "d.tsv",
        "curie · label · synonyms · parents",
        "DOID:1 · synthetic cancer · quaggaoma · DOID:2",
        "DOID:2 · dodo · ·",
    )

    call_command("load_vocabulary", "disease", str(table), verbosity=0)

    assert found("quaggaoma") == found("dodo") == {"c1", "c2"}
