"""The addresses of the pages."""

from django.urls import path, register_converter
from django.views.decorators.http import conditional_page, require_safe

from apps.records.models import ACCESSION
from apps.web.feeds import NoticeFeed, SearchFeed
from apps.web.moves import MoveFeed
from apps.web.views import (
    browse,
    changes,
    claims,
    compare,
    downloads,
    explore,
    gaps,
    notices,
    operations,
    pages,
    records,
    search,
    strength,
    synthesis,
    turning,
)


class AccessionConverter:
    """An accession in any case; the views lead lower case to the canonical address."""

    regex = r"[Ee][Xx][A-Za-z]{2}[0-9]{7}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        if not ACCESSION.fullmatch(value):
            raise ValueError(value)
        return value


register_converter(AccessionConverter, "accession")

urlpatterns = [
    path("", pages.home, name="home"),
    path("search/", search.search, name="search"),
    path("search/download/", downloads.download, name="search-download"),
    path("search/feed/", require_safe(conditional_page(SearchFeed())), name="search-feed"),
    path("explore/", explore.explore, name="explore"),
    path("explore/map/", explore.gap_map, name="map"),
    path("explore/network/", explore.claim_network, name="network"),
    path("explore/timeline/", explore.claim_timeline, name="timeline"),
    path("explore/compare/", compare.compare, name="compare"),
    path("explore/<slug:slug>/", explore.question, name="question"),
    path("claims/<accession:accession>/", claims.claim, name="claim-detail"),
    path("claims/<accession:accession>/history/", claims.history, name="claim-history"),
    path("studies/", browse.studies, name="studies"),
    path("studies/<accession:accession>/", records.study, name="study-detail"),
    path("sources/", browse.sources, name="sources"),
    path("sources/<accession:accession>/", records.source, name="source-detail"),
    path("preparations/<accession:accession>/", records.preparation, name="preparation-detail"),
    path("cargos/", browse.cargos, name="cargos"),
    path("cargos/<accession:accession>/", records.cargo, name="cargo-detail"),
    path("terms/", browse.terms, name="terms"),
    path("terms/<path:curie>/", records.term, name="term-detail"),
    path("notices/", notices.notices, name="notices"),
    path("notices/feed/", require_safe(conditional_page(NoticeFeed())), name="notices-feed"),
    path("services/", notices.services, name="services"),
    path("synthesis/balance/", synthesis.balance, name="balance"),
    path("synthesis/changes/", changes.changes, name="changes"),
    path("synthesis/changes/feed/", require_safe(conditional_page(MoveFeed())), name="changes-feed"),
    path("synthesis/turning/", turning.turns, name="turning"),
    path("synthesis/gaps/", gaps.unknown, name="gaps"),
    path("synthesis/strength/", strength.strength, name="strength"),
    path("synthesis/contradictions/", synthesis.contradictions, name="contradictions"),
    path("synthesis/contradictions/<str:slug>/", synthesis.contradiction, name="contradiction"),
    path("synthesis/meta-analysis/", synthesis.meta_analyses, name="meta-analyses"),
    path("synthesis/meta-analysis/<str:slug>/", synthesis.meta_analysis, name="meta-analysis"),
    path("about/", pages.about, name="about"),
    path("methods/", pages.methods, name="methods"),
    path("help/search/", pages.help_search, name="help-search"),
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
    path("metrics", operations.metrics, name="metrics"),
    path("robots.txt", operations.robots, name="robots"),
    path("favicon.ico", operations.favicon, name="favicon"),
    path("<accession:accession>", records.by_accession, name="accession"),
]
