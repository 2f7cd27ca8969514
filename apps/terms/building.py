"""Make the tables of `data/vocabulary` from the raw files: what the evidence needs, with all ancestors.

The same raw files, evidence and decisions give the same bytes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from apps.terms import mirna, sources
from apps.terms.grounding import EXACT, LABEL, OTHER, Lookup, read_decisions
from apps.terms.models import NameKind, Synonym, Vocabulary
from apps.terms.naming import key
from apps.terms.sources import Gene, Sources
from apps.terms.table import (
    COLUMNS,
    SCOPES,
    BadVocabulary,
    SynonymRecord,
    TermRecord,
    read_rows,
    read_table,
    split,
    write_table,
)

Terms = dict[str, TermRecord]
ADDITION_COLUMNS = ("vocabulary", *COLUMNS, "seen_in")
CHEMICAL_KINDS = ("small_molecule", "metabolite", "lipid")
GENE_KINDS = ("protein", "mRNA", "lncRNA", "circRNA", "siRNA", "DNA", "other_RNA")
_TOKEN = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass
class Wanted:
    """The names and identifiers that the evidence, the decisions and the cargos use."""

    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by kind of name
    cargos: set[tuple[str, str, str]] = field(default_factory=set)
    curies: set[str] = field(default_factory=set)

    def keys(self, *kinds: str) -> set[str]:
        return {key(text) for kind in kinds for text in self.names[kind]}


def read_evidence(folder: Path) -> Wanted:
    """What the documents of the folder name."""
    wanted = Wanted()
    for path in sorted(folder.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for preparation in document["preparations"]:
            source = preparation["source"]
            for kind in (NameKind.SPECIES, NameKind.CELL_LINE, NameKind.CELL_TYPE, NameKind.TISSUE, NameKind.DISEASE):
                wanted.names[kind] |= {source[kind]} if source.get(kind) else set()
        for claim in document["claims"]:
            _add_claim(wanted, claim)
    return wanted


def _add_claim(wanted: Wanted, claim: dict[str, Any]) -> None:
    for kind, texts in (
        (NameKind.DISEASE, [claim.get("disease")]),
        (NameKind.RECIPIENT, [claim.get("recipient")]),
        (NameKind.THERAPY, claim.get("therapy") or []),
        (NameKind.TARGET, claim.get("targets") or []),
    ):
        wanted.names[kind] |= {text for text in texts if text}
    wanted.curies |= {claim["disease_id"]} if claim.get("disease_id") else set()
    cargo = claim.get("cargo")
    if cargo:
        wanted.cargos.add((cargo["kind"], cargo["name"], cargo.get("id") or ""))
        wanted.curies |= {cargo["id"]} if cargo.get("id") else set()


def with_ancestors(chosen: Iterable[str], terms: Terms) -> Terms:
    """The chosen terms and all above them, as far as the file has them; other parents are left out."""
    found: Terms = {}
    todo = [curie for curie in chosen if curie in terms]
    while todo:
        curie = todo.pop()
        if curie not in found:
            parents = tuple(each for each in terms[curie].parents if each in terms)
            found[curie] = replace(terms[curie], parents=parents)
            todo += parents
    return found


def named(terms: Terms, keys: set[str]) -> set[str]:
    """The terms that have one of the names."""
    return {
        curie
        for curie, record in terms.items()
        if key(record.label) in keys or any(key(each.text) in keys for each in record.synonyms)
    }


# --- each vocabulary --------------------------------------------------------------------------------------------------


def disease(raw: Sources, wanted: Wanted) -> Terms:
    """The whole cancer slim, and of the other diseases those that are named."""
    terms = sources.diseases(raw)
    return with_ancestors(sources.cancers(raw) | wanted.curies | named(terms, wanted.keys(NameKind.DISEASE)), terms)


def tissue(raw: Sources, wanted: Wanted) -> Terms:
    terms = sources.tissues(raw)
    keys = wanted.keys(NameKind.TISSUE, NameKind.RECIPIENT)
    return with_ancestors(sources.tissue_slim(raw) | wanted.curies | named(terms, keys), terms)


def cell_type(raw: Sources, _wanted: Wanted) -> Terms:
    return sources.cell_types(raw)


def species(raw: Sources, _wanted: Wanted) -> Terms:
    return sources.species(raw)


def cell_line(raw: Sources, _wanted: Wanted) -> Terms:
    return sources.cell_lines(raw)


def chemical_keys(wanted: Wanted) -> set[str]:
    """The names of the chemicals among the cargos, one by one where a cargo lists several."""
    texts = {name for kind, name, _ in wanted.cargos if kind in CHEMICAL_KINDS}
    return {key(part) for text in texts for part in (text, *re.split(r",\s*|\s+and\s+", text))}


def therapy(raw: Sources, wanted: Wanted) -> Terms:
    terms = sources.drugs(raw, wanted.curies)
    keys = wanted.keys(NameKind.THERAPY) | chemical_keys(wanted)
    given = {curie for curie, record in terms.items() if wanted.curies & {curie, *record.alternative_ids}}
    return with_ancestors(named(terms, keys) | given, terms)


def molecule(raw: Sources, wanted: Wanted) -> Terms:
    """All human microRNAs, the genes that are named with all that share one of their names, and their proteins."""
    chosen = chosen_genes(sources.genes(raw), wanted)
    terms = sources.mirnas(raw) | {gene.record.curie: gene.record for gene in chosen}
    for gene in chosen:
        for accession in gene.proteins:
            curie = f"uniprot:{accession}"
            known = terms.get(curie)
            parents = (*known.parents, gene.record.curie) if known else (gene.record.curie,)
            terms[curie] = TermRecord(curie, f"{gene.record.label} protein", parents=parents)
    targets = wanted.keys(NameKind.TARGET)
    drugs = sources.drugs(raw, wanted.curies)
    in_therapy = set(therapy(raw, wanted))
    # ChEBI only: as targets, DrugBank's proteins would take the names of genes (IL12).
    chemicals = {curie: record for curie, record in drugs.items() if curie.startswith("CHEBI:")}
    return terms | {curie: chemicals[curie] for curie in named(chemicals, targets) - in_therapy}


def chosen_genes(genes: dict[str, Gene], wanted: Wanted) -> list[Gene]:
    """The genes that the evidence names, and every gene that has a name in common with one of them.

    Those are not needed, but without them a name that two genes have would look as if it were one gene's.
    """
    texts = {name for kind, name, _ in wanted.cargos if kind in GENE_KINDS} | wanted.names[NameKind.TARGET]
    keys = {key(token) for text in texts for token in tokens(text)}
    named_genes = [gene for gene in genes.values() if gene.record.curie in wanted.curies or gene.names & keys]
    shared = {name for gene in named_genes for name in gene.names}
    return [gene for gene in genes.values() if gene.names & shared]


def tokens(text: str) -> set[str]:
    """The words of a name that may be symbols: with a capital or a digit, and longer than one letter."""
    words = {text, *_TOKEN.findall(text)}
    words |= {re.sub(r"^(circ(RNA)?|si|sh)[-_]?", "", word) for word in words}
    return {word for word in words if len(word) > 1 and re.search(r"[A-Z0-9]", word)}


BUILDERS: dict[str, Callable[[Sources, Wanted], Terms]] = {
    Vocabulary.DISEASE: disease,
    Vocabulary.TISSUE: tissue,
    Vocabulary.CELL_TYPE: cell_type,
    Vocabulary.SPECIES: species,
    Vocabulary.CELL_LINE: cell_line,
    Vocabulary.THERAPY: therapy,
    Vocabulary.MOLECULE: molecule,
}


# --- the whole --------------------------------------------------------------------------------------------------------


def read_additions(path: Path) -> dict[str, Terms]:
    """Terms, or names of terms, that were checked by hand and are in none of the raw files, by vocabulary."""
    found: dict[str, Terms] = defaultdict(dict)
    if not path.is_file():
        return found
    for line, row in read_rows(path, needed=("vocabulary", "curie", "seen_in"), known=ADDITION_COLUMNS):
        if row["vocabulary"] not in Vocabulary.values:
            raise BadVocabulary(path, line, f"vocabulary: {row['vocabulary']!r} is none of {Vocabulary.values}")
        synonyms = [
            SynonymRecord(text, scope) for column, scope in SCOPES.items() for text in split(row.get(column, ""))
        ]
        found[row["vocabulary"]][row["curie"]] = TermRecord(
            row["curie"],
            row.get("label", ""),
            tuple(synonyms),
            split(row.get("parents", "")),
            split(row.get("alternative_ids", "")),
            line=line,
        )
    return found


def with_additions(terms: Terms, additions: Terms, path: Path) -> Terms:
    merged = dict(terms)
    for curie, added in additions.items():
        known = merged.get(curie)
        if known is None and not added.label:
            raise BadVocabulary(path, added.line, f"label: {curie} is in no raw file, so it needs one")
        base = known or added
        synonyms = tuple(dict.fromkeys((*base.synonyms, *added.synonyms)))
        parents = tuple(dict.fromkeys((*base.parents, *added.parents)))
        merged[curie] = replace(base, synonyms=synonyms, parents=parents)
    for record in merged.values():
        for parent in record.parents:
            if parent not in merged:
                raise BadVocabulary(path, record.line, f"parents: {parent} of {record.curie} is not in the table")
    return merged


def build(raw: Sources, evidence: Path | None, out: Path) -> dict[str, int]:
    """Write every table; the curated ones in `out` (decisions, cargos, additions) say what else is needed."""
    wanted = read_evidence(evidence) if evidence else Wanted()
    wanted.curies |= _curated_curies(out)
    additions = read_additions(out / "additions.tsv")
    counts = {}
    for vocabulary, builder in BUILDERS.items():
        terms = with_additions(builder(raw, wanted), additions[vocabulary], out / "additions.tsv")
        counts[str(vocabulary)] = write_table(out / f"{vocabulary}.tsv", terms.values())
    return counts


def _curated_curies(out: Path) -> set[str]:
    found = set()
    if (out / "groundings.tsv").is_file():
        found |= {curie for row in read_decisions(out / "groundings.tsv") for curie in row.curies}
    if (out / "cargos.tsv").is_file():
        known = ("accession", "kind", "name", "synonyms", "xrefs", "members", "reason")
        for _, row in read_rows(out / "cargos.tsv", needed=("xrefs",), known=known):
            found |= {text.partition("=")[2] for text in split(row["xrefs"])}
    return found


def lookup_of(tables: Path) -> tuple[Lookup, mirna.Registry, dict[str, list[str]]]:
    """The built molecules and therapies as grounding looks them up, without a database."""
    lookup, proteins = Lookup(), defaultdict(list)
    entries = []
    number = 0
    for vocabulary in (Vocabulary.THERAPY, Vocabulary.MOLECULE):
        for record in read_table(tables / f"{vocabulary}.tsv"):
            number += 1
            lookup.curies[number] = record.curie
            _add_names(lookup, vocabulary, record, number)
            if record.curie.startswith("mirbase"):
                former = tuple(each.text for each in record.synonyms if each.scope == Synonym.Scope.FORMER)
                entries.append(mirna.MirnaEntry(record.curie, record.label, record.parents, former, record.obsolete))
            if record.curie.startswith("uniprot:"):
                for gene in record.parents:
                    proteins[gene].append(record.curie)
    return lookup, mirna.Registry.of(entries), proteins


def _add_names(lookup: Lookup, vocabulary: str, record: TermRecord, number: int) -> None:
    if record.obsolete:
        return
    lookup.add_match(vocabulary, key(record.label), LABEL, number)
    for each in record.synonyms:
        lookup.add_match(vocabulary, key(each.text), EXACT if each.scope == Synonym.Scope.EXACT else OTHER, number)
