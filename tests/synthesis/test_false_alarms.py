"""What looks like a contradiction of kinds of sources and is none: inhibitors of release, and a study's control."""

import pytest

from apps.synthesis.contradicting import rebuild, take_in
from apps.synthesis.models import Contradiction
from tests.makers import a_study
from tests.synthesis.evidence import of_cargo, says
from tests.synthesis.test_contradicting import kept, withdrawn

pytestmark = pytest.mark.django_db

TUMOUR = {"category": "tumour_cell"}
STEM = {"category": "cancer_stem_cell"}


def found():
    take_in()
    return sorted(Contradiction.objects.values_list("subject", flat=True))


@pytest.fixture
def harm():
    """Vesicles of tumour cells harm, says one study."""
    return says("harm", source=TUMOUR)


def test_what_an_inhibitor_of_release_did_is_not_what_vesicles_do(harm):
    study = a_study(authors=[])
    says("benefit", source=TUMOUR, study=study, effect="suppresses", therapies=("synthetic inhibitor",))
    assert found() == ["vesicles of tumour cells"], "without the claim that says so, nobody knows"

    says("benefit", source=TUMOUR, study=study, aspect="release_inhibition", therapies=("synthetic inhibitor",))

    assert found() == []


def test_another_treatment_beside_it_is_no_inhibitor(harm):
    study = a_study(authors=[])
    says("benefit", source=TUMOUR, study=study, effect="suppresses", therapies=("synthetic drug",))
    says("benefit", source=TUMOUR, study=study, aspect="release_inhibition", therapies=("synthetic inhibitor",))

    assert found() == ["vesicles of tumour cells"]


def test_when_the_claim_on_the_inhibitor_goes_the_contradiction_is_back(harm):
    study = a_study(authors=[])
    says("benefit", source=TUMOUR, study=study, effect="suppresses", therapies=("synthetic inhibitor",))
    told = says("benefit", source=TUMOUR, study=study, aspect="release_inhibition", therapies=("synthetic inhibitor",))
    assert found() == []
    withdrawn(told)

    assert found() == ["vesicles of tumour cells"]
    before = kept()
    rebuild()
    assert kept() == before


def test_the_control_of_a_study_takes_no_side_for_its_kind_of_source(harm):
    study = a_study(authors=[])
    says("neutral", effect="no_effect", source=TUMOUR, study=study)
    assert found() == ["vesicles of tumour cells"], "alone, it is a finding"

    says("harm", source=STEM, study=study, aspect="angiogenesis")

    assert found() == []


@pytest.mark.parametrize("beside", [{"aspect": "safety"}, {"effect": "marks"}])
def test_what_acts_on_another_question_makes_no_control(harm, beside):
    study = a_study(authors=[])
    says("neutral", effect="no_effect", source=TUMOUR, study=study)
    says("harm", source=STEM, study=study, **beside)

    assert found() == ["vesicles of tumour cells"]


def test_a_cargo_without_effect_stays_a_finding_beside_another_that_acts():
    of_cargo("harm")
    study = a_study(authors=[])
    of_cargo("neutral", effect="no_effect", study=study)
    of_cargo("harm", cargo="miR-96", study=study)

    assert found() == ["miR-21"]
