"""The addresses of entry, below the desk's own; they are named `admin:entry-…`."""

from __future__ import annotations

from django.urls import URLPattern, path

from apps.desk.entry import guide, scripts, views

STUDY = "entry/<str:accession>/"
# "entry-discard" is of input that was left in a form.
NAMES = {"discard": "entry-discard-draft"}
CLAIM = f"{STUDY}claims/<str:claim>/<int:version>/"


def addresses() -> list[URLPattern]:
    return [
        path("entry/", views.start, name="entry"),
        path("entry/add/", views.add_study, name="entry-study-add"),
        path("entry/suggest/", scripts.suggestions, name="entry-suggest"),
        path("entry/level/", scripts.level, name="entry-level"),
        path("entry/alive/", scripts.alive, name="entry-alive"),
        path("entry/autosave/", scripts.autosave, name="entry-autosave"),
        path("entry/discard/", scripts.discard, name="entry-discard"),
        path("entry/signed-in/", guide.signed_in, name="entry-signed-in"),
        path(STUDY, views.study, name="entry-study"),
        path(f"{STUDY}facts/", views.study_facts, name="entry-facts"),
        path(f"{STUDY}preparations/add/", views.preparation, name="entry-preparation-add"),
        path(f"{STUDY}preparations/<str:made>/", views.preparation, name="entry-preparation"),
        path(f"{STUDY}claims/add/", views.claim, name="entry-claim-add"),
        path(CLAIM, views.claim, name="entry-claim"),
        *(
            path(f"{CLAIM}{act.replace('_', '-')}/", views.act, {"act": act}, name=NAMES.get(act, f"entry-{act}"))
            for act in views.ACTS
        ),
        path("guide/", guide.guide, name="guide"),
    ]
