"""What pictures are drawn from: heat map, network and timeline, each from one query."""

import pytest

from apps.claims.models import Claim
from apps.finding.gaps import MOST_COLUMNS, MOST_ROWS, heat_map
from apps.finding.networks import MOST_IN_A_COLUMN, WHOLE, network
from apps.finding.timelines import MOST_YEARS, timeline
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_term

pytestmark = pytest.mark.django_db


def a_disease(number, *parents):
    label = f"synthetic disease {number}"
    return a_name("disease", label, (a_term(f"DOID:{9_000_000 + number}", label, parents=parents),))


def retracted():
    return a_preparation(study=a_study(status="retracted"))


def everything():
    return Claim.objects.accepted()


def test_a_cell_says_which_way_its_claims_point_and_how_strong_they_are():
    one, other = a_disease(1), a_disease(2)
    a_claim(cargo=a_cargo("miR-21"), disease=one, edge="harm", models_used=["animal"])
    a_claim(cargo=a_cargo("miR-21"), disease=one, edge="benefit")
    a_claim(cargo=a_cargo("miR-96"), disease=other, edge="benefit")
    a_claim(cargo=a_cargo("miR-96"), disease=other, edge="harm", preparation=retracted())
    a_claim(cargo=None, disease=one)
    a_claim(cargo=a_cargo("miR-96"), disease=a_name("disease", "quaggaoma"))

    found = heat_map(everything())

    cells = {
        (head.label, column.label): (cell and (cell.edge, cell.total, cell.best))
        for head, row in found.rows
        for column, cell in zip(found.columns, row, strict=True)
    }
    assert cells == {
        ("miR-21", "synthetic disease 1"): ("mixed", 2, "D"),
        ("miR-21", "synthetic disease 2"): None,
        ("miR-96", "synthetic disease 1"): None,
        ("miR-96", "synthetic disease 2"): ("benefit", 1, "E"),
    }
    assert (found.empty, found.total, found.whole, found.ungrounded, found.retracted) == (2, 5, 1, 1, 1)


def test_a_disease_counts_what_is_narrower_and_one_that_holds_most_others_is_left_out():
    broad = a_term("DOID:162", "cancer")
    names = [a_disease(number, broad) for number in range(6)]
    for name in (*names, names[0], a_name("disease", "cancer", (broad,)), a_name("disease", "cancer", (broad,))):
        a_claim(cargo=a_cargo("miR-21"), disease=name)

    found = heat_map(everything())

    assert (found.columns[0].label, found.columns[0].count) == ("synthetic disease 0", 2)
    assert len(found.columns) == 6
    assert all(cell for _, row in found.rows for cell in row)


def test_a_map_is_bounded():
    for number in range(MOST_ROWS + 3):
        a_claim(cargo=a_cargo(f"miR-{number}"), disease=a_disease(number))

    found = heat_map(everything())

    assert (len(found.rows), found.cargos) == (MOST_ROWS, MOST_ROWS + 3)
    assert len(found.columns) == MOST_COLUMNS


def test_a_network_leads_from_sources_through_cargos_to_recipients():
    recipient = a_name("recipient", "synthetic macrophages")
    tumour = a_preparation(source=a_source(category="tumour_cell"))
    a_claim(cargo=a_cargo("miR-21"), recipient=recipient, preparation=tumour, edge="harm")
    a_claim(cargo=a_cargo("miR-21"), recipient=recipient, preparation=tumour, edge="benefit")
    a_claim(cargo=None, recipient=recipient, edge="neutral")
    a_claim(cargo=a_cargo("miR-21"), recipient=recipient, preparation=retracted())
    a_claim(cargo=a_cargo("miR-96"))

    found = network(everything())

    assert sorted((node.column, node.label, node.count) for node in found.nodes) == [
        *[(0, "mesenchymal stem cell", 1), (0, "tumour cell", 2)],
        *[(1, "miR-21", 2), (1, WHOLE, 1), (2, "synthetic macrophages", 3)],
    ]
    lines = {(found.nodes[line.start].label, found.nodes[line.end].label): line.edge for line in found.lines}
    assert lines["tumour cell", "miR-21"] == "mixed"
    assert lines[WHOLE, "synthetic macrophages"] == "neutral"
    assert (found.total, found.stated, found.drawn) == (4, 3, 3)


def test_nodes_of_a_column_stand_apart_and_a_full_column_takes_no_more():
    for number in range(MOST_IN_A_COLUMN + 5):
        a_claim(cargo=a_cargo(f"miR-{number}"), recipient=a_name("recipient", f"synthetic cells {number}"))

    found = network(everything())

    for column in (0, 1, 2):
        places = [node.place for node in found.nodes if node.column == column]
        assert len(places) == len(set(places)) <= MOST_IN_A_COLUMN
        assert all(0 < place < 1 for place in places)
    assert found.drawn == MOST_IN_A_COLUMN


def test_lines_that_need_not_cross_do_not():
    for number in range(6):
        source = a_source(category=("milk", "plant", "hepatocyte", "tissue", "bacterium", "biofluid")[number])
        a_claim(
            cargo=a_cargo(f"miR-{number}"),
            recipient=a_name("recipient", f"synthetic cells {number}"),
            preparation=a_preparation(source=source),
        )

    found = network(everything())

    order = [
        [node.label for node in sorted(found.nodes, key=lambda node: node.place) if node.column == column]
        for column in (1, 2)
    ]
    assert [name.removeprefix("miR-") for name in order[0]] == [
        name.removeprefix("synthetic cells ") for name in order[1]
    ]


def test_a_timeline_has_every_year_from_the_first_to_the_last():
    for year, edge in ((2018, "harm"), (2021, "benefit"), (2021, "benefit")):
        a_claim(edge=edge, preparation=a_preparation(study=a_study(year=year)))
    a_claim(preparation=a_preparation(study=a_study(year=2023, status="retracted")))

    found = timeline(everything())

    assert [(year.year, year.total) for year in found] == [(2018, 1), (2019, 0), (2020, 0), (2021, 2)]
    assert found[-1].asks == {"year": "2021"}


def test_what_is_older_than_a_timeline_stands_together():
    for year in (1980, 1990, 2026):
        a_claim(preparation=a_preparation(study=a_study(year=year)))

    found = timeline(everything())

    assert len(found) == MOST_YEARS
    assert (found[0].and_before, found[0].total, found[0].asks) == (True, 2, {"year": "..1997"})


@pytest.mark.parametrize("draw", [heat_map, network, timeline])
def test_a_picture_is_one_query_and_of_nothing_is_empty(django_assert_num_queries, draw):
    with django_assert_num_queries(1):
        draw(everything())
    a_claim(recipient=a_name("recipient", "synthetic cells"), disease=a_disease(1))
    with django_assert_num_queries(1):
        draw(everything())
