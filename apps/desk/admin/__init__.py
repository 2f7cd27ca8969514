"""The curators' admin: every model with search, filters, autocompletes, and its history."""

from apps.desk.admin import citations, claims, merges, people, studies, terms, vesicles

__all__ = ["citations", "claims", "merges", "people", "studies", "terms", "vesicles"]
