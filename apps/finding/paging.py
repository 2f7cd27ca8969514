"""A page of an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """Keys of claims in order, and whether there are more before and behind them."""

    keys: list[int]
    before: bool = False
    behind: bool = False
