"""The curators' guide in the desk, so that each form can link to its section."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from apps.desk.entry.access import Person, at_the_desk

GUIDE = Path(settings.BASE_DIR) / "docs" / "curation.md"
# The repository's own pages and pictures; in the desk there are only those that are served.
ELSEWHERE = re.compile(r"^(?!https?://|/|#|mailto:)")


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it too."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


@cache
def _rendered(_changed: float) -> SafeString:
    """The guide as HTML: what is written as HTML in it is shown, not run."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(GUIDE.read_text(encoding="utf-8"))
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(tokens[at + 1].content))
        for child in token.children or []:
            _mend(child)
    return mark_safe(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S308 - markdown-it escapes all text


def _mend(token: Token) -> None:
    """Pictures come from the static files; a link to another page of the documentation becomes its name."""
    if token.type == "image":
        name = str(token.attrGet("src") or "").rpartition("/")[2]
        token.attrSet("src", static(f"desk/guide/{name}"))
    if token.type == "link_open" and ELSEWHERE.match(str(token.attrGet("href") or "")):
        token.attrs = {"class": "elsewhere"}


def html() -> SafeString:
    return _rendered(GUIDE.stat().st_mtime)


@at_the_desk
def guide(request: Person) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": "Guide for curators", "guide": html()}
    return TemplateResponse(request, "desk/entry/guide.html", {**context, "is_nav_sidebar_enabled": False})


@at_the_desk
def signed_in(request: Person) -> HttpResponse:
    """Where a sign-in in a second tab ends: the work waits in the first."""
    context = {**admin.site.each_context(request), "title": "You are signed in", "is_nav_sidebar_enabled": False}
    return TemplateResponse(request, "desk/entry/signed_in.html", context)
