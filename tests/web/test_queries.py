"""What people type, over the starter evidence: sixty queries, ten of them judged against the documents, and chance."""

import csv
import io
import random
import re

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import TestCase

from apps.finding.fields import FACETS, FIELDS
from apps.finding.models import KnownName
from tests.web.test_pages import text_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("queries"), pytest.mark.timeout(600)]


def ids(*numbers):
    return {f"EXCL{number:07}" for number in numbers}


# Typed, and a claim that must be among the first 25, read off the documents.
FOUND = {
    "miR-21": "EXCL0000248",
    "mir 21": "EXCL0000248",
    "MIR21": "EXCL0000248",
    "hsa-miR-21": "EXCL0000248",
    "microRNA-155 gemcitabine": "EXCL0000245",
    "glypican-1": "EXCL0000079",
    "GPC1": "EXCL0000079",
    "Glypican 1 pancreatic cancer": "EXCL0000079",
    "PD-L1 melanoma": "EXCL0000490",
    "PDL1 melanoma": "EXCL0000490",
    "CD274 melanoma": "EXCL0000490",
    "pd l1 melanoma": "EXCL0000490",
    "M2 macrophage gastric cancer cisplatin": "EXCL0000175",
    "stomach cancer cisplatin": "EXCL0000175",
    "gastric cisplatin": "EXCL0000175",
    "miR-588": "EXCL0000175",
    "Crohn's disease": "EXCL0000511",
    "Crohn\u2019s fistula": "EXCL0000511",
    "perianal fistula MSC": "EXCL0000511",
    "trastuzumab resistance": "EXCL0000131",
    "sorafenib hepatocellular carcinoma": "EXCL0000125",
    "sorafenib liver cancer": "EXCL0000125",
    "sunitinib renal": "EXCL0000069",
    "milk exosomes paclitaxel": "EXCL0000462",
    "KRAS G12D siRNA": "EXCL0000082",
    "kras-g12d": "EXCL0000082",
    "turmeric colitis": "EXCL0000064",
    "ketoconazole": "EXCL0000360",
    "Cordonnier 2020": "EXCL0000490",
    "oesophageal": "EXCL0000509",
    "esophageal": "EXCL0000509",
    "melanoma OR melanomas -PD-1 Cordonnier": "EXCL0000490",
    '"perianal fistula"': "EXCL0000511",
    'cargo:GPC1 disease:"pancreatic cancer" effect:marks': "EXCL0000079",
    "therapy:sunitinib AND aspect:drug_resistance": "EXCL0000361",
    "disease:DOID:10534 therapy:cisplatin -status:retracted": "EXCL0000175",
    '(sunitinib OR sorafenib) NOT disease:"renal cell carcinoma"': "EXCL0000125",
}
# An identifier alone leads to its page.
LEADS = {
    "32002173": "/studies/",
    "pmid: 32002173": "/studies/",
    "PMC8764806": "/studies/",
    "https://doi.org/10.1038/nature14581": "/studies/",
    "10.1038/nature14581": "/studies/",
    "EXCL0000490": "/EXCL0000490",
    "excl0000490": "/EXCL0000490",
    "DOID:162": "/terms/",
}
# What finds nothing, or cannot: the page says so, and stays a page.
NOTHING = [
    "cisplatn",
    "glypicann",
    "Exosomen bei Magenkrebs",
    "外泌体 胃癌",
    "экзосомы",
    "the of and",
    "' OR 1=1; DROP TABLE claims_claim; --",
    "edge:good zebra",
    "(zebra edge:harm",
    "zebra " * 2_000,
]
ODD = [
    '"',
    "((((",
    "-",
    "TGF-β1 (TGFB1)",
    "%00",
    "miR-21\0",
    "Title: exosomes (5p) do AND don't: 10.1/x:y",
    "a" * 10_000,
]


def accessions(response):
    return set(re.findall(r"EXCL[0-9]{7}", text_of(response)))


def counted(response):
    return int(re.search(r'found-count"[^>]*><strong>([0-9,]+)<', response.content.decode())[1].replace(",", ""))


# The claims that answer each, judged by reading the documents. The words alone must find them all, and what is read
# into them at least four of five.
JUDGED = {
    "glypican-1 pancreatic cancer": ids(79, 80, 81, 176, 247, 266, 267, 268, 396, 481, 482, 486, 497, 498),
    "PD-L1 melanoma": ids(378, 490, 491, 492),
    "cisplatin ovarian cancer": ids(91, 92, 350, 406),
    "sunitinib": ids(69, 70, 143, 361),
    "trastuzumab": ids(121, 122, 131, 132, 270, 271, 321, 322),
    "sorafenib hepatocellular carcinoma": ids(125, 126, 230),
    "milk paclitaxel": ids(166, 167, 462, 463),
    "KRAS G12D": ids(82, 269, 371, 372),
    "Crohn's disease": ids(511, 512, 513),
    "miR-155 pancreatic": ids(245, 246),
}


def a_search(chance):
    """A search as readers put one together: some words, some values of facets."""
    pairs = []
    words = ["miR-21", "cisplatin", "gastric cancer", "exosome", "macrophage", "PD-L1", "resistance -gastric"]
    words += ["edge:harm", "(level:D OR level:E) NOT aspect:safety", "therapy:cisplatin"]
    if chance.random() < 0.6:
        pairs.append(("q", chance.choice(words)))
    named = list(KnownName.objects.exclude(field="study").values_list("field", "value"))
    for field in chance.sample(FACETS, chance.randint(0, 2)):
        values = [value for value, _ in field.choices] or [value for name, value in named if name == field.name]
        if field.name == "year":
            values = ["2018", "2015..2019", "2020.."]
        pairs += [(field.name, value) for value in chance.sample(values, min(len(values), chance.randint(1, 2)))]
    if chance.random() < 0.3:
        field, value = chance.choice(named)
        pairs.append((field, value))
    return pairs


class Queries(TestCase):
    @classmethod
    def setUpTestData(cls):
        cache.clear()
        call_command("load_starter", verbosity=0)

    def test_sixty_queries_each_give_a_sensible_page(self):
        assert len(FOUND) + len(LEADS) + len(NOTHING) + len(ODD) >= 60
        missed = [
            typed
            for typed, wanted in FOUND.items()
            if wanted not in accessions(self.client.get("/search/", {"q": typed}))
        ]
        assert missed == []
        for typed, address in LEADS.items():
            response = self.client.get("/search/", {"q": typed})
            assert response.status_code == 302, typed
            assert response["Location"].startswith(address), typed
        for typed in NOTHING:
            page = self.client.get("/search/", {"q": typed})
            assert (page.status_code, counted(page)) == (200, 0), typed
            assert "That says what has been curated here, not what is known." in text_of(page), typed
        for typed in ODD:
            assert self.client.get("/search/", {"q": typed}).status_code == 200, typed
        assert "Did you mean cisplatin" in " ".join(text_of(self.client.get("/search/?q=cisplatn")).split())

    def test_ten_queries_find_what_the_documents_hold(self):
        lost = {}
        for typed, wanted in JUDGED.items():
            words = accessions(self.client.get("/search/", {"q": typed, "as": "words"}))
            read = accessions(self.client.get("/search/", {"q": typed}))
            if not wanted <= words or len(wanted & read) < 0.8 * len(wanted):
                lost[typed] = (sorted(wanted - words), sorted(wanted - read))
        assert lost == {}

    def test_the_page_the_api_and_the_file_count_alike(self):
        """Two hundred searches by chance, the same ones each time."""
        chance, found = random.Random(5), 0
        for _ in range(200):
            pairs = a_search(chance)
            query = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
            page = self.client.get("/search/", query)
            count = counted(page)
            found += bool(count)
            file = self.client.get("/search/download/", {**query, "format": "tsv"})
            rows = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode()), delimiter="\t"))[2:]
            assert len(rows) == count, pairs
            assert self.client.get("/api/v1/claims/", query).json()["count"] == count, pairs
            if count:
                call = re.search(r'id="api-call"[^>]*value="http://testserver([^"]+)"', page.content.decode())[1]
                assert self.client.get(call.replace("&amp;", "&")).json()["count"] == count, (pairs, call)
        assert found > 50
        assert set(FIELDS) >= {field.name for field in FACETS}
