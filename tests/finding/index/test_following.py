"""The index is used only where it shows the present, and whoever follows the database misses nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
import tantivy
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from apps.claims import search as words
from apps.claims.models import Claim, State
from apps.finding.answering import SoonerOrLater, answer, read
from apps.finding.asking import Search
from apps.finding.index import follower, forgetting, state
from apps.finding.index.answer import from_index
from apps.finding.index.checking import differences
from apps.records.models import Change
from apps.studies.models import CitationCount
from apps.terms.models import Name
from apps.vesicles.models import Cargo, Preparation
from tests import makers
from tests.embedded.running import eventually
from tests.finding.index.evidence import varied_claims
from tests.records.refusals import met, run

pytestmark = pytest.mark.django_db(transaction=True)

ALL = Search(sort="newest")


def in_step(search: Search = ALL) -> bool:
    """Whether the index shows the present; if so, it says what PostgreSQL says."""
    found = from_index(search, read(search.words))
    assert found is None or list(differences(search, found)) == []
    return found is not None


@pytest.fixture
def claims(following):
    made = varied_claims(20)
    following.step()
    assert in_step()
    return made


def an_accepted(claims):
    return next(claim for claim in claims if claim.state == State.ACCEPTED)


def withdraw(claims):
    claim = an_accepted(claims)
    claim.state, claim.left_at, claim.state_reason = State.WITHDRAWN, timezone.now(), "synthetic reason"
    claim.save()


def accept(claims):
    claim = next(claim for claim in claims if claim.state == State.SUBMITTED)
    claim.state, claim.accepted_at, claim.accepted_by = State.ACCEPTED, timezone.now(), makers.a_user("bob")
    makers.a_decision(claim=claim)
    claim.save()


def find_by_other_words(claims):
    run("UPDATE claims_claim SET search = to_tsvector('english', 'walrus') WHERE id = %s", [an_accepted(claims).pk])


def retract(claims):
    makers.a_notice(study=an_accepted(claims).preparation.study)


def cite(claims):
    CitationCount.objects.create(
        study=an_accepted(claims).preparation.study, service="icite", day="2026-11-02", count=9
    )
    Change.objects.update(at=timezone.now() - timedelta(seconds=5))  # counts may come a little late


def make_otherwise(claims):
    Preparation.objects.filter(pk=an_accepted(claims).preparation_id).update(isolation=["ultrafiltration"])


def move_source(claims):
    source = an_accepted(claims).preparation.source
    source.category = "plant"
    source.save()


def call_cargo_otherwise(_claims):
    # As a superuser might: a cargo that claims name keeps its kind.
    run("ALTER TABLE vesicles_cargo DISABLE TRIGGER USER")
    trigger = run("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger_cargo_told_on_update%%'")[0][0]
    run(f'ALTER TABLE vesicles_cargo ENABLE TRIGGER "{trigger}"')
    Cargo.objects.filter(name="SYNP1").update(kind="lipid")
    run("ALTER TABLE vesicles_cargo ENABLE TRIGGER USER")


def mean_something(_claims):
    Name.objects.get(text="synthetic sarcoma").terms.add(makers.a_term("SYN:2", "synthetic carcinoma"))


def mean_nothing(_claims):
    Name.objects.get(text="synthetic carcinoma").terms.clear()


CHANGES = {
    withdraw: "claim_told_on_update",
    accept: "claim_told_on_update",
    find_by_other_words: "claim_told_on_update",
    retract: "study_told_on_update",
    cite: "citations_told_on_insert",
    make_otherwise: "made_told_on_update",
    move_source: "source_told_on_update",
    call_cargo_otherwise: "cargo_told_on_update",
    mean_something: "name_told_on_insert",
    mean_nothing: "name_told_on_delete",
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_after_a_change_postgresql_answers_until_the_index_has_seen_it(change, claims, following):
    change(claims)

    assert not in_step()
    assert following.step() > 0
    assert in_step()
    assert following.step() == 0
    met(CHANGES[change])


def test_counts_of_citations_that_change_or_go_are_told_too(claims):
    study = an_accepted(claims).preparation.study
    Change.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE studies_citationcount DISABLE TRIGGER USER")
        for event in ("update", "delete"):
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgname LIKE %s", [f"pgtrigger_citations_told_on_{event}%"]
            )
            cursor.execute(f'ALTER TABLE studies_citationcount ENABLE TRIGGER "{cursor.fetchone()[0]}"')
        CitationCount.objects.filter(study=study).update(count=77)
        assert Change.objects.filter(kind="citations", record=study.pk).count() == 1
        met("citations_told_on_update")
        CitationCount.objects.filter(study=study).delete()
        assert Change.objects.filter(kind="citations", record=study.pk).count() == 2
        met("citations_told_on_delete")
        cursor.execute("ALTER TABLE studies_citationcount ENABLE TRIGGER USER")


def test_what_nobody_may_read_yet_is_not_told(claims):
    Change.objects.all().delete()
    makers.a_claim(state=State.SUBMITTED)
    Claim.objects.filter(state=State.SUBMITTED).update(search=None)

    assert not Change.objects.filter(kind="claim").exists()


def test_another_tree_of_terms_is_another_index(claims, following):
    before = following.state.generation
    makers.a_term("SYN:99", "synthetic twig", parents=(makers.a_term("SYN:1", "synthetic disease"),))
    met("tree_told_on_insert")
    assert not in_step()

    following.step()
    assert following.state.generation > before
    assert in_step()

    makers.a_term("SYN:99", "synthetic twig").lineage.all().delete()
    met("tree_told_on_delete")
    assert not in_step()


def test_a_change_is_seen_by_its_own_transaction_at_once(claims):
    with transaction.atomic():
        withdraw(claims)

        assert not in_step()
        assert answer(ALL).count == Claim.objects.accepted().count()


def test_who_commits_late_is_not_lost(claims, following):
    """An older transaction ends after a younger one: numbers say nothing of the order."""
    began, ends = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            withdraw(claims)
            began.set()
            ends.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(late)
        began.wait(20)
        # A change that waits for none of the locks of the other.
        cite(claims)
        assert following.step() > 0
        assert in_step()
        ends.set()
        waiting.result()

    assert not in_step()
    following.step()
    assert in_step()


def test_counts_of_citations_may_come_seconds_late_and_a_standing_may_not(claims, following):
    studies = [claim.preparation.study for claim in claims if claim.state == State.ACCEPTED]
    study = next(study for study in studies if study.status == "published")
    CitationCount.objects.create(study=study, service="icite", day="2026-11-03", count=5)
    assert from_index(ALL, read("")) is not None
    Change.objects.update(at=timezone.now() - timedelta(seconds=5))
    assert from_index(ALL, read("")) is None

    following.step()
    makers.a_notice(study=study)
    assert from_index(ALL, read("")) is None


def test_a_follower_that_died_between_index_and_note_goes_on(claims, following):
    before = state.read(state.current())
    withdraw(claims)
    following.step()
    following.close()
    state.write(state.current(), before)

    successor = follower.Follower()
    successor.step()
    assert in_step()
    successor.close()


def test_what_a_killed_build_left_is_cleared(home, following):
    (home / "00000000000000000001").mkdir(parents=True)
    varied_claims(5)
    following.step()

    assert [folder.name for folder in home.glob("[0-9]*")] == [following.state.generation]
    assert in_step()


def test_a_broken_index_is_made_anew_and_postgresql_answers_meanwhile(claims, following):
    broken = following.state.folder
    following.close()
    for file in broken.glob("*"):
        file.unlink()
    withdraw(claims)
    assert answer(ALL).count == Claim.objects.accepted().count()

    following.step()
    assert following.state.folder != broken
    assert in_step()


def test_an_index_that_breaks_while_it_answers_is_left_for_postgresql():
    class Broken:
        @property
        def count(self):
            raise ValueError("synthetic damage")

    varied_claims(5)
    truth = answer(ALL)

    assert SoonerOrLater(Broken(), truth).count == truth.count == 5


def test_an_index_of_another_database_is_not_believed(claims, following, monkeypatch):
    other = state.State(following.state.generation, "other", following.state.snapshot)
    following.close()
    state.write(state.current(), other)
    assert from_index(ALL, read("")) is None

    following.step()
    assert following.state.generation > other.generation
    assert in_step()


def test_an_index_of_a_future_that_was_taken_back_is_not_believed(claims, following):
    known = following.state
    ahead = int(known.snapshot.split(":")[1]) + 1_000_000
    following.close()
    state.write(state.current(), state.State(known.generation, known.database, f"{ahead}:{ahead}:"))
    assert from_index(ALL, read("")) is None

    following.step()
    assert following.state.generation > known.generation


@pytest.mark.timeout(600)
def test_changes_are_forgotten_after_a_day_and_who_missed_them_begins_anew(claims, following):
    missed = state.read(state.current())
    withdraw(claims)
    following.step()
    assert forgetting.purge() == 0
    Change.objects.update(at=timezone.now() - timedelta(days=2))
    # What a transaction of another test, in a database beside this one, might still read is kept until it ends.
    eventually(lambda: forgetting.purge() >= 0 and not Change.objects.exclude(kind="purged").exists(), 240)
    assert not in_step()
    following.step()
    assert in_step()
    assert following.state.generation == missed.generation, "it had seen what was forgotten"

    following.close()
    state.write(state.current(), missed)
    following.step()
    assert following.state.generation > missed.generation
    assert in_step()


def test_the_command_makes_the_index_anew_with_and_without_a_follower(claims, following):
    first = following.state.generation
    following.close()
    call_command("rebuild_search_index", stdout=StringIO())
    second = state.read(state.current()).generation
    assert second > first
    assert in_step()

    with follower.lock() as lock:
        assert lock.take()
        new = follower.build()
        state.write(state.waiting(), new)
        withdraw(claims)
        following.step()
    assert following.state.generation == new.generation
    assert not state.waiting().exists()
    assert in_step()


def test_one_follower_a_host(home):
    with follower.lock() as lock:
        assert lock.take()
        with pytest.raises(CommandError, match="already"):
            call_command("follow_search_index", once=True)

    varied_claims(3)
    call_command("follow_search_index", once=True)
    assert in_step()


def test_the_check_finds_what_is_wrong(claims, following):
    out = StringIO()
    call_command("check_search_index", stdout=out)
    assert "agrees with PostgreSQL" in out.getvalue()

    wrong = tantivy.Query.term_query(following.schema, "claim", an_accepted(claims).pk)
    following.writer.delete_documents_by_query(wrong)
    following.writer.commit()
    state.write(state.current(), following.state)
    said = StringIO()
    with pytest.raises(CommandError, match="rebuild_search_index"):
        call_command("check_search_index", stderr=said)
    assert "the counts of edge differ" in said.getvalue()


def test_words_written_anew_are_found_at_once(claims, following):
    claim = an_accepted(claims)
    study = claim.preparation.study
    study.title = "Synthetic study of quokkas"
    study.save()
    words.index(Claim.objects.resting_on(study))
    asked = Search(words="quokkas", sort="newest")
    expected = answer(asked).count
    assert expected > 0

    following.step()
    assert in_step(asked)
    assert from_index(asked, read("quokkas")).count == expected
