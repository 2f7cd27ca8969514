#!/usr/bin/env python3
"""How long the pages of the desk take with many claims: a scratch database, synthetic rows, each page several times.

    .venv/bin/python bench/desk.py [--claims 100000] [--repeat 7]

Runs PostgreSQL and Redis of its own in a temporary folder. Prints milliseconds: what each
page takes to compute, here and in PostgreSQL, and what one waited, which other work on the machine lengthens.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
A_STUDY = 20  # claims of an ordinary study; the first has five times as many
LIMIT_MS = 300

# Triggers are left out while rows are made: what they guard is tested elsewhere, and they would take minutes here.
SEED = """
SET session_replication_role = replica;
INSERT INTO studies_study (kind, title, journal, year, authors, pmid, status, pages_read, depth, curated_on)
SELECT 'primary', 'Synthetic study ' || n || ' of ' || md5(n::text) || ' vesicles in ' || md5((n * 7)::text),
    'Journal of Synthetic Results ' || n % 200, 2000 + n % 26, ARRAY['Doe J', 'Roe ' || n], (900000000 + n)::text,
    'published', '{{}}', 'abstract', '2026-11-01' FROM generate_series(1, {studies}) n;
INSERT INTO terms_name (kind, text, given_curie, key, grounding, relation, reason)
SELECT kind, 'synthetic ' || kind || ' ' || n, '', 'synthetic ' || kind || ' ' || n, 'unknown', '', ''
FROM unnest(ARRAY['disease', 'recipient', 'species', 'therapy', 'target']) kind, generate_series(1, 2000) n
ORDER BY kind, n;
INSERT INTO vesicles_vesiclesource (name, category, material, species_id)
SELECT 'synthetic source ' || n, 'tumour_cell', 'cell_line',
    (SELECT min(id) FROM terms_name WHERE text LIKE 'synthetic species %')
FROM generate_series(1, 2000) n;
INSERT INTO vesicles_cargo (kind, name, ungrounded_reason)
SELECT 'miRNA', 'miR-' || n || '-synthetic', '' FROM generate_series(1, 5000) n;
INSERT INTO vesicles_preparation (study_id, key, source_id, term, engineered, loading, surface)
SELECT id, 'p1', (SELECT min(id) FROM vesicles_vesiclesource WHERE name LIKE 'synthetic source %') + id % 2000,
    'exosome',
    false, '', '' FROM studies_study WHERE title LIKE 'Synthetic study %' ORDER BY id;
INSERT INTO claims_claim (preparation_id, key, cargo_id, aspect, effect, outcome, edge, disease_id, recipient_id,
    models_used, statement, locator, level_override, level_override_reason, level_computed, level_reason, author_id,
    state, state_reason, written_at, submitted_at, accepted_at, accepted_by_id)
SELECT first.preparation + CASE WHEN n <= {a_study} * 5 THEN 0 ELSE n / {a_study} % {studies} END, 'c' || n,
    first.cargo + n % 5000, (ARRAY['tumour_growth', 'drug_resistance', 'diagnosis', 'regeneration'])[1 + n % 4],
    'promotes', 'growth ' || n, (ARRAY['harm', 'benefit', 'mixed'])[1 + n % 3], first.disease + n % 2000,
    first.recipient + n % 2000, ARRAY['in_vitro'], 'Synthetic vesicles no. ' || n || ' did ' || md5(n::text) || '.',
    'abstract', '', '', 'E', 'Shown in cultured cells only.', first.alice, state,
    '', now(), CASE WHEN state <> 'draft' THEN now() END, CASE WHEN state = 'accepted' THEN now() END,
    CASE WHEN state = 'accepted' THEN first.bob END
FROM generate_series(1, {claims}) n,
    LATERAL (SELECT (ARRAY['draft', 'submitted', 'accepted'])[CASE WHEN n % 20 = 0 THEN 1 WHEN n % 20 = 1 THEN 2
        ELSE 3 END] AS state) stands,
    (SELECT (SELECT min(made.id) FROM vesicles_preparation made JOIN studies_study study ON study.id = made.study_id
            WHERE study.title LIKE 'Synthetic study %') AS preparation,
        (SELECT min(id) FROM vesicles_cargo WHERE name LIKE '%-synthetic') AS cargo,
        (SELECT min(id) FROM terms_name WHERE text LIKE 'synthetic disease %') AS disease,
        (SELECT min(id) FROM terms_name WHERE text LIKE 'synthetic recipient %') AS recipient,
        (SELECT id FROM people_user WHERE username = 'alice') AS alice,
        (SELECT id FROM people_user WHERE username = 'bob') AS bob) first;
INSERT INTO claims_claimtherapy (claim_id, name_id, position)
SELECT id, (SELECT min(id) FROM terms_name WHERE text LIKE 'synthetic therapy %') + id % 2000, 0
FROM claims_claim WHERE statement LIKE 'Synthetic vesicles no.%' AND id % 2 = 0;
INSERT INTO claims_measure (claim_id, position, name, value, p_relation, note)
SELECT id, 0, 'AUC', 0.5 + (id % 50) / 100.0, '', '' FROM claims_claim
WHERE statement LIKE 'Synthetic vesicles no.%';
SET session_replication_role = origin;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    if "DATABASE_URL" in os.environ and os.environ.get("EXODB_BENCH"):
        measure(options.claims, options.repeat)
        return
    with tempfile.TemporaryDirectory(prefix="exodb-bench-") as folder:
        command = [sys.executable, "-m", "exodb.embedded", "run", "--data", folder, "--", sys.executable, __file__]
        arguments = ["--claims", str(options.claims), "--repeat", str(options.repeat)]
        environment = {
            **os.environ,
            "EXODB_BENCH": "1",
            "EXODB_DATA": folder,
            "PYTHONPATH": str(ROOT),
            "EXODB_TEST": "1",
            "LOG_LEVEL": "WARNING",
        }
        environment.pop("DATABASE_URL", None)
        raise SystemExit(subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode)


def measure(claims: int, repeat: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "exodb.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from apps.people.models import User
    from exodb.embedded import places
    from exodb.embedded.postgres import query
    from tests.makers import signed_in

    # Rows by the hundred thousand are laid out without their triggers; only a superuser may let the owner do so.
    query(Path(os.environ["EXODB_DATA"]), f"GRANT SET ON PARAMETER session_replication_role TO {places.OWNER}")
    call_command("migrate", verbosity=0)
    call_command("load_starter", verbosity=0)
    alice, _ = (User.objects.create_user(name, role="curator", is_staff=True) for name in ("alice", "bob"))
    studies = max(1, claims // A_STUDY)
    began = time.monotonic()
    from apps.claims import search

    with connection.cursor() as cursor:
        cursor.execute(SEED.format(claims=claims, studies=studies, a_study=A_STUDY))
    search.index()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{claims} claims of {studies} studies made in {time.monotonic() - began:.0f} s\n")
    client = Client(SERVER_NAME="localhost")
    signed_in(client, alice)
    worst = max(timed(client, name, address, repeat) for name, address in pages().items())
    print(f"\nmost work: {worst:.0f} ms of {LIMIT_MS}")


def pages() -> dict[str, str]:
    """What a curator opens all day, by name."""
    from apps.claims.models import Claim, State
    from apps.studies.models import Study

    large = Claim.objects.filter(state=State.DRAFT, author__username="alice").order_by("pk").first()
    study = large.preparation.study.accession
    some = Study.objects.order_by("-pk")[1]
    suggest = "/admin/entry/suggest/?what={}&q={}"
    return {
        "first page": "/admin/",
        "add a study": "/admin/entry/",
        "entry screen, 20 claims": f"/admin/entry/{some.accession}/",
        "entry screen, 100 claims": f"/admin/entry/{study}/",
        "claim form, on 100 claims": f"/admin/entry/{study}/claims/{large.accession}/{large.version}/",
        "new claim, on 20 claims": f"/admin/entry/{some.accession}/claims/add/",
        "claims": "/admin/claims/claim/",
        "claims, page 1000": "/admin/claims/claim/?p=1000",
        "claims, drafts": "/admin/claims/claim/?state__exact=draft",
        "claims, by a word": "/admin/claims/claim/?q=miR-77",
        "claims, by a study": f"/admin/claims/claim/?q={study}",
        "studies": "/admin/studies/study/",
        "studies, by a word": "/admin/studies/study/?q=Synthetic+study+777",
        "names to ground": "/admin/terms/name/",
        "cargos": "/admin/vesicles/cargo/",
        "suggest a disease": suggest.format("disease", "stomach"),
        "suggest a disease, two letters": suggest.format("disease", "sy"),
        "suggest a target": suggest.format("target", "pten"),
        "suggest a cargo": suggest.format("cargo", "mir-21"),
        "suggest a source": suggest.format("source", "synthetic"),
        "level": "/admin/entry/level/?models_used=animal&kind=primary",
    }


def timed(client: Any, name: str, address: str, repeat: int) -> float:
    took = []
    client.get(address)
    before = worked()
    for _ in range(repeat):
        began = time.perf_counter()
        status = client.get(address).status_code
        took.append(1000 * (time.perf_counter() - began))
        assert status == 200, f"{address}: {status}"
    median = statistics.median(took)
    work = (worked() - before) / repeat
    slow = "   TOO SLOW" if work > LIMIT_MS else ""
    print(f"{name:<34}{work:6.0f} ms of work  {median:6.0f} waited, best {min(took):6.0f}{slow}", flush=True)
    return work


def worked() -> float:
    """Milliseconds that this process and its PostgreSQL backend have computed: what other work does not lengthen."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return 1000 * (time.process_time() + ticks / os.sysconf("SC_CLK_TCK"))


if __name__ == "__main__":
    main()
