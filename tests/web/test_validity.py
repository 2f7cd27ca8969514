"""What every page sends: valid HTML, each id once, no more than 100 kB over the wire."""

import gzip
import re
from collections import Counter

import html5lib
import pytest

from tests.makers import a_cargo, a_name, a_preparation, a_study, a_term
from tests.web.evidence import LISTINGS, TEXTS, another_claim, some_evidence

pytestmark = pytest.mark.django_db

MOST_BYTES = 100_000


@pytest.fixture
def addresses():
    evidence = some_evidence()
    for edge in ("benefit", "mixed", "neutral"):
        another_claim(cargo=evidence.cargo, preparation=evidence.preparation, disease=evidence.claim.disease, edge=edge)
    another_claim(preparation=a_preparation(study=a_study(status="retracted")), aspect="diagnosis")
    history = f"{evidence.claim.get_absolute_url()}history/"
    return [*evidence.records, history, *LISTINGS, *TEXTS, "/no-such-page"]


def test_every_page_is_valid_html(client, addresses):
    for address in addresses:
        body = client.get(address).content.decode()
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(body)
        faults = [(html5lib.constants.E[code] % told, place) for place, code, told in parser.errors]
        assert faults == [], address


def test_an_id_stands_once_on_a_page_and_what_is_pointed_at_is_there(client, addresses):
    for address in addresses:
        body = client.get(address).content.decode()
        ids = Counter(re.findall(r'\sid="([^"]*)"', body))
        assert [name for name, times in ids.items() if times > 1] == [], address
        pointed = re.findall(r'(?:aria-labelledby|aria-describedby|for)="([^"]*)"', body)
        assert [name for names in pointed for name in names.split() if name not in ids] == [], address
        assert [name for name in re.findall(r'href="#([^"]+)"', body) if name not in ids] == [], address


def test_no_page_is_larger_than_100_kb_compressed(client):
    """Not even with hundreds of long names: lists and pictures are bounded."""
    evidence = some_evidence()
    for number in range(120):
        label = f"synthetic carcinoma of a rather long name, number {number}"
        disease = a_name("disease", label, (a_term(f"DOID:{9_000_000 + number}", label),))
        another_claim(
            cargo=a_cargo(f"synthetic-miR-{number} of a name that is rather long as well"),
            disease=disease,
            preparation=evidence.preparation,
            aspect=("diagnosis", "drug_resistance", "drug_delivery", "regeneration")[number % 4],
        )

    for address in [*evidence.records, *LISTINGS, *TEXTS]:
        sent = len(gzip.compress(client.get(address).content))
        assert sent <= MOST_BYTES, (address, sent)
