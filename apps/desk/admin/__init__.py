"""The curators' admin: every model with search, filters, autocompletes, and its history."""

from apps.desk.admin import agreement, citations, claims, merges, people, studies, terms, vesicles

__all__ = ["agreement", "citations", "claims", "merges", "people", "studies", "terms", "vesicles"]
