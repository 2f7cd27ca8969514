"""What moved, as page and feed tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, override
from urllib.parse import urlencode

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from apps.synthesis.models import Move
from apps.web.feeds import ENTRIES, readable
from apps.web.templatetags.synthesis import signed

LONGEST = 80


@dataclass(frozen=True)
class Wanted:
    """Which moves are wanted: of what, of which cargo and disease, and as of which day."""

    of: str = ""
    cargo: str = ""
    disease: str = ""
    as_of: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> Wanted:
        given = {name: asked.get(name, "").replace("\0", "")[:LONGEST] for name in ("of", "cargo", "disease", "as_of")}
        return cls(**{**given, "of": given["of"] if given["of"] in Move.Of.values else ""})

    @property
    def day(self) -> date | None:
        """The day, where one is asked for that there is."""
        try:
            found = date.fromisoformat(self.as_of)
        except ValueError:
            return None
        return found if 1 < found.year < date.max.year else None

    @property
    def unfit(self) -> bool:
        return bool(self.as_of) and self.day is None

    def moves(self) -> QuerySet[Move]:
        named = {"of": self.of, "cargo": self.cargo, "curie": self.disease}
        found = Move.objects.newest().filter(**{name: value for name, value in named.items() if value})
        if self.unfit:
            return found.none()
        return found.until(self.day) if self.day else found

    @property
    def query(self) -> str:
        """The query string that holds to this; a bare sign for all."""
        return "?" + urlencode({name: value for name, value in vars(self).items() if value})

    def menu(self) -> list[tuple[str, str, bool]]:
        """Of what: (label, address, whether chosen)."""
        kinds = [("", "anything"), *((str(value), f"{label.lower()}s") for value, label in Move.Of.choices)]
        return [
            (label, Wanted(value, self.cargo, self.disease, self.as_of).query, value == self.of)
            for value, label in kinds
        ]


def in_words(move: Move) -> str:
    """What became of it, to stand behind its name."""
    number = signed if move.of == Move.Of.BALANCE else _weight
    if move.before is None:
        return f"appeared at {number(move.after)}"
    if move.after is None:
        return "is gone: no claim is left" if move.of == Move.Of.BALANCE else "is gone"
    if move.before == move.after:
        return f"stayed at {number(move.after)}, with {move.count_after} claims instead of {move.count_before}"
    return f"moved from {number(move.before)} to {number(move.after)}"


def _weight(strength: float | None) -> str:
    return f"strength {strength:.0f}"


class MoveFeed(Feed):
    """What moved last; narrowed as the page is."""

    feed_type = Atom1Feed
    title = "ExoDB: what moved"
    subtitle = "Balances and contradictions that became others, and the claims that it came by."
    author_name = "ExoDB"

    @override
    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Wanted:
        return Wanted.read(request.GET)

    def link(self, wanted: Wanted) -> str:
        return reverse("changes") + wanted.query

    def feed_url(self, wanted: Wanted) -> str:
        return reverse("changes-feed") + wanted.query

    @override
    def items(self, wanted: Wanted) -> QuerySet[Move]:
        return wanted.moves()[:ENTRIES]

    @override
    def item_title(self, item: Move) -> str:
        return readable(f"{item} {in_words(item)}")

    @override
    def item_description(self, item: Move) -> str:
        said = "; ".join(item.because) or "Everything was derived anew"
        more = f"; and {item.more} more" if item.more else ""
        return escape(readable(f"{said}{more}. Claims before: {item.count_before}, after: {item.count_after}."))

    @override
    def item_link(self, item: Move) -> str:
        return item.get_absolute_url()

    def item_guid(self, item: Move) -> str:
        return f"urn:exodb:move:{item.pk}"

    def item_pubdate(self, item: Move) -> datetime:
        return item.at

    def item_updateddate(self, item: Move) -> datetime:
        return item.at

    def item_categories(self, item: Move) -> tuple[str, ...]:
        return (item.of,)
