"""How evidence is worded on pages: levels, edges, numbers, names and standing explained alike everywhere."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from apps.citations.services import name_of
from apps.claims.models import Edge, Level, Measure, Model
from apps.studies.models import Depth, Study
from apps.terms.models import Name
from apps.vesicles.models import Characterisation, Isolation, Preparation

register = template.Library()

EDGE_MEANING = {
    Edge.HARM: "For the patient the edge that cuts: it feeds the disease, or weakens a treatment.",
    Edge.BENEFIT: "For the patient the edge that heals: it works against the disease, repairs, or helps to find "
    "or treat it.",
    Edge.MIXED: "The study shows both edges.",
    Edge.NEUTRAL: "Neither edge: no harm and no benefit follows from it.",
}
LEVEL_MEANING = {
    Level.A: "in clinical use: approved, or in a guideline",
    Level.B: "a clinical trial, a meta-analysis of patients, or a patient cohort with an independent validation cohort",
    Level.C: "patient samples, one cohort",
    Level.D: "animal, or ex vivo human tissue",
    Level.E: "cells in culture only",
}
DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
PMID = re.compile(r"[1-9][0-9]{0,8}")
BIOREGISTRY = "https://bioregistry.io/"
# Where publications are at home: libraries, registries and publishers. A page that a curator noted elsewhere (a mirror,
# a proxy, a list of somebody's) is printed, not linked: nobody knows what it shows tomorrow.
PUBLISHERS = (
    *("nih.gov", "europepmc.org", "doi.org", "clinicaltrials.gov", "identifiers.org", "biorxiv.org", "medrxiv.org"),
    *("nature.com", "biomedcentral.com", "springer.com", "springermedizin.de", "sciencedirect.com", "cell.com"),
    *("wiley.com", "frontiersin.org", "mdpi.com", "plos.org", "elifesciences.org", "hindawi.com", "bmj.com"),
    *("aacrjournals.org", "jci.org", "oncotarget.com", "aging-us.com", "thno.org", "jcancer.org", "ijbs.com"),
    *("dovepress.com", "spandidos-publications.com", "wjgnet.com", "iiarjournals.org", "excli.de", "oup.com"),
)
IDENTIFIERS = {
    "pmid": ("PMID", "https://pubmed.ncbi.nlm.nih.gov/{}/"),
    "pmcid": ("PMCID", "https://pmc.ncbi.nlm.nih.gov/articles/{}/"),
    "doi": ("DOI", "https://doi.org/{}"),
    "nct": ("NCT", "https://clinicaltrials.gov/study/{}"),
}


@register.filter
def worded(label: str) -> str:
    """A label as it stands in running text: `Animal` becomes small, `DNA`, `miRNA` and `C: patient samples` stay."""
    return label.lower() if label[:1].isupper() and label[1:].isalpha() and label[1:].islower() else label


@register.filter
def edge_meaning(edge: str) -> str:
    return EDGE_MEANING[Edge(edge)]


@register.filter
def level_meaning(level: str) -> str:
    return LEVEL_MEANING[Level(level)]


@register.filter
def number(value: float | None) -> str:
    """A number as the study gives it, without the zeros of a float; empty where it gives none."""
    return "" if value is None else f"{value:.12g}".replace("-", "\N{MINUS SIGN}")


@register.filter
def grouped(value: int) -> str:
    """A whole number in thousands: 1,234."""
    return f"{value:,}"


@register.filter
def interval(measure: Measure) -> str:
    """The interval from its low to its high end; an end that is not given stays open."""
    if measure.ci_low is None and measure.ci_high is None:
        return ""
    return f"{number(measure.ci_low) or '…'} to {number(measure.ci_high) or '…'}"


@register.filter
def p_value(measure: Measure) -> str:
    return "" if measure.p is None else f"{measure.get_p_relation_display()} {number(measure.p)}"


@register.filter
def models_shown(values: list[str]) -> str:
    return ", ".join(worded(str(Model(value).label)) for value in values)


@register.filter
def methods(values: list[str] | None) -> str:
    """The methods by name; a study of which nobody has noted them has *not curated*, never none."""
    labels = {**dict(Isolation.choices), **dict(Characterisation.choices)}
    return (
        "not curated"
        if values is None
        else ", ".join(worded(str(labels[value])) for value in values) or "none reported"
    )


@register.filter
def listed(values: list[str] | None) -> str:
    return "not curated" if values is None else ", ".join(values) or "none reported"


@register.filter
def noted(study: Study) -> str:
    """What to say after *none* or *not* where an entry is missing: an abstract leaves out what the full text gives."""
    return "noted (only the abstract was read)" if study.depth == Depth.ABSTRACT else "noted"


@register.filter
def bioregistry(curie: str) -> str:
    """The resolver's address for a CURIE."""
    return BIOREGISTRY + curie


@register.filter
def is_link(address: str) -> bool:
    """Whether a page that a curator noted is linked: one of a library or publisher, not of a mirror or proxy."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    known = any(host == home or host.endswith(f".{home}") for home in PUBLISHERS)
    return known and port is None and parts.scheme in ("https", "http")


@register.filter
def notice_link(identifier: str) -> str:
    """The address of a notice by its DOI or PMID; empty where it is neither."""
    if DOI.fullmatch(identifier):
        return IDENTIFIERS["doi"][1].format(identifier)
    return IDENTIFIERS["pmid"][1].format(identifier) if PMID.fullmatch(identifier) else ""


@register.filter
def service_name(service: str) -> str:
    """Who reports it, by name."""
    return name_of(service)


@register.filter
def identifier_links(study: Study) -> list[tuple[str, str, str]]:
    """Each identifier as (what it is, its value, its address)."""
    return [
        (IDENTIFIERS[name][0], value, IDENTIFIERS[name][1].format(value)) for name, value in study.identifiers.items()
    ]


@register.filter
def score(preparation: Preparation) -> str:
    """The reporting score with the number of items that it is over."""
    share = preparation.reporting_score
    if share is None:
        return "not curated"
    return f"{round(100 * share)} % ({preparation.metric_reported} of {preparation.metric_curated} items curated)"


@register.inclusion_tag("web/parts/name.html")
def name(written: Name | None, absent: str = "not stated or not curated") -> dict[str, Any]:
    """A name as the study wrote it, linked to the terms that it means, or marked as only written so."""
    return {"name": written, "absent": absent}


@register.inclusion_tag("web/parts/edge.html")
def edge(value: str) -> dict[str, str]:
    """An edge by shape and word."""
    return {"edge": value, "label": str(Edge(value).label)}


def edge_mark(value: str) -> SafeString:
    """The same where no template is at work."""
    return render_to_string("web/parts/edge.html", edge(value))


@register.inclusion_tag("web/parts/level.html")
def level(value: str) -> dict[str, str]:
    return {"level": value, "meaning": LEVEL_MEANING[Level(value)]}


@register.simple_tag(takes_context=True)
def page_address(context: dict[str, Any], page: int) -> str:
    """This address at another page."""
    query: QueryDict = context["request"].GET.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"
