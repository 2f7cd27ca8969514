"""Atom feeds: the notices, dated anew whenever there is news of one, and the claims that a search finds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any, override

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from apps.citations.services import name_of
from apps.claims.models import Claim
from apps.finding.answering import answer
from apps.finding.asking import Search
from apps.studies.models import Notice
from apps.web import reading
from apps.web.views.notices import Narrowing

ENTRIES = 50
# Signs that no XML can hold.
UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def readable(text: str) -> str:
    return UNFIT.sub(" ", text)


class SearchFeed(Feed):
    """The newest claims that a search finds, whatever its order."""

    feed_type = Atom1Feed
    subtitle = "Claims on extracellular vesicles in cancer and regeneration, as they are accepted."
    author_name = "ExoDB"

    @override
    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Search:
        return Search.read(request.GET).sorted_by("newest")

    def title(self, asked: Search) -> str:
        wanted = ", ".join(readable(value) for _, value in asked.parameters)
        return f"ExoDB: {wanted}" if wanted else "ExoDB: all claims"

    def link(self, asked: Search) -> str:
        return reverse("search") + asked.address()

    def feed_url(self, asked: Search) -> str:
        return reverse("search-feed") + asked.address()

    @override
    def items(self, asked: Search) -> list[Claim]:
        keys = answer(asked).page(ENTRIES).keys
        found = reading.as_cards(Claim.objects.filter(pk__in=keys)).in_bulk()
        return [found[key] for key in keys if key in found]

    @override
    def item_title(self, item: Claim) -> str:
        return readable(f"{str(item.get_edge_display()).capitalize()}: {item.statement}")

    @override
    def item_description(self, item: Claim) -> str:
        study = item.preparation.study
        standing = f" The study now stands as: {study.get_status_display()}."
        said = f"{item.accession}, level {item.level}, {item.disease}. {study}, {study.journal}.{standing}"
        return escape(readable(said))

    @override
    def item_link(self, item: Claim) -> str:
        return item.get_absolute_url()

    def item_guid(self, item: Claim) -> str:
        """Another for each version: a revision is news."""
        return f"urn:exodb:{item.accession}:{item.version}"

    def item_pubdate(self, item: Claim) -> datetime | None:
        return item.accepted_at

    def item_updateddate(self, item: Claim) -> datetime | None:
        return item.accepted_at

    def item_categories(self, item: Claim) -> tuple[str, ...]:
        return (item.aspect, item.edge)


class NoticeFeed(Feed):
    """The notices with the latest news; narrowed as the page of notices is."""

    feed_type = Atom1Feed
    title = "ExoDB: notices on studies"
    subtitle = "Retractions, corrections and concerns on studies that ExoDB rests on, and what became of them."
    author_name = "ExoDB"

    @override
    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Narrowing:
        return Narrowing.read(request.GET)

    def link(self, wanted: Narrowing) -> str:
        return reverse("notices") + wanted.query

    def feed_url(self, wanted: Narrowing) -> str:
        return reverse("notices-feed") + wanted.query

    @override
    def items(self, wanted: Narrowing) -> QuerySet[Notice]:
        newest = Notice.objects.public().select_related("study").order_by("-changed_at", "-pk")
        return wanted.of(newest)[:ENTRIES]

    @override
    def item_title(self, item: Notice) -> str:
        study = f"{item.study}, {item.study.accession}"
        wrong = " (ruled wrong)" if item.overruled_at else ""
        return readable(f"{str(item.get_nature_display()).capitalize()}{wrong}: {study}")

    @override
    def item_description(self, item: Notice) -> str:
        """What the notice says, and what became of it, in sentences; a summary is HTML."""
        dated = f" of {item.dated}" if item.dated else ""
        said = [f"“{item.study.title}” ({item.study.journal}, {item.study.year})."]
        said.append(
            f"{str(item.get_nature_display()).capitalize()}{dated}, reported by {name_of(item.service)}, "
            f"first seen on {item.first_seen}."
        )
        if item.reason:
            said.append(f"Reason: {item.reason.rstrip('.')}.")
        if item.vanished_on:
            said.append(f"Since {item.vanished_on} {name_of(item.service)} no longer shows it.")
        if item.overruled_at:
            said.append(
                f"An editor ruled it wrong on {item.overruled_at:%Y-%m-%d}: {item.overruled_reason.rstrip('.')}."
            )
        said.append(f"The study now stands as: {item.study.get_status_display()}.")
        return escape(readable(" ".join(said)))

    @override
    def item_link(self, item: Notice) -> str:
        return item.get_absolute_url()

    def item_guid(self, item: Notice) -> str:
        """The same for the same notice, at every address and in every installation."""
        return item.urn

    def item_pubdate(self, item: Notice) -> datetime:
        return datetime.combine(item.first_seen, time(), UTC)

    def item_updateddate(self, item: Notice) -> datetime:
        return item.changed_at

    def item_categories(self, item: Notice) -> tuple[str, ...]:
        return (item.nature, item.service)
