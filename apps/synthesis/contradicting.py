"""Keeps the contradictions up to date: derives anew what a change concerns, or everything.

What is kept follows from the evidence alone, so the order of changes makes no difference (tests/synthesis).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.db.models import Q

from apps.claims.models import Aspect, Claim, ClaimTherapy, Effect
from apps.synthesis import independence
from apps.synthesis.facts import Fact, Key, about, on, read
from apps.synthesis.models import Contradiction, Stale, Standing
from apps.synthesis.moving import NOBODY, Because, because, contradiction_moved, weigh, weigh_all
from apps.synthesis.opposing import Group, Lineage, groups
from apps.synthesis.questions import CONDITIONS, Question, SubjectKind
from apps.terms.models import Name, Term, TermAncestor
from apps.vesicles.models import SourceCategory

# One at a time: two that derive the same anew would each miss what the other writes.
LOCK = 7_310_001
# More changes than this, and to begin from the beginning is less work.
AT_ONCE = 2_000
KEPT = ("key", "subject_kind", "subject", "cargo_id", "question", "disease", "curie", "claims", "groups", "strength")
DERIVED = (*KEPT, "closeness", "rank")


@transaction.atomic
def take_in() -> int:
    """Derive anew what the changes since the last time concern; return how many changes there were."""
    _one_at_a_time()
    noted = list(Stale.objects.order_by("pk")[: AT_ONCE + 1])
    if not noted:
        return 0
    if len(noted) > AT_ONCE:
        return _rebuild()
    changes = {note.claim_id: note.at for note in noted}
    moved = [] if independence.is_current() else independence.regroup()
    why = because(changes)
    beside = _touched(changes)
    concerned = beside | Q(preparation__study__in=moved)
    facts = read(concerned)
    keys = {key for fact in facts for key in fact.compared_by()}
    before = Contradiction.objects.filter(standings__claim__in=Claim.objects.filter(beside).values("pk")).distinct()
    refresh(keys | {_key(row) for row in before}, why)
    weigh(why.cargos | {fact.cargo for fact in facts if fact.cargo is not None}, why)
    Stale.objects.filter(pk__in=[note.pk for note in noted]).delete()
    return len(noted)


def _touched(changes: Iterable[int]) -> Q:
    """The claims that changed, and those of which they may say that they compare, or speak of an inhibitor."""
    changed = Claim.objects.filter(pk__in=list(changes))
    inhibiting = changed.filter(aspect=Aspect.RELEASE_INHIBITION).values("preparation__study")
    treated = ClaimTherapy.objects.filter(claim__preparation__study__in=inhibiting).values("claim")
    compared = Q(effect=Effect.NO_EFFECT, preparation__study__in=changed.values("preparation__study"))
    return Q(pk__in=changed.values("pk")) | compared | Q(pk__in=treated)


@transaction.atomic
def rebuild() -> int:
    """Derive all anew; return how many contradictions there are."""
    _one_at_a_time()
    _rebuild()
    return Contradiction.objects.count()


def _rebuild() -> int:
    """Derive all anew; return how many changes this took in."""
    changes = list(Stale.objects.values_list("pk", flat=True))
    independence.regroup()
    lineage = _lineage()
    for question in Question:
        by_key: dict[Key, list[Fact]] = defaultdict(list)
        for fact in read(on(question)):
            for key in fact.compared_by():
                by_key[key].append(fact)
        kept: dict[Key, list[Group]] = {_key(row): [] for row in Contradiction.objects.filter(question=question)}
        _write({**kept, **{key: _found(key, facts, lineage) for key, facts in by_key.items()}}, NOBODY)
    weigh_all(NOBODY)
    Stale.objects.filter(pk__in=changes).delete()
    return len(changes)


def refresh(keys: Iterable[Key], why: Because) -> None:
    """Derive the contradictions of these subjects and questions anew."""
    lineage = _lineage()
    for key in sorted(keys, key=str):
        facts = [fact for fact in read(about(key)) if key in fact.compared_by()]
        _write({key: _found(key, facts, lineage)}, why)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _lineage() -> Lineage:
    """The ancestors of the terms that diseases of claims mean."""
    used = Term.objects.filter(names__kind="disease").values("pk")
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for term, above, steps in TermAncestor.objects.filter(term__in=used).values_list("term", "ancestor", "distance"):
        found[term][above] = steps
    return found


def _found(key: Key, facts: list[Fact], lineage: Lineage) -> list[Group]:
    return groups(key.question, facts, lineage, anywhere=key.kind == SubjectKind.CONDITION)


def _key(row: Contradiction) -> Key:
    kind, _, rest = row.key.partition(":")
    subject, _, question = rest.rpartition(":")
    return Key(SubjectKind(kind), subject, Question(question))


def _write(found: Mapping[Key, list[Group]], why: Because) -> None:
    """Make what is kept of these keys what was found, and touch nothing that is so already."""
    places = {group.place for each in found.values() for group in each}
    terms = Term.objects.in_bulk(place for place in places if place > 0)
    names = Name.objects.in_bulk(-place for place in places if place < 0)
    wanted = {
        row.slug: (row, group)
        for key, each in found.items()
        for group in each
        for row in [_row(key, group, terms, names)]
    }
    rows = Contradiction.objects.select_related("cargo").filter(key__in=[str(key) for key in found])
    kept = {row.slug: row for row in rows}
    _remove([row for slug, row in kept.items() if slug not in wanted], why)
    for slug, (row, group) in wanted.items():
        _store(row, kept.get(slug), group, why)


def _remove(gone: list[Contradiction], why: Because) -> None:
    stood: dict[int, list[int]] = defaultdict(list)
    for contradiction, claim in Standing.objects.filter(contradiction__in=gone).values_list("contradiction", "claim"):
        stood[contradiction].append(claim)
    for row in gone:
        contradiction_moved(row, None, stood[row.pk], why)
    Contradiction.objects.filter(pk__in=[row.pk for row in gone]).delete()


def _store(row: Contradiction, before: Contradiction | None, group: Group, why: Because) -> None:
    if before is None:
        row.save(force_insert=True)
    else:
        row.pk = before.pk
        if any(getattr(row, name) != getattr(before, name) for name in DERIVED):
            row.save(force_update=True)
    sides = {fact.claim: stance for stance, facts in group.sides.items() for fact in facts}
    known = dict(row.standings.values_list("claim", "stance"))
    contradiction_moved(before, row, {*sides, *known}, why)
    row.standings.filter(claim__in=[claim for claim, stance in known.items() if sides.get(claim) != stance]).delete()
    new = [claim for claim, stance in sides.items() if known.get(claim) != stance]
    Standing.objects.bulk_create(Standing(contradiction=row, claim_id=claim, stance=sides[claim]) for claim in new)


def _row(key: Key, group: Group, terms: Mapping[int, Term], names: Mapping[int, Name]) -> Contradiction:
    term, name = terms.get(group.place), names.get(-group.place)
    where = term.curie if term else f"as-written-{name.pk}" if name else "anywhere"
    first = min(group.facts, key=lambda fact: (fact.cargo_accession or "", fact.claim))
    is_cargo = key.kind == SubjectKind.CARGO
    subject = str(first.cargo_accession) if is_cargo else key.subject
    return Contradiction(
        slug=f"{subject}--{key.question}--{where.replace(':', '-')}",
        key=str(key),
        subject_kind=key.kind,
        subject=_called(key, group),
        cargo_id=first.cargo if is_cargo else None,
        question=key.question,
        disease=term.label if term else name.text if name else "",
        curie=term.curie if term else "",
        claims=len(group.facts),
        groups=len({fact.group for fact in group.facts}),
        strength=group.strength,
        closeness=group.closeness,
        rank=group.strength * group.closeness,
    )


def _called(key: Key, group: Group) -> str:
    """The subject in words."""
    if key.kind == SubjectKind.CARGO:
        names = sorted({str(fact.cargo_name) for fact in group.facts})
        return " and ".join(names)[:300]
    if key.kind == SubjectKind.CATEGORY:
        return f"vesicles of {SourceCategory(key.subject).label}s"
    return f"vesicles of {CONDITIONS[key.subject].title}"
