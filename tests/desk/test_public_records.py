"""What a public claim rests on: whose it is to change, and what a change of it reaches."""

import pytest
from django.urls import reverse

from apps.claims import search
from apps.people.models import Role
from apps.people.permissions import is_public
from apps.terms.models import Name
from apps.vesicles.models import CargoMember
from tests import makers
from tests.desk.test_admin import form_of, save
from tests.desk.test_work import preparation_form, told
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_user

pytestmark = pytest.mark.django_db

CLOSED = "A public claim rests on it: an editor changes it, or write a revision."


@pytest.fixture
def signed_in(client):
    def sign_in(role):
        person = a_user(f"a {role}", role=role)
        makers.signed_in(client, person)
        return person

    return sign_in


def management(*parts):
    return {f"{part}-{name}_FORMS": 0 for part in parts for name in ("TOTAL", "INITIAL")}


def study_form(study, **fields):
    return {
        **management("notices", "citation_counts"),
        **{name: getattr(study, name) for name in ("kind", "title", "journal", "year", "pmid", "depth", "curated_on")},
        "authors": "\n".join(study.authors),
        "pages_read": "\n".join(study.pages_read),
        **fields,
    }


def source_form(source, **fields):
    shown = {name: getattr(source, name) for name in ("name", "category", "material")}
    return {**shown, "species": source.species_id, **fields}


def cargo_form(cargo, **fields):
    return {**management("xrefs", "synonyms", "memberships"), "name": cargo.name, "kind": cargo.kind, **fields}


def made_form(made, **fields):
    return preparation_form(study=made.study_id, source=made.source_id, key=made.key, **fields)


def resting(claim, what):
    """The record that the claim rests on, its form, and a change of it that people look for."""
    made = claim.preparation
    return {
        "study": (made.study, study_form(made.study, title="Synthetic study of zebrafish")),
        "source": (made.source, source_form(made.source, name="synthetic zebrafish")),
        "preparation": (made, made_form(made, term="zebrafish exosome")),
        "cargo": (claim.cargo, cargo_form(claim.cargo, name="zebrafish-1")),
    }[what]


EVERY = ["study", "source", "preparation", "cargo"]


def a_claim_on_all(state, **fields):
    return a_claim(state=state, cargo=a_cargo("miR-99999"), **fields)


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.CURATOR])
@pytest.mark.parametrize("what", EVERY)
def test_what_a_public_claim_rests_on_is_closed_to_who_is_no_editor_and_says_why(client, signed_in, what, role):
    signed_in(role)
    record, form = resting(a_claim_on_all("accepted"), what)
    before = str(record)

    assert CLOSED in told(client.get(form_of(record)))
    assert save(client, record, form).status_code == 403
    record.refresh_from_db()
    assert str(record) == before


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected", "withdrawn"])
@pytest.mark.parametrize("what", EVERY)
def test_what_no_public_claim_rests_on_is_a_contributors_to_change(client, signed_in, what, state):
    signed_in(Role.CONTRIBUTOR)
    claim = a_claim_on_all(state)
    record, form = resting(claim, what)

    assert save(client, record, form).status_code == 302
    assert record.events.filter(pgh_label="update").exists()


@pytest.mark.parametrize("what", EVERY)
def test_an_editors_change_of_it_is_kept_and_found_at_once(client, signed_in, what):
    erin = signed_in(Role.EDITOR)
    claim = a_claim_on_all("accepted")
    record, form = resting(claim, what)
    search.index()
    assert not search.find_claims("zebrafish").exists()

    assert save(client, record, {**form, "why": "as the paper says"}).status_code == 302

    assert search.find_claims("zebrafish").get() == claim
    event = record.events.order_by("pgh_id").last()
    assert event.pgh_context == {"user": erin.pk, "reason": "as the paper says", **_url(event)}


def _url(event):
    return {name: value for name, value in event.pgh_context.items() if name not in {"user", "reason"}}


def test_a_new_synonym_of_a_member_is_what_the_claims_of_its_panel_are_found_by(client, signed_in):
    signed_in(Role.EDITOR)
    panel, member = a_cargo("synthetic panel", kind="other"), a_cargo("miR-99999")
    CargoMember.objects.create(panel=panel, member=member)
    claim = a_claim(cargo=panel)

    save(client, member, cargo_form(member, **{"synonyms-TOTAL_FORMS": 1, "synonyms-0-text": "zebrafish small RNA"}))

    assert search.find_claims("zebrafish").get() == claim


def test_a_study_that_is_of_another_kind_changes_the_level_of_its_claims_with_the_reason_why(client, signed_in):
    signed_in(Role.EDITOR)
    claim = a_claim(models_used=["patient_samples"])
    study = claim.preparation.study

    save(client, study, study_form(study, kind="meta_analysis", why="it pools nine cohorts"))

    claim.refresh_from_db()
    assert (claim.level, claim.level_reason) == ("B", "A meta-analysis of patients.")
    assert claim.events.order_by("pgh_id").last().pgh_context["reason"] == "it pools nine cohorts"


def test_a_curator_who_finds_a_study_closed_is_told_where_notices_are_added(client, signed_in):
    signed_in(Role.CURATOR)
    study = a_claim().preparation.study

    assert "A notice on it is added under Notices." in told(client.get(form_of(study)))
    client.post(
        reverse("admin:studies_notice_add"),
        {"study": study.pk, "service": "curation", "nature": "concern", "first_seen": "2026-11-01"}
        | {"last_seen": "2026-11-01"},
    )
    study.refresh_from_db()
    assert study.status == "concern"


def test_the_permission_itself_asks_what_rests_on_the_record():
    public, hidden = a_claim().preparation, a_preparation(source=a_source())
    people = {role: a_user(f"a {role}", role=role) for role in Role}

    for record, least in ((public, Role.EDITOR), (hidden, Role.CONTRIBUTOR)):
        may = {role: person.has_perm("vesicles.change_preparation", record) for role, person in people.items()}
        assert may == {role: person.at_least(least) for role, person in people.items()}
    assert people[Role.CONTRIBUTOR].has_perm("vesicles.view_preparation", public)
    assert people[Role.CONTRIBUTOR].has_perm("vesicles.change_preparation")


@pytest.mark.parametrize("column", ["disease", "recipient", "therapy", "target", "species", "tissue"])
def test_a_name_is_public_once_an_accepted_claim_or_its_source_writes_it(column):
    name = a_name(column, "synthetic name")

    def claim(state):
        made = a_preparation(source=a_source(**{column: name})) if column in {"species", "tissue"} else a_preparation()
        written = {column: name} if column in {"disease", "recipient"} else {}
        therapies, targets = ((name,) if column == kind else () for kind in ("therapy", "target"))
        return a_claim(state=state, preparation=made, therapies=therapies, targets=targets, **written)

    claim("draft")
    claim("withdrawn")
    assert not is_public(name)
    claim("accepted")
    assert is_public(name)


def test_a_study_without_preparations_is_not_public():
    assert not is_public(a_study())
    assert Name.objects.public().count() == 0
