"""The addresses below /admin/review/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from apps.desk.review import compare, interests, lists, queue, screen

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]


def urls(wrap: Wrap) -> list[URLPattern]:
    """The addresses, each behind the desk's own door."""
    version = "review/<str:accession>/<int:version>/"
    pages: list[tuple[str, Callable[..., Any], str]] = [
        ("review/", queue.queue, "review"),
        ("review/next/", queue.following, "review_next"),
        ("review/mine/", lists.mine, "review_mine"),
        ("review/unread/", lists.unread, "review_unread"),
        ("review/due/", lists.due, "review_due"),
        ("review/alike/", lists.alike, "review_alike"),
        ("review/numbers/", lists.numbers, "review_numbers"),
        ("review/interests/", interests.state, "review_interests"),
        ("review/<str:accession>/", screen.latest, "review_claim"),
        ("review/<str:accession>/compare/", compare.compare, "review_compare"),
        (version, screen.screen, "review_version"),
        (f"{version}act/<str:act>/", screen.act, "review_act"),
        (f"{version}comment/", screen.comment, "review_comment"),
        (f"{version}assign/", screen.assign, "review_assign"),
    ]
    return [path(address, wrap(view), name=name) for address, view, name in pages]
