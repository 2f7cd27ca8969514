"""The index and PostgreSQL give the same counts, and but for relevance the same order, whatever is asked."""

import pytest
from django.core.management import call_command
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.claims.models import Claim
from apps.finding.answering import FromPostgres, read
from apps.finding.asking import Search
from apps.finding.fields import FIELDS, Kind
from apps.finding.index.answer import from_index
from apps.finding.index.checking import differences
from apps.records.models import Accession
from tests.finding.index.evidence import DISEASES, THERAPIES, WORDS, varied_claims

pytestmark = pytest.mark.django_db(transaction=True)

SORTS = ("newest", "level", "year", "citations")
TYPED = {
    "made-up": (
        *WORDS,
        "zebra yodel",
        '"zebra yodel"',
        "zebra -yodel",
        "-walrus",
        "miR-9001",
        "SYNP1",
        "the",
        "xenon or velvet",
    ),
    "starter": (
        "miR-21",
        "exosomes",
        "PD-L1",
        "cisplatin resistance",
        '"breast cancer"',
        "-miRNA",
        "tumour or liver",
        "of",
    ),
}
NAMED = {
    "made-up": {
        "disease": (*DISEASES, "SYN:1", "SYN:2", "SYN:3", "SYN:404"),
        "therapy": (*THERAPIES, "SYN:11", "SYN:13"),
        "target": ("SYNT1", "SYNT6", "SYN:404"),
        "species": ("Homo sapiens",),
        "recipient": ("synthetic cell",),
        "tissue": ("synthetic liver", "liver"),
        "term": ("SYN:1", "SYN:2", "SYN:11"),
        "cargo": ("SYNP1", "synthetic miR-9001-5p", "nothing"),
    },
    "starter": {
        "disease": ("cancer", "breast cancer", "DOID:1612", "DOID:162"),
        "therapy": ("cisplatin", "doxorubicin", "CHEBI:27899"),
        "target": ("PTEN", "HGNC:9588"),
        "species": ("Homo sapiens", "NCBITaxon:10090"),
        "recipient": ("endothelial cells", "macrophages"),
        "tissue": ("liver", "plasma", "blood"),
        "term": ("DOID:162", "NCBITaxon:9606", "DOID:1612"),
        "cargo": ("miR-21", "PD-L1", "MALAT1"),
    },
}
BY_RECORD = {"source": "EXVS", "preparation": "EXPR", "study": "EXST"}


def searches(evidence: str):
    """Searches as addresses hold them: words, any fields with any values, any order."""
    values = {name: list(named) for name, named in NAMED[evidence].items()}
    values |= {field.name: [value for value, _ in field.choices] for field in FIELDS.values() if field.choices}
    values["year"] = ["2016", "2019..2021", "2020..", "..2018"]
    for name, kind in BY_RECORD.items():
        values[name] = sorted(Accession.objects.filter(kind=kind).values_list("pk", flat=True))[:5]
    one = st.sampled_from([(name, value) for name, each in values.items() for value in each])
    return st.builds(
        asked,
        st.sampled_from(["", *TYPED[evidence]]),
        st.lists(one, max_size=4),
        st.sampled_from(SORTS),
    )


def asked(words: str, narrowed: list[tuple[str, str]], sort: str) -> Search:
    given: dict[str, list[str]] = {"q": [words], "sort": [sort]}
    for name, value in narrowed:
        given.setdefault(name, []).append(value)
    return Search.read(MultiValueDict(given))


@pytest.fixture(params=["made-up", "starter"])
def evidence(request, following):
    if request.param == "starter":
        call_command("load_starter", verbosity=0)
    else:
        varied_claims()
    following.step()
    return request.param


def test_both_give_the_same_counts_facets_and_order(evidence):
    found = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(searches(evidence))
    def compared(search: Search) -> None:
        sooner = from_index(search, read(search.words))
        assert sooner is not None
        found.append(sooner.count)
        assert list(differences(search, sooner)) == []
        truth = FromPostgres(search, read(search.words))
        assert list(sooner.every_key()) == list(truth.every_key())

    compared()

    assert len(set(found)) > 10


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_both_follow_each_other_alike_there_and_back(sort, following):
    varied_claims()
    following.step()
    search = asked("", [("edge", "harm"), ("edge", "benefit")], sort)
    sooner, truth = from_index(search, read("")), FromPostgres(search, read(""))

    there, after = [], None
    while (page := sooner.page(5, after=after)).keys:
        assert page == truth.page(5, after=after)
        there.append(page.keys)
        after = page.keys[-1]
    before = there[-1][0]
    for keys in there[-2::-1]:
        page = sooner.page(5, before=before)
        assert page == truth.page(5, before=before)
        assert page.keys == keys
        before = page.keys[0]

    assert sum(map(len, there)) == sooner.count > 20


def test_by_relevance_both_find_the_same_claims_and_the_one_named_comes_first(following):
    varied_claims()
    named = Claim.objects.accepted().filter(cargo__name="SYNP1")
    following.step()
    search = Search(words="SYNP1 or zebra")
    sooner, truth = from_index(search, read(search.words)), FromPostgres(search, read(search.words))

    assert sorted(sooner.every_key()) == sorted(truth.every_key())
    first = from_index(Search(words="SYNP1"), read("SYNP1")).page(3)
    assert set(first.keys) <= set(named.values_list("pk", flat=True))


def test_pages_by_relevance_follow_each_other(following):
    varied_claims()
    following.step()
    found = from_index(Search(words="zebra or yodel"), read("zebra or yodel"))
    everything, pages, after = list(found.every_key()), [], None
    while (page := found.page(4, after=after)).keys:
        pages += page.keys
        after = page.keys[-1]

    assert pages == everything
    assert found.page(4, before=everything[8]).keys == everything[4:8]


def test_what_the_index_does_not_know_is_left_to_postgresql(following):
    varied_claims()
    following.step()

    assert FIELDS["release"].kind is Kind.RELEASE
    assert from_index(Search(narrowed={"release": ("2026.1",)}), read("")) is None
