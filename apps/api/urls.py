"""The addresses of the API. Whatever is not here is answered by a problem document."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView
from rest_framework.routers import SimpleRouter

from apps.api import about, changes, decisions, gaps, lookups, strength, synthesis, turning, views
from apps.api.writing import comments, drafts

app_name = "api"

router = SimpleRouter()
router.register("claims", views.Claims, "claim")
router.register("studies", views.Studies, "study")
router.register("studies/(?P<accession>[^/]+)/citations", views.Citations, "citation")
router.register("notices", views.Notices, "notice")
router.register("sources", views.Sources, "source")
router.register("preparations", views.Preparations, "preparation")
router.register("cargos", views.Cargos, "cargo")
router.register("terms", views.Terms, "term")
router.register("contradictions", synthesis.Contradictions, "contradiction")
router.register("changes", changes.Changes, "change")
router.register("releases", views.Releases, "release")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="api:docs")),
    path("docs/", about.docs, name="docs"),
    path("v1/", about.Root.as_view(), name="root"),
    path("v1/", include(router.urls)),
    path("v1/claims/<str:accession>/decisions/", decisions.Decisions.as_view(), name="decisions"),
    path("v1/claims/<str:accession>/comments/", comments.Comments.as_view(), name="comments"),
    path("v1/drafts/", drafts.Drafts.as_view(), name="drafts"),
    path("v1/drafts/<str:accession>/<int:version>/", drafts.Draft.as_view(), name="draft"),
    path("v1/drafts/<str:accession>/<int:version>/submission/", drafts.Submission.as_view(), name="submission"),
    path("v1/balance/", synthesis.Balance.as_view(), name="balance"),
    path("v1/turning/", turning.Turning.as_view(), name="turning"),
    path("v1/gaps/", gaps.Gaps.as_view(), name="gaps"),
    path("v1/propositions/", strength.Propositions.as_view(), name="propositions"),
    path("v1/meta-analysis/", synthesis.MetaAnalyses.as_view(), name="meta-analyses"),
    path("v1/meta-analysis/<str:slug>/", synthesis.MetaAnalysis.as_view(), name="meta-analysis"),
    path("v1/lookup/", lookups.Lookup.as_view(), name="lookup"),
    path("v1/stats/", about.Stats.as_view(), name="stats"),
    path("v1/suggest/", about.Suggest.as_view(), name="suggest"),
    path("v1/openapi.json", about.OpenApi.as_view(), name="openapi"),
    re_path(r"^(?P<rest>.*)$", about.anything_else),
]
