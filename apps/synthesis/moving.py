"""Keeps the balances of cargos in diseases, and notes what moved: in the transaction that takes a change in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.claims.models import Claim, State
from apps.studies.models import StudyStatus
from apps.synthesis.index import WEIGHTS, mean
from apps.synthesis.kept import Move, Weighed
from apps.synthesis.models import Contradiction
from apps.terms.models import Term
from apps.vesicles.models import Cargo

NAMED = 5
# Cargos weighed at once, so that a rebuild never holds all pairs.
AT_ONCE = 500
WEIGHT = " ".join(f"WHEN '{level}' THEN {weight}" for level, weight in WEIGHTS.items())
PAIRS = f"""
WITH counting AS MATERIALIZED (
    SELECT claim.id, claim.cargo_id, claim.edge, claim.disease_id, CASE claim.level {WEIGHT} END AS weight,
        COALESCE(author.first_id, made.study_id) AS author_group
    FROM claims_claim claim
    JOIN vesicles_preparation made ON made.id = claim.preparation_id
    JOIN studies_study study ON study.id = made.study_id
    LEFT JOIN synthesis_studygroup author ON author.study_id = made.study_id
    WHERE claim.state = 'accepted' AND study.status <> 'retracted' AND claim.cargo_id = ANY(%s)
), named AS (
    SELECT DISTINCT cargo_id, meant.term_id FROM counting JOIN terms_name_terms meant ON meant.name_id = disease_id
), pairs AS (
    SELECT DISTINCT named.cargo_id, named.term_id, counting.id, edge, weight, author_group
    FROM counting JOIN terms_name_terms meant ON meant.name_id = disease_id
    JOIN terms_termancestor above ON above.term_id = meant.term_id
    JOIN named ON named.cargo_id = counting.cargo_id AND named.term_id = above.ancestor_id)
SELECT cargo_id, term_id, count(*), count(DISTINCT author_group), sum(weight),
    coalesce(sum(weight) FILTER (WHERE edge = 'harm'), 0), coalesce(sum(weight) FILTER (WHERE edge = 'benefit'), 0)
FROM pairs GROUP BY cargo_id, term_id"""  # noqa: S608

Pair = tuple[int, int]


@dataclass(frozen=True)
class Because:
    """The claims that changes came by: of each its accession and what became of it, and its cargo."""

    claims: Mapping[int, tuple[str, int | None]]

    def of(self, claims: Iterable[int]) -> tuple[list[str], int]:
        """In words: the first few of these, and how many more there are."""
        said = sorted(self.claims[claim][0] for claim in claims if claim in self.claims)
        return said[:NAMED], len(said[NAMED:])

    def of_cargo(self, cargo: int) -> tuple[list[str], int]:
        return self.of([claim for claim, (_, of) in self.claims.items() if of == cargo])

    @property
    def cargos(self) -> set[int]:
        return {cargo for _, cargo in self.claims.values() if cargo is not None}


# Everything was derived anew: nobody knows by which claim.
NOBODY = Because({})


def because(changes: Mapping[int, datetime]) -> Because:
    """What became of the claims that changed, each in a transaction that began then."""
    claims = Claim.objects.filter(pk__in=changes).select_related("preparation__study").defer("search")
    return Because(
        {claim.pk: (f"{claim.accession} {_became(claim, changes[claim.pk])}", claim.cargo_id) for claim in claims}
    )


def _became(claim: Claim, changed: datetime) -> str:
    if claim.state == State.SUPERSEDED:
        return "replaced by a revision"
    if claim.state != State.ACCEPTED:
        return claim.state
    if claim.preparation.study.status == StudyStatus.RETRACTED:
        return "of a retracted study"
    if claim.accepted_at is None or claim.accepted_at < changed:
        return "counts as its record says now"
    return "revised" if claim.version > 1 else "accepted"


def weigh(cargos: Iterable[int], why: Because) -> None:
    """Weigh the cargos anew in every disease that their claims name; keep what moved."""
    wanted = sorted(set(cargos))
    for start in range(0, len(wanted), AT_ONCE):
        _weigh(wanted[start : start + AT_ONCE], why)


def weigh_all(why: Because) -> None:
    weigh(
        [
            *Claim.objects.counting().filter(cargo__isnull=False).order_by().values_list("cargo", flat=True).distinct(),
            *Weighed.objects.order_by().values_list("cargo", flat=True).distinct(),
        ],
        why,
    )


def _weigh(cargos: list[int], why: Because) -> None:
    found = _found(cargos)
    kept = {(row.cargo_id, row.disease_id): row for row in Weighed.objects.filter(cargo__in=cargos)}
    gone = [pair for pair in kept if pair not in found]
    new = [pair for pair in found if pair not in kept]
    moved = [pair for pair, row in kept.items() if pair in found and not _same(row, found[pair])]
    Weighed.objects.filter(pk__in=[kept[pair].pk for pair in gone]).delete()
    Weighed.objects.bulk_create([found[pair] for pair in new])
    for pair in moved:
        found[pair].pk = kept[pair].pk
    Weighed.objects.bulk_update([found[pair] for pair in moved], ["claims", "groups", "mean"], batch_size=1_000)
    _note(sorted([*gone, *new, *moved]), kept, found, why)


def _same(one: Weighed, other: Weighed) -> bool:
    return (one.claims, one.groups, one.mean) == (other.claims, other.groups, other.mean)


def _found(cargos: list[int]) -> dict[Pair, Weighed]:
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, [cargos])
        rows = cursor.fetchall()
    return {
        (cargo, disease): Weighed(
            cargo_id=cargo,
            disease_id=disease,
            claims=claims,
            groups=groups,
            mean=mean((float(harm), float(benefit), float(every)), groups),
        )
        for cargo, disease, claims, groups, every, harm, benefit in rows
    }


def _note(pairs: Sequence[Pair], before: Mapping[Pair, Weighed], after: Mapping[Pair, Weighed], why: Because) -> None:
    cargos = Cargo.objects.in_bulk({cargo for cargo, _ in pairs})
    terms = Term.objects.in_bulk({disease for _, disease in pairs})
    moves = []
    for pair in pairs:
        old, new = before.get(pair), after.get(pair)
        if old and new and (old.claims, old.mean) == (new.claims, new.mean):
            continue
        cargo, term = cargos[pair[0]], terms[pair[1]]
        named, more = why.of_cargo(cargo.pk)
        moves.append(
            Move(
                of=Move.Of.BALANCE,
                key=f"{cargo.accession} {term.curie}",
                subject=cargo.name[:300],
                cargo=cargo.accession,
                disease=term.label[:300],
                curie=term.curie,
                before=old.mean if old else None,
                after=new.mean if new else None,
                count_before=old.claims if old else 0,
                count_after=new.claims if new else 0,
                because=named,
                more=more,
            )
        )
    Move.objects.bulk_create(moves, batch_size=1_000)


def contradiction_moved(
    before: Contradiction | None, after: Contradiction | None, claims: Iterable[int], why: Because
) -> None:
    """Note that a contradiction appeared, went, or is of other claims or another strength."""
    row = after or before
    same = before and after and (before.claims, before.strength) == (after.claims, after.strength)
    if row is None or same:
        return
    named, more = why.of(claims)
    Move.objects.create(
        of=Move.Of.CONTRADICTION,
        key=row.slug,
        subject=str(row)[:300],
        cargo=row.cargo.accession if row.cargo else "",
        disease=row.disease,
        curie=row.curie,
        before=before.strength if before else None,
        after=after.strength if after else None,
        count_before=before.claims if before else 0,
        count_after=after.claims if after else 0,
        because=named,
        more=more,
    )
