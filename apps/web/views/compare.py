"""Two to four cargos, sources or diseases side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.claims.models import Aspect, Claim
from apps.finding.meaning import cargo_is
from apps.finding.questions import called
from apps.finding.suggesting import alike
from apps.finding.tallies import Account, Asks, Tally, account
from apps.terms import naming
from apps.terms.models import Synonym, Term, Vocabulary
from apps.vesicles.models import Cargo, VesicleSource
from apps.web.answers import MOST_NEAR, claims_of, search_by
from apps.web.reading import STRONGEST_FIRST, Bar, as_cards, bar

FEWEST, MOST, STRONGEST = 2, 4, 3
LONGEST = 300
KINDS = {"cargo": "cargos", "disease": "diseases", "source": "sources"}
EXAMPLES = {
    "cargo": ("miR-21", "miR-155", "GPC1"),
    "disease": ("gastric cancer", "pancreatic cancer"),
}
PARTNERS = {
    "cargo": ("disease", "source_category", "target"),
    "source": ("disease", "cargo", "target"),
    "disease": ("cargo", "source_category", "therapy"),
}


def _found(kind: str, text: str) -> QuerySet[Any]:
    """The records of the kind that the text names: by accession, CURIE, name or synonym in full."""
    if kind == "cargo":
        named = Q(accession__in=called(text)) | cargo_is(text)
        return Cargo.objects.public().filter(named).order_by("name", "accession")
    if kind == "source":
        named = Q(accession=text.upper()) | Q(name__iexact=text)
        return VesicleSource.objects.public().filter(named).order_by("name", "accession")
    key = naming.key(text)
    meant = Q(curie=text) | Q(key=key)
    meant |= Q(pk__in=Synonym.objects.filter(key=key, scope=Synonym.Scope.EXACT).values("term"))
    return Term.objects.filter(meant, vocabulary=Vocabulary.DISEASE).order_by("curie")


@dataclass(frozen=True)
class Compared:
    """One of the records, and what its claims say in numbers."""

    record: Any
    limit: Asks
    account: Account
    edges: Bar
    strongest: list[Claim]

    @property
    def counted(self) -> Asks:
        return {**self.limit, "retracted": "false"}


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("of", "")
    kind = kind if kind in KINDS else "cargo"
    texts = [text.replace("\0", " ").strip()[:LONGEST] for text in request.GET.getlist("with")[:MOST]]
    named = [text for text in texts if text]
    records = {text: _found(kind, text).first() for text in dict.fromkeys(named)}
    columns = [_compared(kind, record) for record in dict.fromkeys(filter(None, records.values()))]
    context = {
        "kinds": KINDS.items(),
        "kind": kind,
        "texts": [*texts, *[""] * (MOST - len(texts))],
        "unknown": [(text, alike(text, MOST_NEAR)) for text, record in records.items() if record is None],
        "columns": columns,
        "aspects": _by_aspect(columns),
        "enough": len(columns) >= FEWEST,
        "examples": [({"of": of, "with": list(each)}, each) for of, each in EXAMPLES.items()],
    }
    return render(request, "web/explore/compare.html", context)


def _compared(kind: str, record: Any) -> Compared:
    limit = {kind: record.curie if isinstance(record, Term) else record.accession}
    claims = claims_of(search_by(limit))
    told = account(claims, PARTNERS[kind])
    strongest = list(as_cards(claims).order_by(*STRONGEST_FIRST)[:STRONGEST])
    return Compared(record, limit, told, bar(Tally("all", {}, told.overview.edges)), strongest)


def _by_aspect(columns: list[Compared]) -> list[tuple[str, list[tuple[Asks, list[tuple[str, int]]]]]]:
    """Each aspect that any of them has; of each of them how its search is held to the aspect, and its edges."""
    tallies = [{row.asks["aspect"]: row.edge_counts for row in column.account.overview.aspects} for column in columns]
    return [
        (
            str(aspect.label),
            [
                ({**column.counted, "aspect": aspect.value}, own.get(aspect.value, []))
                for column, own in zip(columns, tallies, strict=True)
            ],
        )
        for aspect in Aspect
        if any(aspect.value in own for own in tallies)
    ]
