"""Claims and preparations are entered, kept apart, merged and handed in; without any script."""

import pytest
from django.urls import reverse

from apps.claims.models import Claim, State
from apps.curation.models import NameNote
from apps.terms.models import Name
from apps.vesicles.models import Cargo, Preparation, VesicleSource
from tests.desk.entry.sending import controls, filled_in, told
from tests.makers import a_cargo, a_claim, a_preparation, a_source, a_study, a_term, a_user

pytestmark = pytest.mark.django_db

WHOLE = {
    "cargo": "miR-21",
    "cargo__kind": "miRNA",
    "effect": "promotes",
    "outcome": "cisplatin resistance",
    "aspect": "drug_resistance",
    "edge": "harm",
    "disease": "stomach cancer",
    "recipient": "gastric cancer cells",
    "therapies": ["cisplatin", "", ""],
    "targets": ["PTEN", "AKT", ""],
    "statement": "Synthetic vesicles made synthetic cells resist cisplatin.",
    "locator": "figure 3",
    "models_used": ["in_vitro", "animal"],
    "transfer_shown": "shown",
    "measures__name": ["IC50_ratio", "", "AUC"],
    "measures__value": ["2.4", "", "0.87"],
    "measures__p": ["<0.001", "", "0.03"],
    "measures__n": ["12", "", ""],
}


@pytest.fixture
def study():
    study = a_study()
    study.refresh_from_db()
    return study


@pytest.fixture
def made(study):
    made = a_preparation(study=study, key="p1")
    made.refresh_from_db()
    return made


def add_to(study, **query):
    return reverse("admin:entry-claim-add", args=[study.accession], query=query or None)


def form_of(claim):
    return reverse("admin:entry-claim", args=[claim.preparation.study.accession, claim.accession, claim.version])


# --- preparations -----------------------------------------------------------------------------------------------------


def test_a_preparation_brings_its_source_and_tells_none_reported_from_not_curated(client, alice, study):
    a_term("NCBITaxon:9606", "Homo sapiens", "species")
    address = reverse("admin:entry-preparation-add", args=[study.accession])
    page = client.get(address)
    sent = filled_in(
        page,
        term="exosome",
        engineered="no",
        source_name="synthetic gastric cells",
        source_category="tumour_cell",
        source_material="cell_line",
        source_species="Homo sapiens",
        isolation=["precipitation"],
        markers_negative__none="on",
        markers_positive="CD63\nCD81",
        metric_antibodies="reported",
        metric_lysate="not_applicable",
        _claim="",
    )

    answer = client.post(address, sent)
    assert answer.status_code == 302, answer.context["form"].errors

    made = Preparation.objects.get()
    assert answer.url.startswith(add_to(study))
    assert (made.key, made.isolation, made.methods) == ("e1", ["precipitation"], None)
    assert (made.markers_positive, made.markers_negative) == (["CD63", "CD81"], [])
    assert (made.metric_reported, made.metric_curated, made.metric_lysate) == (1, 1, "not_applicable")
    assert made.source.species.grounding == "grounded"

    second = filled_in(page, **{**{k.replace("-", "__"): v for k, v in sent.items()}, "term": "microvesicle"})
    client.post(address, second)
    assert Preparation.objects.count() == 2
    assert VesicleSource.objects.count() == 1, "described in the same words, it is the same source"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": ""}, "Choose the source of the vesicles, or describe it below."),
        ({"source_name": "another"}, "Either a source that is there, or a new one"),
        ({"source": "EXVS9999999"}, "EXVS9999999 is not a vesicle source."),
        ({"source": "nobody's cells"}, "No source is called “nobody's cells”"),
        ({"source": "", "source_name": "new cells"}, "A new source needs this."),
        ({"engineered": ""}, "This field is required."),
        ({"isolation": ["precipitation"], "isolation__none": "on"}, "Either the study reports none"),
        ({"markers_positive": "x" * 61}, "is longer than 60 characters"),
        ({"term": ""}, "This field is required."),
    ],
)
def test_what_a_preparation_lacks_is_told_and_nothing_is_saved(client, alice, study, changes, said):
    source = a_source(name="synthetic cells")
    address = reverse("admin:entry-preparation-add", args=[study.accession])
    good = {"term": "exosome", "engineered": "no", "source": source.name}

    page = client.post(address, filled_in(client.get(address), **{**good, **changes}))

    assert said in told(page)
    assert not Preparation.objects.exists()


def test_two_who_change_one_preparation_lose_nothing(client, alice, study, made):
    address = reverse("admin:entry-preparation", args=[study.accession, made.accession])
    first = client.get(address)
    client.post(address, filled_in(client.get(address), isolation=["precipitation"]))

    page = client.post(address, filled_in(first, metric_lysate="reported"))

    rows = {each.name: (each.began, each.now, each.mine, each.take) for each in page.context["page"].differences}
    assert page.status_code == 409
    assert rows == {
        "isolation": ("not curated", "Precipitation", "not curated", "theirs"),
        "metric_lysate": ("not curated", "not curated", "Reported", "mine"),
    }
    client.post(address, taken(page, isolation="theirs", metric_lysate="mine"))
    made.refresh_from_db()
    assert (made.isolation, made.metric_lysate) == (["precipitation"], "reported")


def taken(page, **choices):
    sent = filled_in(page)
    return sent | {f"take-{name}": [choice] for name, choice in choices.items()}


# --- claims -----------------------------------------------------------------------------------------------------------


def test_a_whole_claim_is_entered_in_one_form(client, alice, study, made):
    a_term("DOID:10534", "stomach cancer")

    client.post(add_to(study), filled_in(client.get(add_to(study)), **WHOLE))

    claim = Claim.objects.get()
    assert (claim.state, claim.author, claim.key, claim.level) == (State.DRAFT, alice, "e1", "D")
    assert (claim.cargo.name, claim.cargo.kind, claim.disease.grounding) == ("miR-21", "miRNA", "grounded")
    assert [name.text for name in claim.target_names] == ["PTEN", "AKT"]
    measures = [(m.name, m.value, m.p_relation, m.p, m.n) for m in claim.measures.all()]
    assert measures == [("IC50_ratio", 2.4, "<", 0.001, 12), ("AUC", 0.87, "=", 0.03, None)]
    assert (claim.transfer_shown, claim.lost_on_removal) == ("shown", "not_curated")


def test_opened_again_it_says_the_same_and_saving_it_changes_nothing(client, alice, study, made):
    client.post(add_to(study), filled_in(client.get(add_to(study)), **WHOLE))
    claim = Claim.objects.get()
    events = claim.events.count()

    answer = client.post(form_of(claim), controls(client.get(form_of(claim))))

    assert answer.status_code == 302
    assert claim.events.count() == events
    assert [(m.name, m.p_relation, m.p) for m in claim.measures.all()] == [
        ("IC50_ratio", "<", 0.001),
        ("AUC", "=", 0.03),
    ]


def test_a_similar_claim_keeps_what_stays_the_same_and_nothing_else(client, alice, study, made):
    answer = client.post(add_to(study), filled_in(client.get(add_to(study)), **WHOLE, _similar=""))
    page = client.get(answer.url)
    sent = controls(page)

    assert (sent["disease"], sent["recipient"], sent["preparation"]) == (
        ["stomach cancer"],
        ["gastric cancer cells"],
        [str(made.pk)],
    )
    assert (sent["therapies"][0], sent["models_used"]) == ("cisplatin", ["in_vitro", "animal"])
    assert (sent["statement"], sent["cargo"], sent["outcome"]) == ([""], [""], [""])
    assert 'name="cargo" value=""' in told(page)
    assert page.content.decode().count("autofocus") == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"statement": ""}, "This field is required."),
        ({"statement": "x" * 2_001}, "at most 2000 characters (it has 2001)"),
        ({"disease": ""}, "This field is required."),
        ({"models_used": None}, "This field is required."),
        ({"cargo__kind": ""}, "“miR-21” is new: choose its kind."),
        ({"cargo": ""}, "Which miRNA?"),
        ({"measures__value": ["2.4", "", "87"]}, "Row 2: AUC, sensitivity and specificity lie between 0 and 1"),
        ({"measures__value": ["1-Mar", "", ""]}, "Row 1, value: “1-Mar”: Enter a number."),
        ({"measures__p": ["=cmd", "", ""]}, "Row 1, p: “=cmd” is not a p value"),
        ({"measures__name": ["", "", "AUC"]}, "Row 1: say what was measured"),
        ({"level_override": "B"}, "To set a level by hand takes a written reason."),
        ({"level_override_reason": "because"}, "Choose the level that the reason is for"),
        ({"disease": "x" * 301}, "is longer than 300 characters"),
    ],
)
def test_a_fault_of_a_claim_is_told_and_nothing_at_all_is_saved(client, alice, study, made, changes, said):
    names = Name.objects.count()

    page = client.post(add_to(study), filled_in(client.get(add_to(study)), **{**WHOLE, **changes}))

    assert page.status_code == 200
    assert said in told(page)
    assert (Claim.objects.count(), Cargo.objects.count(), Name.objects.count()) == (0, 0, names)
    assert "resist cisplatin" in told(page) or "statement" in changes


def test_what_only_the_database_refuses_is_told_and_the_names_are_not_kept(client, alice, study, made, monkeypatch):
    monkeypatch.setattr("apps.desk.entry.claims.ClaimForm._ask", lambda *_: None)
    sent = filled_in(client.get(add_to(study)), **{**WHOLE, "statement": "\x0b"})

    page = client.post(add_to(study), sent)

    assert page.status_code == 200
    assert not Claim.objects.exists()
    assert not Name.objects.filter(text="cisplatin").exists()


def test_a_name_with_several_meanings_is_asked_about_and_then_means_what_was_chosen(client, alice, study, made):
    parent = a_term("DOID:4", "disease")
    for number in (1, 2):
        a_term(f"DOID:90{number}", "synthetic carcinoma", parents=(parent,))
    sent = filled_in(client.get(add_to(study)), **{**WHOLE, "disease": "synthetic carcinoma"})

    page = client.post(add_to(study), sent)
    assert "may mean several things" in told(page)
    assert "synthetic carcinoma (DOID:902), under disease" in told(page)

    client.post(add_to(study), filled_in(page, disease__term="DOID:902"))
    disease = Claim.objects.get().disease
    assert (disease.text, [term.curie for term in disease.terms.all()]) == ("synthetic carcinoma", ["DOID:902"])


def test_a_name_left_as_written_goes_to_the_work_list_with_a_note(client, alice, study, made):
    for number in (1, 2):
        a_term(f"DOID:90{number}", "synthetic carcinoma")
    sent = filled_in(
        client.get(add_to(study)),
        **{**WHOLE, "disease": "synthetic carcinoma", "disease__term": "as-written", "note": "the Borrmann type IV"},
    )

    client.post(add_to(study), sent)

    disease = Claim.objects.get().disease
    assert disease in Name.objects.to_do()
    assert NameNote.objects.get(name=disease).text == "the Borrmann type IV"
    again = client.get(form_of(Claim.objects.get()))
    assert client.post(form_of(Claim.objects.get()), controls(again)).status_code == 302, "it is not asked again"


@pytest.mark.parametrize(
    ("term", "said"), [("DOID:999999", "in none of the vocabularies"), ("UBERON:1", "not of disease")]
)
def test_a_term_that_does_not_fit_is_refused(client, alice, study, made, term, said):
    a_term("UBERON:1", "stomach", "tissue")

    page = client.post(add_to(study), filled_in(client.get(add_to(study)), **WHOLE, disease__term=term))

    assert said in told(page)
    assert not Claim.objects.exists()


def test_two_windows_on_one_draft_lose_nothing(client, alice, study, made):
    claim = a_claim(state="draft", author=alice, preparation=made, outcome="growth", therapies=("cisplatin",))
    claim.refresh_from_db()
    first = client.get(form_of(claim))
    client.post(form_of(claim), filled_in(client.get(form_of(claim)), outcome="faster growth", therapies=["5-FU"]))

    page = client.post(form_of(claim), filled_in(first, statement="Said better.", outcome="slower growth"))

    rows = {each.name: (each.began, each.now, each.mine, each.take) for each in page.context["page"].differences}
    assert page.status_code == 409
    assert rows["outcome"] == ("growth", "faster growth", "slower growth", "mine")
    assert rows["therapies"] == ("cisplatin", "5-FU", "cisplatin", "theirs")
    assert rows["statement"][3] == "mine"
    claim.refresh_from_db()
    assert claim.outcome == "faster growth"

    client.post(form_of(claim), taken(page, outcome="mine", therapies="theirs", statement="mine"))
    claim.refresh_from_db()
    assert (claim.outcome, claim.statement) == ("slower growth", "Said better.")
    assert [name.text for name in claim.therapy_names] == ["5-FU"]


def test_the_draft_of_another_and_what_is_no_draft_do_not_open(client, alice, study, made):
    for claim in (
        a_claim(state="draft", author=a_user("bob"), preparation=made),
        a_claim(state="accepted", author=alice, preparation=made),
    ):
        claim.refresh_from_db()
        answer = client.get(form_of(claim))
        assert answer.status_code == 302
        assert client.post(form_of(claim), {"statement": "changed"}).status_code == 302
        claim.refresh_from_db()
        assert claim.statement != "changed"


# --- handing in -------------------------------------------------------------------------------------------------------


def act_on(claim, act):
    return reverse(f"admin:entry-{act}", args=[claim.preparation.study.accession, claim.accession, claim.version])


def test_before_a_draft_is_handed_in_one_sees_what_is_missing(client, alice, study, made):
    answer = client.post(
        add_to(study), filled_in(client.get(add_to(study)), **{**WHOLE, "therapies": ["", "", ""]}, _submit="")
    )
    claim = Claim.objects.get()
    assert claim.state == State.DRAFT

    page = client.get(answer.url)
    assert "No therapy, though it is about drug resistance." in told(page)
    assert "None of the nine EV-METRIC items is curated." in told(page)

    client.post(act_on(claim, "submit"))
    claim.refresh_from_db()
    assert claim.state == State.SUBMITTED


def test_a_submission_is_taken_back_and_an_accepted_claim_revised_from_the_screen(client, alice, study, made):
    submitted = a_claim(state="submitted", author=alice, preparation=made)
    accepted = a_claim(state="accepted", author=alice, preparation=made)
    for claim in (submitted, accepted):
        claim.refresh_from_db()

    client.post(act_on(submitted, "take_back"))
    assert "Say what is to change" in told(client.post(act_on(accepted, "revise")))
    answer = client.post(act_on(accepted, "revise"), {"reason": "the dose was misread"})

    submitted.refresh_from_db()
    assert submitted.state == State.DRAFT
    revision = Claim.objects.get(accession=accepted.accession, version=2)
    assert answer.url.startswith(form_of(revision))
    client.post(act_on(revision, "discard-draft"))
    assert not Claim.objects.filter(pk=revision.pk).exists()


def test_nobody_acts_on_the_draft_of_another(client, alice, study, made):
    claim = a_claim(state="draft", author=a_user("bob"), preparation=made)
    claim.refresh_from_db()

    for act in ("submit", "discard-draft"):
        assert "is bob's" in told(client.post(act_on(claim, act)))
    claim.refresh_from_db()
    assert claim.state == State.DRAFT


def test_a_cargo_named_alone_is_the_one_of_that_name_or_asked_about(client, alice, study, made):
    a_cargo("Synthetic-1", "protein")
    client.post(
        add_to(study), filled_in(client.get(add_to(study)), **{**WHOLE, "cargo": "synthetic-1", "cargo__kind": ""})
    )
    assert Claim.objects.get().cargo.kind == "protein"

    a_cargo("Synthetic-1", "mRNA")
    page = client.post(
        add_to(study), filled_in(client.get(add_to(study)), **{**WHOLE, "cargo": "Synthetic-1", "cargo__kind": ""})
    )
    assert "is there as mRNA or protein: choose the kind" in told(page)
    assert Claim.objects.count() == 1


def test_markup_in_every_text_field_is_text(client, alice, study, made):
    bad = "<script>alert(1)</script>"
    texts = ("cargo", "outcome", "disease", "recipient", "statement", "locator", "note")
    changes = dict.fromkeys(texts, bad) | {"therapies": [bad], "targets": [bad], "measures__note": [bad, "", ""]}

    client.post(add_to(study), filled_in(client.get(add_to(study)), **{**WHOLE, **changes}))

    claim = Claim.objects.get()
    for address in (form_of(claim), reverse("admin:entry-study", args=[study.accession]), act_on(claim, "submit")):
        assert bad not in client.get(address).content.decode()
