"""What the index holds of a claim: its fields, and how each is kept."""

from __future__ import annotations

from typing import Any

import tantivy

# Another layout, or other meanings: indexes made before are made anew.
VERSION = 1
WORDS = "lexemes"

# Facets of which a claim has one value at most, and those of which it has several.
SINGLE = (
    *("aspect", "edge", "effect", "level", "cargo", "cargo_kind", "source_category", "engineered", "reporting"),
    *("year", "status", "has_measures"),
)
LISTED = ("model", "isolation")
# Facets of terms, as CURIEs: those that a claim's own names mean, and apart from them those above that some name means.
TREES = ("disease", "species", "therapy", "target")
# What a claim is found by, and nothing is counted: the accessions of its records.
RECORDS = ("source", "preparation", "study")
# Names by their keys: that of its disease, and all that it or its source writes in any role.
NAMES = ("disease_name", "names")
# Numbers by which results are ordered, the greatest first; each holds the claim's key at its end, so none are alike.
ORDERS = {"level": "by_level", "year": "by_year", "citations": "by_citations"}


def above(tree: str) -> str:
    """The terms above those that a claim's own names mean."""
    return f"{tree}_above"


# A column of one value in each claim is counted in a fifth of the time that a column of lists takes. So the first
# values have columns of their own; those that few claims have share one.
MANY = (*LISTED, *TREES, *map(above, TREES))
COLUMNS = {name: (name, f"{name}_2", f"{name}_3", f"{name}_4", f"{name}_more") for name in MANY} | {
    name: (name,) for name in SINGLE
}


def schema() -> Any:
    building = tantivy.SchemaBuilder()
    building.add_unsigned_field("claim", indexed=True, fast=True)
    building.add_integer_field("accepted", indexed=True, fast=True)
    building.add_integer_field("published", indexed=True, fast=True)
    for name in ORDERS.values():
        building.add_unsigned_field(name, indexed=True, fast=True)
    building.add_text_field("words", tokenizer_name=WORDS, index_option="position")
    building.add_text_field("about", tokenizer_name=WORDS, index_option="freq")
    for name in (column for columns in COLUMNS.values() for column in columns):
        building.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in RECORDS:
        building.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in NAMES:
        building.add_unsigned_field(name, indexed=True)
    return building.build()


def opened(path: str, *, new: bool = False) -> Any:
    """The index in a folder."""
    index = tantivy.Index(schema(), path, reuse=False) if new else tantivy.Index.open(path)
    # Lexemes come from PostgreSQL, which has stemmed them: they are taken as they are.
    index.register_tokenizer(WORDS, tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index
