"""What people do at the desk, by role."""

import pytest
from django.urls import reverse

from apps.claims.models import Claim, State
from apps.people.models import Role, User
from apps.studies.models import Notice, Study
from apps.terms.models import Name
from apps.vesicles.models import Cargo, CargoXref, Preparation
from tests import makers
from tests.desk.test_admin import form_of, listing, save, seen_of
from tests.makers import a_cargo, a_claim, a_name, a_notice, a_preparation, a_source, a_study, a_term, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    def sign_in(role):
        person = a_user(f"a {role}", role=role)
        makers.signed_in(client, person)
        return person

    return sign_in


def told(answer):
    """What the page says of the input."""
    return " ".join(answer.content.decode().replace("&quot;", '"').replace("&#x27;", "'").split())


# --- claims -----------------------------------------------------------------------------------------------------------

CLOSED = [
    (State.SUBMITTED, "waits for review"),
    (State.ACCEPTED, "is accepted and public"),
    (State.REJECTED, "was rejected"),
    (State.WITHDRAWN, "was withdrawn"),
    (State.SUPERSEDED, "later version took its place"),
]


@pytest.mark.parametrize(("state", "sentence"), CLOSED)
def test_a_claim_that_is_no_draft_says_why_it_is_closed(client, signed_in, state, sentence):
    claim = a_claim(state=state, author=signed_in(Role.CURATOR))

    page = told(client.get(form_of(claim)))

    assert sentence in page
    assert 'name="statement"' not in page


def test_the_draft_of_another_says_whose_it_is(client, signed_in):
    signed_in(Role.CURATOR)

    assert "It is a draft of bob's" in told(client.get(form_of(a_claim(state="draft", author=a_user("bob")))))


def test_a_draft_of_ones_own_says_where_it_is_edited(client, signed_in):
    claim = a_claim(state="draft", author=signed_in(Role.CONTRIBUTOR))

    assert "It is a draft of yours, edited in its form." in told(client.get(form_of(claim)))


def test_the_public_page_is_linked_where_there_is_one(client, signed_in):
    signed_in(Role.CURATOR)
    draft, accepted = a_claim(state="draft"), a_claim()
    accepted.refresh_from_db()

    assert accepted.get_absolute_url() in told(client.get(form_of(accepted)))
    assert "View on site" not in told(client.get(form_of(draft)))


def offered(client, model, field, term):
    app = "vesicles" if model == "vesiclesource" else "claims"
    asked = {"app_label": app, "model_name": model, "field_name": field, "term": term}
    return [result["text"] for result in client.get(reverse("admin:autocomplete"), asked).json()["results"]]


def test_a_menu_offers_what_fits_and_says_what_it_is(client, signed_in):
    signed_in(Role.CONTRIBUTOR)
    a_name("tissue", "synthetic liver")
    a_name("disease", "synthetic liver cancer", (a_term("DOID:3571", "liver cancer"),))
    made = a_preparation(source=a_source(name="synthetic liver cells"))
    made.refresh_from_db()

    assert offered(client, "claim", "disease", "synthetic") == ["synthetic liver cancer → liver cancer (DOID:3571)"]
    assert offered(client, "vesiclesource", "tissue", "synthetic") == ["synthetic liver (as written)"]
    assert offered(client, "claim", "preparation", "liver") == [
        f"exosome of synthetic liver cells · Doe and Roe 2020 · {made.accession}"
    ]


@pytest.mark.parametrize("field", ["preparation", "cargo", "disease"])
def test_a_menu_costs_the_same_for_one_row_and_for_twenty(client, signed_in, django_assert_max_num_queries, field):
    signed_in(Role.CONTRIBUTOR)
    counts = []
    for number in (1, 19):
        for _ in range(number):
            a_claim(
                disease=f"synthetic {Claim.objects.count()}",
                cargo=a_cargo(f"synthetic {Claim.objects.count()}"),
                preparation=a_preparation(source=a_source()),
            )
        with django_assert_max_num_queries(20) as queries:
            assert len(offered(client, "claim", field, "synthetic")) == Claim.objects.count()
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- lists of values --------------------------------------------------------------------------------------------------


def preparation_form(**fields):
    metric = [f.name for f in Preparation._meta.fields if f.name.startswith("metric_") and f.editable]
    metric = [name for name in metric if name not in {"metric_reported", "metric_curated"}]
    return {
        **dict.fromkeys(metric, "not_curated"),
        "study": a_study().pk,
        "source": a_source().pk,
        "key": "p1",
        "term": "exosome",
        "vesicle_class": "not_curated",
        **fields,
    }


def test_boxes_and_lines_become_lists_and_nothing_ticked_is_not_curated(client, signed_in):
    signed_in(Role.CONTRIBUTOR)

    client.post(
        reverse("admin:vesicles_preparation_add"),
        preparation_form(isolation=["precipitation", "ultrafiltration"], markers_positive="CD63\n\n CD81 \n"),
    )

    made = Preparation.objects.get()
    assert made.isolation == ["precipitation", "ultrafiltration"]
    assert made.markers_positive == ["CD63", "CD81"]
    assert made.methods is None
    assert made.markers_negative is None


def test_a_line_that_is_too_long_is_told(client, signed_in):
    signed_in(Role.CONTRIBUTOR)

    page = client.post(reverse("admin:vesicles_preparation_add"), preparation_form(markers_positive="x" * 61))

    assert "is longer than 60 characters" in told(page)


# --- cargos -----------------------------------------------------------------------------------------------------------


def test_a_cargo_that_is_there_already_is_told_by_its_cross_reference(client, signed_in):
    signed_in(Role.CONTRIBUTOR)
    CargoXref.objects.create(cargo=a_cargo("miR-21"), curie="MIRBASE:MI0000077")
    parts = {
        f"{part}-{name}_FORMS": 0 for part in ("synonyms", "memberships", "xrefs") for name in ("TOTAL", "INITIAL")
    }

    answer = client.post(
        reverse("admin:vesicles_cargo_add"),
        {
            **parts,
            "name": "another name",
            "kind": "miRNA",
            "xrefs-TOTAL_FORMS": 1,
            "xrefs-0-curie": "MIRBASE:MI0000077",
            "xrefs-0-relation": "exact",
        },
        follow=True,
    )

    assert "it is the same cargo" in told(answer)
    assert Cargo.objects.count() == 1


# --- notices ----------------------------------------------------------------------------------------------------------


def test_an_editor_overrules_a_notice_with_a_reason_and_stands_for_it(client, signed_in):
    erin = signed_in(Role.EDITOR)
    study = a_study(status="retracted")
    notice = study.notices.get()

    save(client, notice, {"overruled_reason": "The notice is on another paper."})

    notice.refresh_from_db()
    study.refresh_from_db()
    assert (notice.overruled_by, study.status) == (erin, "published")


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.CURATOR])
def test_nobody_below_an_editor_overrules_a_notice(client, signed_in, role):
    signed_in(role)
    notice = a_notice(study=a_study())

    assert save(client, notice, {"overruled_reason": "I do not think so."}).status_code == 403
    assert Study.objects.get().status == "retracted"


def test_a_contributor_can_not_retract_a_study(client, signed_in):
    signed_in(Role.CONTRIBUTOR)
    study = a_study()

    answer = client.post(
        reverse("admin:studies_notice_add"),
        {"study": study.pk, "service": "curation", "nature": "retraction", "first_seen": "2026-11-01"},
    )

    assert answer.status_code == 403
    assert 'name="notices-0-nature"' not in told(client.get(form_of(study)))
    assert not Notice.objects.exists()


# --- names ------------------------------------------------------------------------------------------------------------


def test_the_work_list_shows_what_is_to_do_the_most_used_first(client, signed_in):
    signed_in(Role.CURATOR)
    often, once = a_name("disease", "often written"), a_name("disease", "once written")
    a_name("disease", "decided", (a_term("DOID:1", "decided"),))
    for name in (once, often, often):
        a_claim(disease=name)

    page = told(client.get(listing(Name), {"kind__exact": "disease"}))

    assert page.index("often written") < page.index("once written")
    assert ">decided<" not in page
    assert ">decided<" in told(client.get(listing(Name), {"to_do": "all", "kind__exact": "disease"}))


def test_an_editor_decides_what_a_name_means(client, signed_in):
    signed_in(Role.EDITOR)
    name, term = a_name("disease", "gastric ca."), a_term("DOID:10534", "stomach cancer")

    save(client, name, {"grounding": "grounded", "relation": "exact", "terms": [term.pk], "why": "an abbreviation"})

    name.refresh_from_db()
    assert (name.grounding, list(name.terms.all())) == ("grounded", [term])


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ({"grounding": "grounded", "relation": "exact"}, "Choose the term that the name means"),
        ({"grounding": "grounded", "terms": "disease"}, "Say whether the term means the same or is broader"),
        ({"grounding": "ungroundable"}, "Write why no term can be given"),
        ({"grounding": "unknown", "relation": "exact"}, "Only a grounded name has a relation"),
        ({"grounding": "grounded", "relation": "exact", "terms": "tissue"}, "Not a term for this kind of name"),
    ],
)
def test_a_decision_that_lacks_something_is_told(client, signed_in, decision, said):
    signed_in(Role.EDITOR)
    terms = {"disease": a_term("DOID:10534", "stomach cancer"), "tissue": a_term("UBERON:1", "stomach", "tissue")}
    name = a_name("disease", "gastric ca.")
    if "terms" in decision:
        decision = decision | {"terms": [terms[decision["terms"]].pk]}

    assert said in told(save(client, name, decision))
    name.refresh_from_db()
    assert name.grounding == "unknown"


def test_a_contributor_adds_a_name_which_is_looked_up_at_once(client, signed_in):
    signed_in(Role.CONTRIBUTOR)
    term = a_term("DOID:10534", "stomach cancer")

    client.post(reverse("admin:terms_name_add"), {"kind": "disease", "text": "Stomach cancer", "given_curie": ""})

    name = Name.objects.get(text="Stomach cancer")
    assert (name.grounding, list(name.terms.all())) == ("grounded", [term])


# --- people -----------------------------------------------------------------------------------------------------------


def test_an_administrator_does_not_lock_themself_out(client, signed_in):
    root = signed_in(Role.ADMINISTRATOR)

    client.post(form_of(root), {"username": root.username, "role": "reader"})

    assert User.objects.get(pk=root.pk).role == Role.ADMINISTRATOR


def test_a_contributor_sees_no_accounts(client, signed_in):
    signed_in(Role.CONTRIBUTOR)

    assert client.get(listing(User)).status_code == 403


# --- what was seen --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seen", [None, "", "x", "[]", '"text"', "1", "null", "[" * 100_000, '{"a": ' * 5_000])
def test_a_form_that_does_not_say_what_it_showed_writes_over_nothing(client, signed_in, seen):
    signed_in(Role.EDITOR)
    source = a_source(name="synthetic cells")
    form = {
        "name": "written over",
        "category": source.category,
        "material": source.material,
        "species": source.species_id,
    }

    page = client.post(form_of(source), form if seen is None else {**form, "seen": seen})

    assert page.status_code == 200
    assert "nobody can tell what it would write over" in told(page)
    assert 'value="written over"' in told(page), "the input stays"
    source.refresh_from_db()
    assert source.name == "synthetic cells"


def test_a_form_that_saw_only_some_of_it_is_told_of_the_rest(client, signed_in):
    signed_in(Role.EDITOR)
    source = a_source(name="synthetic cells")
    form = {
        "name": "written over",
        "category": source.category,
        "material": source.material,
        "species": source.species_id,
    }

    assert "“synthetic cells”" in told(client.post(form_of(source), {**form, "seen": "{}"}))
    assert client.post(form_of(source), {**form, "seen": seen_of(source)}).status_code == 302


# --- two at once ------------------------------------------------------------------------------------------------------


def seen_on(page):
    return page.context["seen"]


def test_a_record_that_was_changed_meanwhile_says_what_and_keeps_the_input(client, signed_in):
    signed_in(Role.CONTRIBUTOR)
    source = a_source(name="synthetic cells")
    form = {"name": "better name", "category": "biofluid", "material": "biofluid", "species": source.species_id}
    seen = seen_on(client.get(form_of(source)))
    type(source).objects.filter(pk=source.pk).update(category="tissue")

    page = save(client, source, {**form, "seen": seen})

    assert "Category: “mesenchymal stem cell” is now “Tissue”" in told(page)
    assert 'value="better name"' in told(page)
    source.refresh_from_db()
    assert (source.name, source.category) == ("synthetic cells", "tissue")

    save(client, source, {**form, "seen": seen_on(page)})
    source.refresh_from_db()
    assert (source.name, source.category) == ("better name", "biofluid")


def test_a_part_that_was_changed_meanwhile_counts_too(client, signed_in):
    signed_in(Role.CONTRIBUTOR)
    cargo = a_cargo("miR-21")
    seen = seen_on(client.get(form_of(cargo)))
    CargoXref.objects.create(cargo=cargo, curie="MIRBASE:MI0000077")
    parts = {
        f"{part}-{name}_FORMS": 0 for part in ("synonyms", "memberships", "xrefs") for name in ("TOTAL", "INITIAL")
    }

    page = save(client, cargo, {**parts, "name": "miR-21a", "kind": "miRNA", "seen": seen})

    assert "MIRBASE:MI0000077" in told(page)
    cargo.refresh_from_db()
    assert cargo.name == "miR-21"


# --- when a study was read -------------------------------------------------------------------------------------------


def test_a_study_is_not_read_on_a_day_that_has_not_come(client, signed_in):
    signed_in(Role.EDITOR)
    study = a_study()
    fields = ("kind", "title", "journal", "year", "pmid", "depth")
    parts = {f"{part}-{name}_FORMS": 0 for part in ("notices", "citation_counts") for name in ("TOTAL", "INITIAL")}
    form = {**parts, **{name: getattr(study, name) for name in fields}, "curated_on": "2999-01-01"}

    assert "2999-01-01 has not come yet" in told(save(client, study, form))
    study.refresh_from_db()
    assert study.curated_on.year < 2999
