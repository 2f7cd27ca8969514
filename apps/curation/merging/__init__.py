"""Merging duplicates: what would move, the merge itself, and undoing it."""

from apps.curation.merging.acts import LEAST, hindrances, merge, proposed, undo
from apps.curation.merging.plans import Plan

__all__ = ["LEAST", "Plan", "hindrances", "merge", "proposed", "undo"]
