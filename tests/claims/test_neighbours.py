"""The accepted claims that agree with a claim, and those that contradict it."""

import pytest

from apps.claims.models import Claim
from apps.claims.neighbours import MOST, neighbours
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def diseases():
    """A disease, the one above it, the one below it, and another."""
    above = a_term("DOID:1", "synthetic cancer")
    of = a_term("DOID:2", "synthetic colon cancer", parents=(above,))
    below = a_term("DOID:3", "synthetic colon adenoma", parents=(of,))
    aside = a_term("DOID:4", "synthetic lung cancer", parents=(above,))
    return {term.curie: a_name("disease", term.label, (term,)) for term in (above, of, below, aside)}


def said(claim):
    found = neighbours(Claim.objects.for_record().get(pk=claim.pk))
    return {side: {each.pk for each in getattr(found, side).claims} for side in ("agree", "contradict")}


def test_the_same_group_is_cargo_aspect_and_disease_up_and_down(diseases):
    cargo = a_cargo("miR-21")
    asked = a_claim(state="submitted", cargo=cargo, disease=diseases["DOID:2"])
    near = {a_claim(cargo=cargo, disease=diseases[curie]).pk for curie in ("DOID:1", "DOID:2", "DOID:3")}
    a_claim(cargo=cargo, disease=diseases["DOID:4"])
    a_claim(cargo=a_cargo("miR-96"), disease=diseases["DOID:2"])
    a_claim(cargo=cargo, disease=diseases["DOID:2"], aspect="metastasis")
    a_claim(cargo=cargo, disease=diseases["DOID:2"], state="submitted")

    assert said(asked) == {"agree": near, "contradict": set()}


def test_without_a_cargo_the_category_of_the_source_makes_the_group():
    def of(category, **fields):
        return a_claim(preparation=a_preparation(source=a_source(category=category)), **fields)

    asked, same = of("tumour_cell", state="submitted"), of("tumour_cell")
    of("mesenchymal_stem_cell")
    of("tumour_cell", cargo=a_cargo("miR-21"))

    assert said(asked) == {"agree": {same.pk}, "contradict": set()}


@pytest.mark.parametrize(
    ("ours", "theirs", "side"),
    [
        (("harm", "promotes"), ("harm", "suppresses"), "agree"),
        (("harm", "promotes"), ("benefit", "promotes"), "contradict"),
        (("harm", "promotes"), ("mixed", "promotes"), "agree"),
        (("harm", "promotes"), ("neutral", "no_effect"), "contradict"),
        (("neutral", "no_effect"), ("harm", "promotes"), "contradict"),
        (("mixed", "promotes"), ("benefit", "suppresses"), "contradict"),
        (("neutral", "marks"), ("neutral", "marks"), "agree"),
        (("neutral", "marks"), ("neutral", "promotes"), None),
        (("benefit", "marks"), ("neutral", "no_effect"), "contradict"),
        (("neutral", "no_effect"), ("benefit", "marks"), "contradict"),
    ],
)
def test_opposite_edges_contradict_and_where_an_edge_is_neither_the_effect_decides(ours, theirs, side):
    cargo = a_cargo("miR-21")
    asked = a_claim(state="submitted", cargo=cargo, edge=ours[0], effect=ours[1])
    other = a_claim(cargo=cargo, edge=theirs[0], effect=theirs[1])

    assert said(asked) == {each: {other.pk} if each == side else set() for each in ("agree", "contradict")}


def test_a_revision_is_no_neighbour_of_itself_and_the_lists_are_bounded(django_assert_num_queries):
    cargo = a_cargo("miR-21")
    public = a_claim(cargo=cargo)
    for _ in range(MOST + 1):
        a_claim(cargo=cargo)
    claim = Claim.objects.for_record().get(pk=public.pk)

    with django_assert_num_queries(4):
        found = neighbours(claim)
        assert [str(each.preparation.study) for each in found.agree.claims]

    assert (len(found.agree.claims), found.agree.more) == (MOST, True)
    assert public not in found.agree.claims
