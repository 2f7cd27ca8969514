"""How a review is worded: what people wrote, as plain text with links that can be trusted no further than the web."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from apps.curation.discussion import MENTION

register = template.Library()

# An address ends before the stop or bracket that belongs to the sentence around it.
_PART = re.compile(
    rf"(?P<link>https?://[^\s<>\"']*[\w/#=&%-])|(?P<claim>\bEXCL[0-9]{{7}}\b)|(?P<person>{MENTION.pattern})"
)


@register.filter
def linked(text: str) -> SafeString:
    """Text without any markup of its own; addresses of the web and claims become links, people stand out."""
    return mark_safe("".join(_parts(text)))  # noqa: S308 - every part was escaped


def _parts(text: str) -> Iterator[str]:
    done = 0
    for found in _PART.finditer(text):
        yield format_html("{}", text[done : found.start()])
        yield _marked(found)
        done = found.end()
    yield format_html("{}", text[done:])


def _marked(found: re.Match[str]) -> str:
    whole = found[0]
    if found["link"]:
        return format_html('<a href="{}" rel="nofollow noopener">{}</a>', whole, whole)
    if found["claim"]:
        return format_html('<a href="{}">{}</a>', reverse("admin:review_claim", args=[whole]), whole)
    return format_html('<strong class="mention">{}</strong>', whole)
