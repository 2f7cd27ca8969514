"""What a question means to PostgreSQL: the truth, which answers everything, and by which a derived index is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db.models import BigIntegerField, Exists, F, Max, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable, Expression
from django.db.models.functions import Coalesce

from apps.claims.models import Claim, ClaimQuerySet, ClaimTarget, ClaimTherapy, Measure, ReleaseMember
from apps.claims.search import holding, rank
from apps.finding.asking import All, Any, Between, Is, Node, Not, Text
from apps.finding.fields import BANDS, NOT_CURATED, identifier
from apps.finding.meaning import cargo_is, names_meant
from apps.studies.models import CitationCount, StudyStatus
from apps.terms.models import SOURCE_COLUMNS, NameKind
from apps.vesicles.models import Cargo

SOURCE = "preparation__source__"
STUDY = "preparation__study__"
Values = Sequence[str]
Where = Callable[[Values], Q]


# --- what each field means --------------------------------------------------------------------------------------------


def one_of(path: str) -> Where:
    return lambda values: Q(**{f"{path}__in": list(values)})


def overlapping(path: str) -> Where:
    return lambda values: Q(**{f"{path}__overlap": list(values)})


def any_of(where: Callable[[str], Q]) -> Where:
    return lambda values: reduce(or_, map(where, values), Q(pk__in=[]))


def yes_no(yes: Q) -> Where:
    return any_of(lambda value: yes if value == "true" else ~yes)


def named(path: str, *kinds: str) -> Where:
    return lambda values: Q(**{f"{path}__in": names_meant(values, *kinds)})


def linked(through: type[ClaimTherapy | ClaimTarget], *kinds: str) -> Where:
    return lambda values: _linked(through, names_meant(values, *kinds))


def _linked(through: type[ClaimTherapy | ClaimTarget], names: list[int]) -> Q:
    return Q(Exists(through.objects.filter(claim=OuterRef("pk"), name__in=names)))


def about(values: Values) -> Q:
    """Claims that name the term or one below it, in any role."""
    names = names_meant(values, *NameKind.values)
    roles = ("disease", "recipient", *(SOURCE + column for column in SOURCE_COLUMNS))
    under = reduce(or_, (Q(**{f"{role}__in": names}) for role in roles))
    return under | _linked(ClaimTherapy, names) | _linked(ClaimTarget, names)


def in_tissue(values: Values) -> Q:
    """Claims whose source is of the tissue or fluid, or whose recipient is."""
    return Q(**{f"{SOURCE}tissue__in": names_meant(values, NameKind.TISSUE)}) | Q(
        recipient__in=names_meant(values, NameKind.RECIPIENT)
    )


def isolated(values: Values) -> Q:
    made = Q(preparation__isolation__overlap=[value for value in values if value != NOT_CURATED])
    return made | Q(preparation__isolation__isnull=True) if NOT_CURATED in values else made


def of_study(text: str) -> Q:
    found = identifier(text)
    return Q(**{f"{STUDY}{found[0]}": found[1]}) if found else Q(pk__in=[])


def of_cargo(values: Values) -> Q:
    meant = reduce(or_, map(cargo_is, values), Q(pk__in=[]))
    return Q(cargo__in=list(Cargo.objects.filter(meant).order_by().values_list("pk", flat=True)))


def _reported(low: int, high: int) -> Q:
    """Preparations with so many hundredths of the curated EV-METRIC items reported."""
    curated = F("preparation__metric_curated")
    above = Q(preparation__metric_curated__gt=0, preparation__metric_reported__gte=curated * (low / 100))
    return above if high == WHOLE else above & Q(preparation__metric_reported__lt=curated * ((high + 1) / 100))


WHOLE = 100
REPORTING = {band: _reported(*map(int, band.split("-"))) for band in BANDS} | {
    NOT_CURATED: Q(preparation__metric_curated=0)
}
MEASURED = Q(Exists(Measure.objects.filter(claim=OuterRef("pk"))))

CONDITIONS: dict[str, Where] = {
    "aspect": one_of("aspect"),
    "edge": one_of("edge"),
    "effect": one_of("effect"),
    "level": one_of("level"),
    "cargo": of_cargo,
    "cargo_kind": one_of("cargo__kind"),
    "disease": named("disease", NameKind.DISEASE),
    "therapy": linked(ClaimTherapy, NameKind.THERAPY),
    "target": linked(ClaimTarget, NameKind.TARGET),
    "recipient": named("recipient", NameKind.RECIPIENT),
    "tissue": in_tissue,
    "term": about,
    "source": one_of(f"{SOURCE}accession"),
    "source_category": one_of(f"{SOURCE}category"),
    "species": named(f"{SOURCE}species", NameKind.SPECIES),
    "model": overlapping("models_used"),
    "preparation": one_of("preparation__accession"),
    "engineered": yes_no(Q(preparation__engineered=True)),
    "isolation": isolated,
    "reporting": any_of(lambda value: REPORTING[value]),
    "study": any_of(of_study),
    "status": one_of(f"{STUDY}status"),
    "retracted": yes_no(Q(**{f"{STUDY}status": StudyStatus.RETRACTED})),
    "has_measures": yes_no(MEASURED),
    "release": lambda values: Q(pk__in=ReleaseMember.objects.filter(release__number__in=list(values)).values("claim")),
}

# --- the question -----------------------------------------------------------------------------------------------------


def condition(node: Node) -> Q:
    """The claims that a question finds, as a condition."""
    match node:
        case Text():
            return holding(node.typed)
        case Is():
            return CONDITIONS[node.field](node.values)
        case Between():
            ends = {"gte": node.low, "lte": node.high}
            return Q(**{f"{STUDY}{node.field}__{end}": value for end, value in ends.items() if value is not None})
        case Not():
            return ~condition(node.part)
        case All():
            return reduce(and_, map(condition, node.parts), Q())
        case Any():
            return reduce(or_, map(condition, node.parts), Q(pk__in=[]))


def found(node: Node) -> ClaimQuerySet:
    """The accepted claims that a question finds, in no order."""
    return Claim.objects.accepted().filter(condition(node)).order_by()


# --- order ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class By:
    """One step of an order: what the claims go by, and whether the greatest comes first."""

    name: str
    value: Combinable
    falling: bool = False


def citations() -> Expression:
    """How often the study was cited at the last count of the service that counts most; -1 where nobody counted."""
    latest = (
        CitationCount.objects.filter(study=OuterRef(OuterRef("preparation__study")))
        .order_by("service", "-day")
        .distinct("service")
    )
    most = CitationCount.objects.filter(pk__in=latest.values("pk")).order_by().values("study").annotate(n=Max("count"))
    # Of a signed kind: else Django takes it that nothing is less than 0, and that nothing is -1.
    return Coalesce(Subquery(most.values("n")), Value(-1), output_field=BigIntegerField())


YEAR = By("year", F(f"{STUDY}year"), falling=True)
LEVEL = By("strength", F("level"))
NEWEST = By("accepted", F("accepted_at"), falling=True)
LAST = By("key", F("pk"), falling=True)


def steps(sort: str, words: str) -> tuple[By, ...]:
    """The order, down to the claim's key, so that no two claims stand level."""
    match sort:
        case "level":
            return (LEVEL, YEAR, LAST)
        case "year":
            return (YEAR, LEVEL, LAST)
        case "citations":
            return (By("citations", citations(), falling=True), YEAR, LAST)
        case "relevance" if words.strip():
            return (By("rank", rank(words), falling=True), LEVEL, NEWEST, LAST)
        case _:
            return (NEWEST, LAST)


def in_order(claims: ClaimQuerySet, order: Sequence[By], *, backwards: bool = False) -> ClaimQuerySet:
    """The claims in the order, or the other way round."""
    known = claims.alias(**{f"by_{by.name}": by.value for by in order})
    return known.order_by(*(f"{'-' if by.falling != backwards else ''}by_{by.name}" for by in order))


def beyond(claims: ClaimQuerySet, order: Sequence[By], key: int, *, backwards: bool = False) -> ClaimQuerySet:
    """Those of the claims, in order, that come after the claim with that key, or before it."""
    named = {f"by_{by.name}": by.value for by in order}
    here = Claim.objects.filter(pk=key).order_by().annotate(**named).values(*named).first()
    listed = in_order(claims, order, backwards=backwards)
    if here is None:
        return listed.none()
    further, level = Q(pk__in=[]), Q()
    for by in order:
        name = f"by_{by.name}"
        side = "lt" if by.falling != backwards else "gt"
        further |= level & Q(**{f"{name}__{side}": here[name]})
        level &= Q(**{name: here[name]})
    return listed.filter(further)
