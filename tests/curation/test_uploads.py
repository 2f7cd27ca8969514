"""A file goes in, is checked whole, and becomes drafts or nothing."""

import pytest

from apps.claims.models import Claim, State
from apps.curation.models import Upload, UploadFile, UploadState
from apps.curation.uploads import jobs
from apps.people.models import Role
from apps.studies.models import Notice, Study
from apps.terms.models import Name
from apps.vesicles.models import Cargo, Preparation, VesicleSource
from tests.curation.sheets import a_row, another_row, csv_of, xlsx_of
from tests.documents import synthetic
from tests.makers import a_user

pytestmark = pytest.mark.django_db

TABLES = (Study, VesicleSource, Preparation, Cargo, Claim, Notice, Name)


def everything():
    return {model: list(model.objects.order_by("pk").values()) for model in TABLES}


def an_upload(content, name="synthetic.csv", by=None):
    return jobs.receive(name=name, content=content, by=by or a_user("alice", role=Role.CONTRIBUTOR))


def checked(content, name="synthetic.csv", by=None):
    upload = an_upload(content, name, by)
    jobs.check(upload_id=upload.pk, watched=False)
    upload.refresh_from_db()
    return upload


def stored(content, name="synthetic.csv", by=None):
    upload = checked(content, name, by)
    assert upload.state == UploadState.CHECKED, upload.problems
    jobs.confirm(upload_id=upload.pk, by=upload.by)
    jobs.store(upload_id=upload.pk, watched=False)
    upload.refresh_from_db()
    return upload


def counts(upload):
    return {row["what"]: (row["new"], row["changed"], row["same"]) for row in upload.effect["records"]}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (csv_of(a_row(), another_row()), "synthetic.csv"),
        (csv_of(a_row(), another_row(), delimiter="\t"), "synthetic.tsv"),
        (csv_of(a_row(), another_row(), encoding="utf-8-sig"), "synthetic.csv"),
        (csv_of(a_row(), another_row(), delimiter="\t", encoding="utf-16"), "synthetic.txt"),
        (xlsx_of(a_row(), another_row()), "synthetic.xlsx"),
    ],
    ids=["csv", "tsv", "csv with a mark", "UTF-16 as spreadsheets save it", "xlsx"],
)
def test_rows_become_drafts_of_who_uploaded_them(content, name):
    upload = stored(content, name)

    first, second = Claim.objects.order_by("key")
    study = Study.objects.get()
    assert upload.state == UploadState.STORED
    assert (study.pmid, study.doi, study.year, study.authors) == (
        "900000001",
        "10.9999/synthetic.900000001",
        2020,
        ["Doe J", "Roe R"],
    )
    assert first.preparation == second.preparation
    assert (first.preparation.engineered, first.preparation.isolation) == (
        True,
        ["differential_ultracentrifugation", "other"],
    )
    assert {first.author.username, second.author.username} == {"alice"}
    assert (first.state, first.level, second.cargo) == (State.DRAFT, "C", None)
    assert [name.text for name in first.target_names] == ["PTEN", "SYNTH1"]
    assert [(m.name, m.value, m.p_relation, m.p, m.n_cases) for m in first.measures.all()] == [
        ("AUC", 0.87, "<", 0.001, 50),
        ("sensitivity", 0.9, "", None, None),
    ]


def test_a_document_becomes_drafts_too():
    upload = stored(synthetic.text().encode(), "synthetic.yaml")

    assert counts(upload)["claims"] == (2, 0, 0)
    assert Claim.objects.filter(author__username="alice", state=State.DRAFT).count() == 2


def test_a_faulty_document_names_line_and_field():
    content = synthetic.text().replace("year: 2020", "year: soon").encode()

    upload = checked(content, "synthetic.yaml")

    assert upload.state == UploadState.REFUSED
    (problem,) = upload.problems
    assert (problem["row"], problem["column"]) == (5, "study.year")


def test_checking_says_what_storing_does_and_writes_nothing():
    before = everything()

    upload = checked(csv_of(a_row(), another_row()))

    assert upload.state == UploadState.CHECKED
    assert counts(upload) == {
        "studies": (1, 0, 0),
        "sources": (1, 0, 0),
        "preparations": (1, 0, 0),
        "claims": (2, 0, 0),
    }
    assert ["disease", "synthetic cancer", 2] in upload.effect["names"]
    assert everything() == before


def test_one_fault_keeps_the_whole_file_out():
    before = everything()

    upload = checked(csv_of(a_row(), another_row(2), another_row(3, edge="good")))

    (problem,) = upload.problems
    assert upload.state == UploadState.REFUSED
    assert (problem["row"], problem["column"], problem["value"]) == (4, "edge", "good")
    assert "is not one of harm, benefit, mixed, neutral" in problem["message"]
    assert everything() == before
    assert not UploadFile.objects.exists()


def test_a_fault_stands_at_the_row_and_column_that_it_came_from():
    upload = checked(
        csv_of(
            a_row(depth="deep", measure_2_value=1.7),
            another_row(2, statement=None, preparation="p2", vesicle_term="exosome"),
            another_row(3, cargo_name="miR-99999", level="A", disease_id="1612"),
        )
    )

    at = {(problem["row"], problem["column"]) for problem in upload.problems}
    assert {(2, "depth"), (3, "statement"), (3, "source_name"), (3, "species"), (3, "engineered")} <= at
    assert {(4, "cargo_kind"), (4, "level_reason"), (4, "disease_id")} <= at


def test_an_impossible_measure_is_named_by_its_number():
    upload = checked(csv_of(a_row(measure_2_value=1.7)))

    (problem,) = upload.problems
    assert (problem["row"], problem["column"], problem["value"]) == (2, "measure_2_value", "1.7")
    assert "lies between 0 and 1" in problem["message"]


def test_rows_of_one_study_must_not_contradict_each_other():
    upload = checked(csv_of(a_row(), another_row(2, year=2021, tissue="skin")))

    assert [(p["row"], p["column"], p["value"]) for p in upload.problems] == [
        (3, "tissue", "skin"),
        (3, "year", "2021"),
    ]
    assert "differs from row 2" in upload.problems[0]["message"]


def test_a_row_that_belongs_to_two_studies_is_asked_about():
    rows = (a_row(), a_row(pmid="900000002", doi="10.9999/b"), another_row(3, doi="10.9999/b"))

    upload = checked(csv_of(*rows))

    (problem,) = [p for p in upload.problems if p["row"] == 4]
    assert "its pmid is that of row 2 but its doi is that of row 3" in problem["message"]


def test_a_row_of_no_study_is_asked_about():
    upload = checked(csv_of(a_row(), another_row(2, pmid=None)))

    assert ("3", "pmid") in {(str(p["row"]), p["column"]) for p in upload.problems}


def test_what_a_curator_leaves_out_is_not_curated_rather_than_absent():
    stored(csv_of(a_row(isolation=None, markers_positive=None)))

    made = Preparation.objects.get()
    assert (made.isolation, made.methods, made.markers_positive, made.vesicle_class) == (
        None,
        None,
        None,
        "not_curated",
    )


def test_the_same_file_twice_changes_nothing():
    content = csv_of(a_row(), another_row())
    stored(content)
    before = everything()

    upload = stored(content)

    assert counts(upload) == {
        "studies": (0, 0, 1),
        "sources": (0, 0, 1),
        "preparations": (0, 0, 1),
        "claims": (0, 0, 2),
    }
    assert everything() == before


def test_a_change_of_a_record_that_was_there_is_shown_before_it_is_made():
    stored(csv_of(a_row()))

    upload = checked(csv_of(a_row(title="Synthetic study, corrected title", isolation="none", methods=None)))

    assert [(c["record"], c["field"], c["before"], c["after"]) for c in upload.effect["changes"]] == [
        (
            Study.objects.get().accession,
            "title",
            "Synthetic study of made-up vesicles",
            "Synthetic study, corrected title",
        ),
        (Preparation.objects.get().accession, "isolation", "differential_ultracentrifugation, other", ""),
    ]


def test_none_is_not_the_same_as_empty():
    stored(csv_of(a_row(isolation="none", markers_positive=None)))

    made = Preparation.objects.get()
    assert (made.isolation, made.markers_positive) == ([], None)


def test_what_is_left_empty_of_a_preparation_that_is_there_stays():
    stored(csv_of(a_row()))

    upload = stored(csv_of(a_row(isolation=None, loading=None)))

    assert counts(upload)["preparations"] == (0, 0, 1)


def accepted_study():
    """The synthetic study, with a claim of it accepted."""
    stored(csv_of(a_row()))
    from tests.makers import walked_to

    walked_to(State.ACCEPTED, Claim.objects.get())


@pytest.mark.parametrize("change", [{"title": "Another title"}, {"loading": "another drug"}])
def test_what_public_claims_rest_on_is_an_editors_to_change(change):
    accepted_study()
    before = everything()

    upload = checked(csv_of(a_row(**change), another_row()), by=a_user("charlie", role=Role.CURATOR))

    (problem,) = upload.problems
    assert problem["row"] == 2
    assert "an editor does that" in problem["message"]
    assert everything() == before


def test_an_editor_changes_what_public_claims_rest_on():
    accepted_study()

    stored(csv_of(a_row(title="Another title")), by=a_user("eve", role=Role.EDITOR))

    assert Study.objects.get().title == "Another title"


def test_a_changed_accepted_claim_becomes_a_revision_and_the_public_text_stays():
    accepted_study()

    stored(csv_of(a_row(statement="Made-up vesicles marked it well.")), by=a_user("charlie", role=Role.CURATOR))

    assert Claim.objects.accepted().get().statement == "Made-up vesicles marked a made-up cancer."
    draft = Claim.objects.get(state=State.DRAFT)
    assert (draft.version, draft.statement, draft.author.username) == (2, "Made-up vesicles marked it well.", "charlie")


def test_what_became_wrong_since_the_check_is_refused_when_it_is_stored():
    upload = checked(csv_of(a_row(), another_row()))
    Study.objects.create(**_study(pmid="900000001"))
    Study.objects.create(**_study(doi="10.9999/synthetic.900000001"))
    jobs.confirm(upload_id=upload.pk, by=upload.by)
    before = everything()

    jobs.store(upload_id=upload.pk, watched=False)

    upload.refresh_from_db()
    assert upload.state == UploadState.REFUSED
    assert "two studies in the database" in upload.problems[0]["message"]
    assert everything() == before


def _study(**identifiers):
    return {
        "kind": "primary",
        "title": "Synthetic",
        "journal": "Journal of Synthetic Results",
        "year": 2020,
        "depth": "abstract",
        "curated_on": "2026-11-01",
        **identifiers,
    }


# --- the way of an upload --------------------------------------------------------------------------------------------


def test_nobody_confirms_or_cancels_the_upload_of_another():
    upload = checked(csv_of(a_row()))

    for act in (jobs.confirm, jobs.cancel):
        with pytest.raises(jobs.NotAllowed, match="alice's"):
            act(upload_id=upload.pk, by=a_user("bob"))

    upload.refresh_from_db()
    assert upload.state == UploadState.CHECKED


def test_a_reader_uploads_nothing():
    with pytest.raises(jobs.NotAllowed, match="contributor"):
        an_upload(csv_of(a_row()), by=a_user("rita", role=Role.READER))

    assert not Upload.objects.exists()


def test_a_cancelled_upload_is_not_stored_and_its_content_is_let_go():
    upload = checked(csv_of(a_row()))

    jobs.cancel(upload_id=upload.pk, by=upload.by)

    with pytest.raises(jobs.NotAllowed, match="cancelled"):
        jobs.confirm(upload_id=upload.pk, by=upload.by)
    jobs.store(upload_id=upload.pk, watched=False)
    assert not Claim.objects.exists()
    assert not UploadFile.objects.exists()


def test_what_is_being_stored_or_is_stored_can_not_be_cancelled():
    upload = stored(csv_of(a_row()))

    with pytest.raises(jobs.NotAllowed, match="cancelled now"):
        jobs.cancel(upload_id=upload.pk, by=upload.by)


def test_each_step_may_be_begun_twice_and_is_done_once():
    upload = stored(csv_of(a_row()))
    before = everything()

    jobs.check(upload_id=upload.pk, watched=False)
    jobs.store(upload_id=upload.pk, watched=False)

    upload.refresh_from_db()
    assert upload.state == UploadState.STORED
    assert everything() == before


def test_nothing_is_stored_that_was_not_confirmed():
    upload = checked(csv_of(a_row()))

    jobs.store(upload_id=upload.pk, watched=False)

    assert not Claim.objects.exists()


def test_a_step_that_never_ends_is_given_up():
    upload = an_upload(csv_of(a_row()))
    Upload.objects.filter(pk=upload.pk).update(attempts=jobs.MOST_ATTEMPTS)

    jobs.check(upload_id=upload.pk, watched=False)

    upload.refresh_from_db()
    assert upload.state == UploadState.FAILED


def test_what_nobody_foresaw_fails_the_upload_and_is_logged(monkeypatch, caplog):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("apps.curation.uploads.checking.check", broken)

    upload = checked(csv_of(a_row()))

    assert upload.state == UploadState.FAILED
    assert "could not be finished" in caplog.text


def test_a_file_that_is_too_large_is_not_taken_in(settings):
    settings.UPLOAD_BYTES = 100

    with pytest.raises(jobs.NotAllowed, match="at most 100"):
        an_upload(csv_of(a_row()))


def test_more_rows_than_are_taken_are_refused(settings):
    settings.UPLOAD_ROWS = 1

    upload = checked(csv_of(a_row(), another_row()))

    assert "has more than 1 rows" in upload.problems[0]["message"]
