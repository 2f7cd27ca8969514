"""Which claims rest on a record: however far below it stands, and no other."""

import pytest

from apps.claims.models import Claim
from apps.people.models import User
from apps.vesicles.models import CargoMember, CargoXref
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_term

pytestmark = pytest.mark.django_db


def resting_on(*records):
    return set(Claim.objects.resting_on(*records))


def test_a_claim_rests_on_its_study_its_preparation_and_its_source():
    study, source = a_study(), a_source(name="synthetic source 7")
    preparation = a_preparation(study=study, source=source)
    claim, sibling = a_claim(preparation=preparation), a_claim(preparation=a_preparation(study=study))
    a_claim()

    assert resting_on(study) == {claim, sibling}
    assert resting_on(preparation) == resting_on(source) == {claim}


def test_a_claim_rests_on_its_cargo_and_on_the_members_of_a_panel():
    member, panel = a_cargo("miR-21"), a_cargo("miR-21 and miR-96 panel")
    CargoMember.objects.create(panel=panel, member=member)
    alone, together = a_claim(cargo=member), a_claim(cargo=panel)
    a_claim(cargo=a_cargo("miR-96"))

    assert resting_on(member) == {alone, together}
    assert resting_on(panel) == {together}


@pytest.mark.parametrize("kind", ["disease", "recipient"])
def test_a_claim_rests_on_every_name_that_it_writes(kind):
    name = a_name(kind, "a synthetic name")
    claim = a_claim(**{kind: name})
    a_claim()

    assert resting_on(name) == {claim}


def test_a_claim_rests_on_the_names_in_its_lists_and_of_its_source():
    line = a_name("cell_line", "synthetic line")
    listed = a_claim(therapies=("cisplatin",), targets=("PTEN",))
    below = a_claim(preparation=a_preparation(source=a_source(cell_line=line)))

    assert resting_on(a_name("therapy", "cisplatin")) == resting_on(a_name("target", "PTEN")) == {listed}
    assert resting_on(line) == {below}


def test_a_claim_rests_on_its_terms_and_on_all_that_is_above_them():
    cancer = a_term("DOID:162", "cancer")
    stomach = a_term("DOID:10534", "stomach cancer", parents=(cancer,))
    claim = a_claim(disease=a_name("disease", "gastric cancer", (stomach,)))
    a_claim()

    assert resting_on(stomach) == resting_on(cancer) == {claim}


def test_a_claim_rests_on_the_molecule_that_its_cargo_or_a_member_is():
    molecule = a_term("mirbase.mature:MIMAT0000076", "hsa-miR-21-5p", "molecule")
    member, panel = a_cargo("miR-21-5p"), a_cargo("miR-21-5p and miR-96 panel")
    CargoXref.objects.create(cargo=member, curie=molecule.curie)
    CargoMember.objects.create(panel=panel, member=member)
    alone, together = a_claim(cargo=member), a_claim(cargo=panel)

    assert resting_on(molecule) == {alone, together}


def test_records_of_several_kinds_are_asked_for_at_once(django_assert_num_queries):
    study, cargo = a_study(), a_cargo("miR-96")
    of_study, of_cargo = a_claim(preparation=a_preparation(study=study)), a_claim(cargo=cargo)

    with django_assert_num_queries(1):
        assert resting_on(study, cargo) == {of_study, of_cargo}
    assert resting_on() == set()


def test_what_no_claim_can_rest_on_is_refused():
    with pytest.raises(TypeError, match="No claim rests on a User"):
        Claim.objects.resting_on(User())
