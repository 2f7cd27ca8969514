"""How long the pages of the desk take with 100,000 claims: fills a scratch database and asks each page.

    EXODB_DATA=/tmp/bench-review .venv/bin/python -m exodb.embedded run --data /tmp/bench-review -- \
        .venv/bin/python bench/review.py [CLAIMS]

Everything that it writes is synthetic; give it a folder of its own, never `var/`. The times are those of a request
through Django's test client, middleware and templates included, the median of seven after one to warm up.
"""

import os
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "exodb.settings"
os.environ["EXODB_TEST"] = "1"

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client

from apps.claims.models import Claim
from exodb.embedded import places
from exodb.embedded.postgres import query
from tests import makers
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_release, a_study, a_term, a_user, an_interest

CLAIMS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
A_STUDY = 10
ASPECTS = ("tumour_growth", "metastasis", "diagnosis", "drug_resistance", "regeneration")
# Of a hundred claims so many are drafts, so many submitted; the rest is accepted with a release.
DRAFTS, SUBMITTED = 3, 2

# Past the triggers, which would take minutes: what they would refuse is not in it, and no history is written.
FILL = """
INSERT INTO claims_claim (accession, version, state, preparation_id, key, cargo_id, aspect, effect, outcome, edge,
    disease_id, models_used, statement, locator, validation, cargo_observed, transfer_shown, vesicle_free_control,
    lost_on_removal, level_override, level_override_reason, level_computed, level_reason, author_id, state_reason,
    submitted_at, accepted_at, accepted_with_id)
SELECT 'EXCL' || lpad((2000000 + n)::text, 7, '0'), 1, state, (%(preparations)s::bigint[])[1 + n / 10],
    'x' || (n %% 10), (%(cargos)s::bigint[])[1 + n %% 200], (%(aspects)s::text[])[1 + n %% 5], 'promotes',
    'a made-up outcome', (ARRAY['harm', 'benefit'])[1 + n %% 2], (%(diseases)s::bigint[])[1 + n %% 100],
    ARRAY['in_vitro'], 'Synthetic vesicles, number ' || n || ', made synthetic cells grow.', 'abstract', 'not_curated',
    'not_curated', 'not_curated', 'not_curated', 'not_curated', '', '', 'E', 'Shown in cultured cells only.',
    (%(authors)s::bigint[])[1 + n / 7 %% 20], '',
    CASE state WHEN 'submitted' THEN now() - n * interval '1 second' END,
    CASE state WHEN 'accepted' THEN now() - n * interval '1 second' END,
    CASE state WHEN 'accepted' THEN %(release)s END
FROM (
    SELECT n, CASE WHEN n %% 100 < %(submitted)s THEN 'submitted' WHEN n %% 100 < %(submitted)s + %(drafts)s
        THEN 'draft' ELSE 'accepted' END AS state
    FROM generate_series(0, %(claims)s - 1) n
) made
"""
REGISTER = """
INSERT INTO records_accession (accession, kind) SELECT accession, 'EXCL' FROM claims_claim ON CONFLICT DO NOTHING
"""


def fill() -> None:
    """The claims with all that they rest on."""
    release = a_release("2026.1")
    authors = [a_user(f"writer{number}") for number in range(20)]
    root = a_term("DOID:4", "synthetic disease")
    terms = [a_term(f"DOID:{1000 + number}", f"synthetic disease {number}", parents=(root,)) for number in range(100)]
    diseases = [a_name("disease", term.label, (term,)) for term in terms]
    cargos = [a_cargo(f"synthetic cargo {number}") for number in range(200)]
    source = makers.a_source()
    preparations = [
        a_preparation(study=a_study(title=f"Synthetic study {number} of made-up vesicles"), source=source).pk
        for number in range(CLAIMS // A_STUDY)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            FILL,
            {
                "claims": CLAIMS,
                "preparations": preparations,
                "cargos": [cargo.pk for cargo in cargos],
                "aspects": list(ASPECTS),
                "diseases": [name.pk for name in diseases],
                "authors": [person.pk for person in authors],
                "release": release.pk,
                "submitted": SUBMITTED,
                "drafts": DRAFTS,
            },
        )
        cursor.execute(REGISTER)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def asked(client: Client, address: str) -> float:
    times = []
    for _ in range(8):
        began = perf_counter()
        answer = client.get(address)
        times.append(1000 * (perf_counter() - began))
        assert answer.status_code == 200, (address, answer.status_code)
    return median(times[1:])


def main() -> None:
    # Only a superuser may let the owner of the schema past the triggers.
    query(Path(os.environ["EXODB_DATA"]), f"GRANT SET ON PARAMETER session_replication_role TO {places.OWNER}")
    call_command("migrate", verbosity=0)
    if Claim.objects.count() < CLAIMS:
        began = perf_counter()
        fill()
        print(f"filled in {perf_counter() - began:.0f} s")
    bob, erin = a_user("writer1"), a_user("erin", role="editor")
    an_interest(bob, none=True, published_as=["Synthetic B"])
    an_interest(erin)
    claim = Claim.objects.filter(state="submitted").order_by("submitted_at").first() or a_claim(state="submitted")
    public = Claim.objects.accepted().order_by("pk").first()
    print(f"{Claim.objects.count():,} claims, {Claim.objects.filter(state='submitted').count():,} submitted")
    for person in (bob, erin):
        client = makers.signed_in(Client(SERVER_NAME="localhost"), person)
        for address in (
            "/admin/",
            "/admin/review/",
            "/admin/review/?whose=all&aspect=diagnosis&disease=disease&age=0",
            f"/admin/review/{claim.accession}/{claim.version}/",
            f"/admin/review/{claim.accession}/compare/",
            "/admin/review/mine/",
            "/admin/review/due/",
            "/admin/review/numbers/",
            "/admin/claims/claim/",
            f"/claims/{public.accession}/history/",
        ):
            print(f"{person.username:8} {asked(client, address):7.0f} ms  {address}")


main()
