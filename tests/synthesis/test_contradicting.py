"""Which claims stand against each other, and that what is kept of it follows every change."""

import pytest

from apps.claims.models import Claim, State
from apps.synthesis.contradicting import rebuild, take_in
from apps.synthesis.models import Contradiction, Stale, Standing
from apps.terms.models import Name
from tests.makers import a_cargo, a_notice, a_study
from tests.synthesis.evidence import a_disease, of_cargo, says

pytestmark = pytest.mark.django_db

NONE = {"effect": "no_effect"}


def sides(contradiction):
    found: dict[str, set[str]] = {}
    for stance, accession in contradiction.standings.values_list("stance", "claim__accession"):
        found.setdefault(stance, set()).add(accession)
    return found


def found():
    take_in()
    return list(Contradiction.objects.ranked())


def test_opposite_edges_on_one_cargo_in_one_disease():
    harm, benefit = of_cargo("harm"), of_cargo("benefit", effect="suppresses")

    (one,) = found()

    assert sides(one) == {"harm": {harm.accession}, "benefit": {benefit.accession}}
    assert str(one) == "miR-21 in synthetic carcinoma: tumour progression"
    assert (one.claims, one.groups, one.strength) == (2, 2, 1)
    assert one.slug == f"{harm.cargo.accession}--progression--{harm.disease.terms.get().curie.replace(':', '-')}"


def test_no_effect_stands_against_an_effect():
    marks = of_cargo("benefit", aspect="diagnosis", effect="marks", models_used=["patient_samples"])
    none = of_cargo("neutral", aspect="diagnosis", models_used=["patient_samples"], **NONE)

    (one,) = found()

    assert sides(one) == {"benefit": {marks.accession}, "no_effect": {none.accession}}
    assert one.strength == 3


def test_the_same_outcome_raised_and_lowered():
    of_cargo("mixed", outcome="dormancy of synthetic cells")
    of_cargo("neutral", effect="suppresses", outcome="another thing")
    assert found() == []

    of_cargo("neutral", effect="suppresses", outcome="Dormancy of synthetic cells")
    (one,) = found()
    assert set(sides(one)) == {"raises", "lowers"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"cargo": "miR-21"}, {"cargo": "miR-155"}),
        ({"aspect": "drug_resistance"}, {"aspect": "tumour_growth"}),
        ({"edge": "harm"}, {"edge": "harm"}),
        ({"edge": "harm"}, {"edge": "neutral", "effect": "marks"}),
        ({"aspect": "safety", **NONE, "edge": "neutral"}, {"aspect": "safety", "edge": "benefit"}),
    ],
)
def test_what_is_no_contradiction(one, other):
    of_cargo(**{"edge": "harm", **one})
    of_cargo(**{"edge": "benefit", **other})

    assert found() == []


def test_growth_spread_vessels_and_stemness_are_one_question():
    of_cargo("harm", aspect="metastasis")
    of_cargo("benefit", aspect="angiogenesis")

    assert [one.question for one in found()] == ["progression"]


def test_one_study_does_not_contradict_itself():
    study = a_study(authors=[])
    of_cargo("harm", study=study)
    of_cargo("benefit", study=study)

    assert found() == []


def test_what_a_study_finds_not_to_act_beside_what_acts_is_its_own_comparison():
    study = a_study(authors=[])
    of_cargo("harm", study=study)
    of_cargo("neutral", study=study, **NONE)
    of_cargo("harm")

    assert found() == []


def test_a_microrna_without_its_arm_is_compared_with_both_arms():
    of_cargo("harm", "miR-21")
    of_cargo("benefit", "miR-21-5p")
    of_cargo("benefit", "miR-210")

    (one,) = found()
    assert one.subject == "miR-21 and miR-21-5p"


def test_a_disease_is_compared_with_what_is_narrower():
    harm = of_cargo("harm", disease=a_disease("narrower carcinoma", "synthetic carcinoma"))
    benefit = of_cargo("benefit")
    of_cargo("benefit", disease=a_disease("sister carcinoma", "synthetic carcinoma"))

    (one,) = found()

    assert one.disease == "synthetic carcinoma"
    assert sides(one)["harm"] == {harm.accession}
    assert benefit.accession in sides(one)["benefit"]


def test_sisters_are_not_compared():
    of_cargo("harm", disease=a_disease("one carcinoma", "synthetic carcinoma"))
    of_cargo("benefit", disease=a_disease("other carcinoma", "synthetic carcinoma"))

    assert found() == []


def test_what_lies_far_below_joins_only_where_it_stands_against_the_disease_itself():
    way = ("wide", "step one", "step two", "step three")
    of_cargo("harm", disease=a_disease("wide"))
    far = a_disease("step four", *way)
    against, along = of_cargo("benefit", disease=far), of_cargo("harm", disease=far)

    wide, narrow = sorted(found(), key=lambda one: one.disease, reverse=True)

    assert (wide.disease, narrow.disease) == ("wide", "step four")
    assert sides(wide)["benefit"] == {against.accession}
    assert along.accession not in sides(wide)["harm"]


def test_a_disease_without_a_term_is_compared_as_it_is_written():
    written = Name.objects.create(kind="disease", text="made-up disease", key="made-up disease", grounding="unknown")
    of_cargo("harm", disease=written)
    of_cargo("benefit", disease=written)

    (one,) = found()
    assert (one.disease, one.curie) == ("made-up disease", "")


MSC = {"category": "mesenchymal_stem_cell"}


def test_kinds_of_source_are_compared_by_what_their_vesicles_do():
    says("harm", source=MSC, cargo=a_cargo("miR-1"))
    says("benefit", source=MSC)

    (one,) = found()
    assert str(one) == "vesicles of mesenchymal stem cells in synthetic carcinoma: tumour progression"


@pytest.mark.parametrize(
    "fields",
    [
        {"effect": "marks"},
        {"engineered": True},
        {"models_used": ["patient_samples"]},
        {"source": {"category": "biofluid"}},
        {"aspect": "release_inhibition"},
    ],
)
def test_markers_engineered_vesicles_and_fluids_say_nothing_of_a_kind_of_source(fields):
    for edge in ("harm", "benefit"):
        says(edge, **{"source": MSC, **fields})

    assert found() == []


def test_vesicles_of_irradiated_cells_are_compared_whatever_the_disease():
    says("harm", source={"name": "irradiated synthetic cells", "category": "other"}, aspect="radiotherapy_response")
    says(
        "benefit",
        source={"name": "synthetic cells after low-dose radiation", "category": "other"},
        aspect="radiotherapy_response",
        disease=a_disease("other disease"),
    )
    says(
        "benefit",
        source={"name": "cells never irradiatedly named", "category": "other"},
        aspect="radiotherapy_response",
    )

    (one,) = found()
    assert str(one) == "vesicles of irradiated cells: response to radiotherapy"
    assert one.claims == 2


def test_alike_settings_and_strong_sides_rank_first():
    for cargo, models, other in (
        ("miR-1", ["animal"], {}),
        ("miR-2", ["in_vitro"], {"recipient": None, "aspect": "metastasis"}),
    ):
        of_cargo("harm", cargo, models_used=models)
        of_cargo("benefit", cargo, models_used=models, **other)

    first, second = found()

    assert (first.subject, second.subject) == ("miR-1", "miR-2")
    assert first.strength == 2 > second.strength == 1
    assert first.closeness > second.closeness


# --- what changes ----------------------------------------------------------------------------------------------------


def kept():
    """All that is kept, but for the keys of rows."""
    rows = Contradiction.objects.order_by("slug").values()
    standings = Standing.objects.order_by("contradiction__slug", "claim")
    return (
        [{name: value for name, value in row.items() if name != "id"} for row in rows],
        list(standings.values_list("contradiction__slug", "claim", "stance")),
    )


def test_a_retraction_takes_it_away_and_a_verdict_brings_the_same_back():
    harm, _ = of_cargo("harm"), of_cargo("benefit")
    take_in()
    before = kept()
    notice = a_notice(study=harm.preparation.study)
    assert Contradiction.objects.with_standing().get().is_stale, "nobody takes it for what stands now"

    assert found() == []
    type(notice).objects.filter(pk=notice.pk).update(
        overruled_at=notice.changed_at, overruled_by=harm.author, overruled_reason="another paper"
    )
    take_in()
    assert kept() == before
    assert not Contradiction.objects.with_standing().get().is_stale


def withdrawn(claim):
    claim.state, claim.state_reason, claim.left_at = State.WITHDRAWN, "synthetic reason", claim.accepted_at
    claim.save()


def test_a_withdrawn_claim_takes_no_side():
    harm, _ = of_cargo("harm"), of_cargo("benefit")
    take_in()

    withdrawn(harm)

    assert found() == []


def test_a_disease_that_gets_a_term_is_compared_by_it():
    written = Name.objects.create(kind="disease", text="synth. ca.", key="synth. ca.", grounding="unknown")
    of_cargo("harm", disease=written)
    of_cargo("benefit")
    assert found() == []

    written.terms.set(a_disease().terms.all())

    assert [one.disease for one in found()] == ["synthetic carcinoma"]


def test_a_source_that_is_sorted_anew_is_compared_anew():
    harm = says("harm", source=MSC)
    says("benefit", source=MSC)
    take_in()
    assert Contradiction.objects.exists()

    type(harm.preparation.source).objects.filter(pk=harm.preparation.source_id).update(category="fibroblast")

    assert found() == []


def test_studies_that_turn_out_to_share_authors_weigh_less():
    for _ in range(2):
        of_cargo("harm", study=a_study(authors=["Doe J", "Roe R"]))
        of_cargo("benefit", study=a_study(authors=["Poe E", "Loe L"]))
    (one,) = found()
    assert (one.groups, one.strength) == (2, 1)

    apart = Claim.objects.filter(edge="harm").last().preparation.study
    type(apart).objects.filter(pk=apart.pk).update(authors=["Somebody E"])
    apart = Claim.objects.filter(edge="benefit").last().preparation.study
    type(apart).objects.filter(pk=apart.pk).update(authors=["Somebody F"])

    (one,) = found()
    assert (one.groups, one.strength) == (4, 2)


def test_taking_in_twice_changes_nothing_and_a_rebuild_neither(django_assert_max_num_queries):
    for edge in ("harm", "benefit", "harm"):
        of_cargo(edge)
        says(edge, source=MSC)
    take_in()
    before = kept()
    assert len(before[0]) == 2
    assert not Stale.objects.exists()

    with django_assert_max_num_queries(4):
        assert take_in() == 0
    rebuild()

    assert kept() == before


def test_many_changes_are_taken_in_by_beginning_anew(monkeypatch):
    monkeypatch.setattr("apps.synthesis.contradicting.AT_ONCE", 2)
    for edge in ("harm", "benefit", "harm"):
        of_cargo(edge)

    assert take_in() >= 3
    assert Contradiction.objects.count() == 1
