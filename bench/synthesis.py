"""How long synthesis takes: a balance, the list of contradictions, one claim taken in, all derived anew.

    EXODB_DATA=FOLDER PYTHONPATH=. .venv/bin/python -m exodb.embedded run --data FOLDER -- \
        .venv/bin/python bench/synthesis.py 100000

FOLDER becomes a database of its own with as many synthetic claims, never `var/`. Medians of five, after one to warm up;
what is derived anew is done once. A claim that is taken in is withdrawn, and the transaction rolled back.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "exodb.settings"
# Rows by the million are laid out by the owner of the schema, past its triggers.
os.environ["EXODB_TEST"] = "1"

import django

django.setup()

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from apps.claims.models import Claim
from apps.synthesis import balance, contradicting, unknown
from apps.synthesis.models import Contradiction, Move, Stale, Weighed
from apps.vesicles.models import Cargo
from bench import synthetic

TIMES = 5


def timed(run: Callable[[], object]) -> float:
    began = perf_counter()
    run()
    return perf_counter() - began


def middle(run: Callable[[], object]) -> str:
    run()
    return f"{1_000 * median(timed(run) for _ in range(TIMES)):,.0f} ms"


def taken_in(claim: Claim) -> float:
    """Withdraw the claim and take that in; then undo both."""
    with transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(
            state="withdrawn", left_at=timezone.now(), state_reason="synthetic reason"
        )
        seconds = timed(contradicting.take_in)
        transaction.set_rollback(True)
    return seconds


def main() -> None:
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    synthetic.fill(claims)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    Stale.objects.all().delete()
    print(f"{Claim.objects.counting().count():,} claims count", flush=True)
    print(f"all derived anew: {timed(contradicting.rebuild):,.1f} s", flush=True)
    print(
        f"  {Contradiction.objects.count():,} contradictions, {Weighed.objects.count():,} balances, "
        f"{Move.objects.count():,} moves",
        flush=True,
    )
    print(f"all derived anew, nothing moved: {timed(contradicting.rebuild):,.1f} s", flush=True)
    many = Claim.objects.filter(pk__in=Claim.objects.order_by("pk").values("pk")[: claims // 5])
    print(f"balance of {many.count():,} claims: {middle(lambda: balance.of(many))}", flush=True)
    listed = Contradiction.objects.with_standing().with_sides().ranked()
    print(f"list of contradictions, a page: {middle(lambda: list(listed[:25]))}", flush=True)
    for kind in unknown.Gap:
        print(f"gaps, {kind.label}: {middle(lambda kind=kind: unknown.gaps(kind))}", flush=True)
    common = list(Cargo.objects.annotate(n=Count("claims")).filter(n__gt=0).order_by("-n"))
    for name, cargo in (("of most claims", common[0]), ("in the middle", common[len(common) // 2])):
        claim = Claim.objects.counting().filter(cargo=cargo).first()
        if claim:
            took = median(taken_in(claim) for _ in range(3))
            print(f"one claim taken in, on the cargo {name} ({cargo.n:,}): {1_000 * took:,.0f} ms", flush=True)


if __name__ == "__main__":
    main()
