"""The names of accepted evidence, for suggestions and for reading what is typed. Derived: see `names`."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

LONGEST_KEY = 100


class KnownName(models.Model):
    """Something that claims can be found by: a field of the search and its value, with the claims that it finds."""

    field = models.CharField(max_length=20)
    value = models.CharField(max_length=80)
    label = models.CharField(max_length=500)
    claims = models.PositiveIntegerField()
    texts = models.TextField(help_text="all that it goes by, a line each, the label first")

    class Meta:
        constraints = [models.UniqueConstraint(name="known_name_once", fields=["field", "value"])]

    def __str__(self) -> str:
        return f"{self.field}: {self.label}"


class NameKey(models.Model):
    """A name that it goes by, as names are looked up; also from each later word of the name on."""

    name = models.ForeignKey(KnownName, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=LONGEST_KEY)
    text = models.CharField(max_length=500)
    whole = models.BooleanField(help_text="whether the key is that of the whole name")
    claims = models.PositiveIntegerField(db_default=0, help_text="as of the name, for beginnings that very many share")

    class Meta:
        constraints = [models.UniqueConstraint(name="name_key_once", fields=["name", "key"])]
        indexes = [
            # The database sorts by code points, so that this index also serves beginnings.
            models.Index(name="name_key_by_key", fields=["key"]),
            models.Index(name="name_key_by_claims", fields=["-claims", "key"]),
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="name_key_by_likeness"),
        ]

    def __str__(self) -> str:
        return self.text
