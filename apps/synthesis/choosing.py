"""A set of claims named by records: this cargo, that disease, from this kind of source.

Several at once are joined by *and*. The names are those of the API's filters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model, Q

from apps.claims.models import Aspect, Claim, ClaimQuerySet, ClaimTherapy
from apps.records.models import ACCESSION
from apps.terms import naming
from apps.terms.models import Name, NameKind, Synonym, Term, Vocabulary
from apps.terms.table import is_curie
from apps.vesicles.cargos import cargo_key
from apps.vesicles.models import Cargo, CargoSynonym, CargoXref, SourceCategory, VesicleSource

LONGEST = 300
WORDS = {"source_category": SourceCategory, "aspect": Aspect}
VOCABULARIES = {"disease": Vocabulary.DISEASE, "therapy": Vocabulary.THERAPY, "tissue": Vocabulary.TISSUE}
NAMES = ("cargo", "disease", "therapy", "tissue", "source", "source_category", "aspect")


@dataclass(frozen=True)
class Choice:
    """One thing that the set is held to: how it was named, and what that means; nothing, where it is not known."""

    name: str
    given: str
    record: Model | None = None
    label: str = ""

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class Chosen:
    """What a set of claims is held to."""

    choices: tuple[Choice, ...]

    @property
    def unknown(self) -> list[Choice]:
        return [choice for choice in self.choices if not choice.label]

    @property
    def title(self) -> str:
        return ", ".join(choice.label for choice in self.choices) or "all claims"

    def claims(self) -> ClaimQuerySet:
        """The accepted claims that are meant; none where a name is not known."""
        claims = Claim.objects.accepted()
        if self.unknown:
            return claims.none()
        for choice in self.choices:
            claims = claims.filter(_where(choice))
        return claims


def chosen(asked: Mapping[str, str]) -> Chosen:
    """Read what was asked, by the names in `NAMES`; others are no business of ours."""
    given = {name: asked.get(name, "").replace("\0", "").strip()[:LONGEST] for name in NAMES}
    return Chosen(tuple(_meant(name, value) for name, value in given.items() if value))


def _meant(name: str, value: str) -> Choice:
    if name in WORDS:
        return Choice(name, value, label=str(dict(WORDS[name].choices).get(value, "")))
    found: Model | None
    if name == "cargo":
        found = Cargo.objects.public().filter(_cargo(value)).order_by("kind", "pk").first()
    elif name == "source":
        found = VesicleSource.objects.public().filter(accession=value.upper()).first()
    else:
        found = Term.objects.filter(_term(value), vocabulary=VOCABULARIES[name]).order_by("obsolete", "pk").first()
    return Choice(name, value, found, "" if found is None else getattr(found, "label", str(found)))


def _cargo(value: str) -> Q:
    if ACCESSION.fullmatch(value.upper()):
        return Q(accession=value.upper())
    if is_curie(value):
        return Q(pk__in=CargoXref.objects.filter(curie=value).values("cargo"))
    return Q(key=cargo_key(value)) | Q(pk__in=CargoSynonym.objects.filter(text__iexact=value).values("cargo"))


def _term(value: str) -> Q:
    if is_curie(value):
        return Q(curie=value) | Q(alternative_ids__curie=value)
    key = naming.key(value)
    return Q(key=key) | Q(pk__in=Synonym.objects.filter(key=key, scope=Synonym.Scope.EXACT).values("term"))


# Where a claim holds what a choice names: the path to a record or word, or to a name that means a term.
PATHS = {
    "cargo": "cargo",
    "source": "preparation__source",
    "source_category": "preparation__source__category",
    "aspect": "aspect",
    "disease": "disease",
    "tissue": "preparation__source__tissue",
}


def _where(choice: Choice) -> Q:
    if choice.name in WORDS:
        return Q(**{PATHS[choice.name]: choice.given})
    if not isinstance(choice.record, Term):
        return Q(**{PATHS[choice.name]: choice.record})
    names = Name.objects.filter(kind=choice.name, terms__lineage__ancestor=choice.record).order_by().values("pk")
    if choice.name == NameKind.THERAPY:
        return Q(pk__in=ClaimTherapy.objects.filter(name__in=names).values("claim"))
    # By their keys, which are few: the planner reorders only so many tables, and these would be four more.
    return Q(**{f"{PATHS[choice.name]}__in": list(names.values_list("pk", flat=True))})
