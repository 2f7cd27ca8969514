"""How numbers of synthesis stand on pages and in pictures."""

from __future__ import annotations

from django import template

register = template.Library()

LEAST_P = 0.001
MINUS = "\N{MINUS SIGN}"


@register.filter
def signed(value: float | None) -> str:
    """A number between −1 and +1, with its sign."""
    if value is None:
        return ""
    shown = f"{value:+.2f}"
    return "0.00" if float(shown) == 0 else shown.replace("-", MINUS)


@register.filter
def percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f} %"


@register.filter
def as_p(value: float) -> str:
    return "p < 0.001" if value < LEAST_P else f"p = {value:.3f}"


@register.filter
def along(value: float) -> str:
    """Where −1 to +1 lies on a line that is 400 long and starts at 10."""
    return f"{10 + (value + 1) * 190:.1f}"
