"""The curators' admin: every model with search, filters, autocompletes, and its history."""

from apps.desk.admin import claims, people, studies, terms, vesicles

__all__ = ["claims", "people", "studies", "terms", "vesicles"]
