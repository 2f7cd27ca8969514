"""Fields take what people write, and say why they can't take the rest."""

import pytest

from apps.api.filtersets import ClaimFilters
from apps.finding.counting import LINKED, LISTED, SINGLE, WRITTEN
from apps.finding.fields import FACETS, FIELDS, Unfit
from apps.finding.postgres import CONDITIONS


def test_every_field_has_a_condition_and_a_filter_of_the_api_by_its_name():
    assert set(FIELDS) == {*CONDITIONS, "year"}
    assert set(ClaimFilters.base_filters) - set(FIELDS) == {"q", "as", "year_min", "year_max", "ordering"}


def test_every_facet_is_counted():
    assert {field.name for field in FACETS} == {*SINGLE, *LISTED, *WRITTEN, *LINKED}
    assert len(FACETS) == 18


@pytest.mark.parametrize("field", FIELDS.values(), ids=list(FIELDS))
def test_the_example_of_each_field_is_one_of_its_values(field):
    assert field.read(field.example) == field.example


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("aspect", "Drug resistance", "drug_resistance"),
        ("aspect", "drug-resistance", "drug_resistance"),
        ("effect", "has no effect on", "no_effect"),
        ("level", "b", "B"),
        ("cargo_kind", "mirna", "miRNA"),
        ("engineered", "yes", "true"),
        ("year", "2018", "2018"),
        ("year", "2018-2020", "2018..2020"),
        ("year", "2018 .. 2020", "2018..2020"),
        ("year", "2018..", "2018.."),
        ("year", "..2020", "..2020"),
        ("source", "exvs0000001", "EXVS0000001"),
        ("study", "https://doi.org/10.1000/ABC", "10.1000/abc"),
        ("study", "pmid:28646161", "28646161"),
        ("disease", " gastric cancer ", "gastric cancer"),
    ],
)
def test_a_value_is_taken_as_people_write_it(name, text, value):
    assert FIELDS[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("aspect", "good", "is none of diagnosis, prognosis"),
        ("engineered", "perhaps", "neither true nor false"),
        ("year", "soon", "not a year like 2018"),
        ("year", "20182020", "not a year like 2018"),
        ("year", "..", "not a year like 2018"),
        ("year", "0001", "not a year from"),
        ("year", "2020..2018", "ends before it begins"),
        ("source", "EXST0000001", "not like EXVS0000001"),
        ("study", "the first one", "not like EXST0000001"),
        ("term", "gastric cancer", "not like DOID:10534"),
        ("release", "one", "not like 2026.1"),
        ("disease", "", "is empty"),
        ("disease", "x" * 501, "longer than 500"),
        ("disease", "a\0b", "null character"),
    ],
)
def test_a_value_that_can_not_be_taken_is_explained(name, text, why):
    with pytest.raises(Unfit, match=why):
        FIELDS[name].read(text)
