"""What PostgreSQL writes of a claim is what the serializers say, field by field and in their order."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory

from apps.api import written
from apps.api.serializers.claims import ClaimSerializer
from apps.claims.models import LADDER, Claim, ReleaseMember, Shown
from tests.api.test_budgets import a_full_claim
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_release, a_study, a_term, a_user

pytestmark = pytest.mark.django_db
REQUEST = RequestFactory().get("/api/v1/claims/")


def alike(document):
    """Text that is the same for the same names and values in the same order; to JSON 1 and 1.0 are one number."""
    return json.dumps(json.loads(document, parse_int=float))


def both_ways(claims):
    """Each claim as the serializer has it, and as PostgreSQL writes it."""
    listed = list(claims)
    by_hand = ClaimSerializer(listed, many=True, context={"request": REQUEST}).data
    by_sql = written.claims([claim.pk for claim in listed], REQUEST).documents
    for one, other in zip(by_hand, by_sql, strict=True):
        yield alike(json.dumps(one, default=str)), alike(other)


def a_varied_claim(number):
    """Every field with a value of its own, with none, or with something awkward."""
    awkward = [
        'quote " and \\ backslash',
        "line\nbreak\ttab",
        "Ünïcode 東京 \U0001f9ec",
        "<b>&amp;</b>",
        "x" * 300,
        "%s %(a)s",
    ]
    text = awkward[number % len(awkward)]
    terms = (a_term(f"DOID:{9000 + number}", f"zeta {text}"[:100]), a_term(f"DOID:{8000 + number}", f"alpha {number}"))
    disease = a_name("disease", f"{text} {number}"[:300], terms=terms if number % 2 else ())
    written_names = tuple(f"{word} {text} {number}"[:300] for word in ("zz", "aa", "mm"))
    some = number % 3
    return a_claim(
        preparation=a_preparation(
            study=a_study(title=text, doi=f"10.1234/{number}" if some else None, pmid=None if some else f"91{number}"),
            engineered=bool(number % 2),
        ),
        cargo=a_cargo(f"cargo {number} {text}"[:200]) if some else None,
        disease=disease,
        recipient=a_name("recipient", f"recipient {number}") if number % 2 else None,
        therapies=written_names[:some],
        targets=written_names[: 3 - some],
        measures=(
            {
                "name": "made-up ratio",
                "value": 0.1 + 0.2,
                "ci_low": 1e-05,
                "ci_high": 1.5e16,
                "p": 1e-300,
                "p_relation": "<",
            },
            {"name": text[:100], "n_cases": 12, "n": 0, "note": text},
        )[:some],
        models_used=(["in_vitro"], ["animal", "in_vitro"], ["patient_samples"], ["clinical_trial"])[number % 4],
        statement=f"Synthetic: {text}",
        locator=text[:300],
        validation=Shown.values[number % len(Shown.values)],
        **{rung: Shown.values[(number + place) % len(Shown.values)] for place, rung in enumerate(LADDER)},
        **({"level_override": "B", "level_override_reason": text[:300]} if number % 4 == 1 else {}),
    )


def test_varied_claims_are_written_as_the_serializers_say():
    a_user("bob", public_name='Synthetic "Bob"')
    for number in range(24):
        claim = a_varied_claim(number)
        for release in range(number % 3):
            ReleaseMember.objects.create(release=a_release(f"2026.{release + 1}"), claim=claim)
    a_full_claim()

    for by_hand, by_sql in both_ways(Claim.objects.order_by("-pk")):
        assert by_sql == by_hand


@pytest.mark.parametrize(
    "moment", [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC)]
)
def test_a_moment_is_written_as_the_serializers_say(moment, monkeypatch):
    monkeypatch.setattr("tests.makers.timezone.now", lambda: moment)
    a_claim()

    ((by_hand, by_sql),) = both_ways(Claim.objects.all())

    assert by_sql == by_hand
    assert moment.isoformat().replace("+00:00", "Z") in by_sql


def test_every_claim_of_the_starter_collection_is_written_as_the_serializers_say():
    call_command("load_starter", verbosity=0)

    compared = 0
    for by_hand, by_sql in both_ways(Claim.objects.accepted().order_by("accession")):
        assert by_sql == by_hand
        compared += 1

    assert compared > 0


def test_nothing_asked_for_is_nothing_written():
    assert written.claims([], REQUEST).as_list() == "[]"


def test_the_statement_is_planned_once_for_each_connection():
    claim = a_claim()
    for _ in range(3):
        written.claims([claim.pk], REQUEST)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement = %s", [_sent()]
        )
        assert cursor.fetchone()[0] >= 3


def _sent():
    """The statement as it is prepared: with numbers for the names of its parameters."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", written.CLAIMS)))
    return re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", written.CLAIMS)
