"""What claims say together: balances, contradictions, and their numbers pooled."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.claims.models import RATIOS
from apps.synthesis import balance as balances
from apps.synthesis import meta, proposition
from apps.synthesis.choosing import WORDS, Chosen, chosen
from apps.synthesis.models import Contradiction, ContradictionQuerySet
from apps.synthesis.questions import Question, SubjectKind
from apps.synthesis.showing import shown
from apps.terms.models import Term
from apps.vesicles.models import Cargo
from apps.web import reading
from apps.web.forest import forest, pooled_text
from apps.web.funnel import funnel, roc

PER_PAGE = 25
EXAMPLES = {"cargo": "miR-21", "disease": "gastric cancer", "therapy": "cisplatin", "source": "EXVS0000001"}
TITLES = {"source_category": "Kind of source", "aspect": "Aspect"}


@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """The balance of the claims that the address names, and all of them, the strongest first."""
    asked = chosen(request.GET.dict())
    claims = asked.claims()
    listed = reading.as_cards(claims).order_by(*reading.STRONGEST_FIRST)
    given = {choice.name: choice.given for choice in asked.choices}
    context = {
        "asked": asked,
        "balance": balances.of(claims),
        "propositions": proposition.propositions(asked) if proposition.can_be_asked(asked) else [],
        "page": Paginator(listed, PER_PAGE).get_page(request.GET.get("page")),
        "fields": [(name, {"given": given.get(name, ""), "example": example}) for name, example in EXAMPLES.items()],
        "menus": [
            (name, {"title": TITLES[name], "given": given.get(name, ""), "choices": words.choices})
            for name, words in WORDS.items()
        ],
        "address": f"?{urlencode(given)}" if given else "",
        "moved_address": _moved(asked),
    }
    return render(request, "web/synthesis/balance.html", context)


def _moved(asked: Chosen) -> str:
    """Where it is told how this balance has moved; nothing for one that is not kept."""
    records = {choice.name: choice.record for choice in asked.choices}
    cargo, disease = records.get("cargo"), records.get("disease")
    if len(records) == len(("cargo", "disease")) and isinstance(cargo, Cargo) and isinstance(disease, Term):
        return "?" + urlencode({"cargo": cargo.accession, "disease": disease.curie})
    return ""


@dataclass(frozen=True)
class Narrowing:
    """Which contradictions are wanted: on one question, on one kind of subject, or all."""

    question: str = ""
    subject: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> Narrowing:
        """Take what is known from the address and leave the rest."""
        question, subject = asked.get("question", ""), asked.get("subject", "")
        return cls(question if question in Question.values else "", subject if subject in SubjectKind.values else "")

    def of(self, contradictions: ContradictionQuerySet) -> ContradictionQuerySet:
        wanted = {"question": self.question, "subject_kind": self.subject}
        return contradictions.filter(**{name: value for name, value in wanted.items() if value})

    @property
    def query(self) -> str:
        """The query string that holds to this; a bare sign for all."""
        return "?" + urlencode({name: value for name, value in vars(self).items() if value})

    def menus(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """For each way to narrow: its title, and its values as (label, address, whether chosen)."""
        questions = [("", "any question"), *((value, str(label)) for value, label in Question.choices)]
        subjects = [("", "anything"), *((value, str(label)) for value, label in SubjectKind.choices)]
        return [
            (
                "On",
                [
                    (label.lower(), Narrowing(value, self.subject).query, value == self.question)
                    for value, label in questions
                ],
            ),
            (
                "About",
                [
                    (label.lower(), Narrowing(self.question, value).query, value == self.subject)
                    for value, label in subjects
                ],
            ),
        ]


@require_safe
def contradictions(request: HttpRequest) -> HttpResponse:
    """All contradictions, those first whose weaker side is strong and whose settings are alike."""
    wanted = Narrowing.read(request.GET)
    found = wanted.of(Contradiction.objects.with_standing().with_sides()).ranked()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "web/synthesis/contradictions.html", {"page": page, "wanted": wanted})


@require_safe
def contradiction(request: HttpRequest, slug: str) -> HttpResponse:
    """Both sides beside each other, and what differs."""
    found = Contradiction.objects.with_standing().select_related("cargo").filter(slug=slug.replace("\0", "")).first()
    if found is None:
        raise Http404
    return render(request, "web/synthesis/contradiction.html", {"contradiction": found, "shown": shown(found)})


@require_safe
def meta_analyses(request: HttpRequest) -> HttpResponse:
    """Every question that claims have numbers on; those with most studies first."""
    found = meta.analyses()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    pooled = sum(1 for each in found if each.pooled or each.accuracy)
    return render(request, "web/synthesis/meta_analyses.html", {"page": page, "pooled": pooled})


@require_safe
def meta_analysis(request: HttpRequest, slug: str) -> HttpResponse:
    """The numbers on one question: what they come to, and what is not pooled and why."""
    found = None if "\0" in slug else meta.analysis(slug)
    if found is None:
        raise Http404
    measure = found.question.measure
    context = {
        "analysis": found,
        "forest": forest(found),
        "funnel": funnel(found),
        "roc": roc(found),
        "is_ratio": measure in RATIOS,
        "without": [(left.number.study, pooled_text(pooled, measure)) for left, pooled in found.without],
    }
    return render(request, "web/synthesis/meta_analysis.html", context)
