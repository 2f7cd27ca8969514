"""How much of the starter evidence is grounded: the numbers that the collection promises."""

from collections import Counter

import pytest
import yaml

from apps.terms.grounding import ground_names, load_decisions
from apps.terms.loading import load
from apps.terms.models import Vocabulary
from apps.terms.readers import read
from apps.vesicles.cargos import find_cargos
from apps.vesicles.table import load_cargos
from tests.terms.places import VOCABULARY, evidence

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DISEASE_SHARE, CARGO_SHARE = 0.95, 0.90


@pytest.fixture(scope="module")
def claims():
    documents = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(evidence().glob("*.yaml")))
    return [claim for document in documents for claim in document["claims"]]


@pytest.fixture(autouse=True)
def _starter():
    for vocabulary in Vocabulary.values:
        load(vocabulary, read(VOCABULARY / f"{vocabulary}.tsv"))
    load_decisions(VOCABULARY / "groundings.tsv")
    load_cargos(VOCABULARY / "cargos.tsv")


def test_the_promised_share_is_grounded_and_the_rest_has_its_reason(claims):
    written = [("disease", claim["disease"], claim.get("disease_id") or "") for claim in claims]
    names = ground_names(written)
    grounded = [names[each] for each in written if names[each].grounding == "grounded"]
    assert len(grounded) / len(claims) >= DISEASE_SHARE
    assert all(term.curie.startswith("DOID:") for name in set(grounded) for term in name.terms.all())
    assert all(name.reason for name in names.values() if name.grounding != "grounded")

    cargos = set(
        find_cargos(
            (c["cargo"]["kind"], c["cargo"]["name"], c["cargo"].get("id")) for c in claims if "cargo" in c
        ).values()
    )
    how = Counter("with" if cargo.xrefs.exists() or cargo.members.exists() else "without" for cargo in cargos)
    assert how["with"] / len(cargos) >= CARGO_SHARE
    assert all(each.xrefs.exists() or each.members.exists() or each.ungrounded_reason for each in cargos)
