"""How two versions of a claim are shown side by side, in public and at the desk."""

from __future__ import annotations

from django import template

from apps.claims.comparing import Piece

register = template.Library()


@register.inclusion_tag("web/parts/side.html")
def side(pieces: list[Piece], is_list: bool) -> dict[str, object]:  # noqa: FBT001 - a tag's own argument
    """One side of a field, with what is only there marked."""
    return {"pieces": pieces, "is_list": is_list}
