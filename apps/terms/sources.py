"""The raw files behind the vocabularies, each read into plain records: one folder, one subfolder a source."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from apps.terms.models import Synonym
from apps.terms.naming import key
from apps.terms.readers import read
from apps.terms.table import BadVocabulary, SynonymRecord, TermRecord, is_curie, open_text

FILES = {
    "cancers": "disease_ontology/DO_cancer_slim.obo.gz",
    "diseases": "disease_ontology/HumanDO_labels.tsv.gz",
    "tissues": "uberon/efo-slim.obo.gz",
    "tissue_labels": "uberon/uberon_id_label_human.tsv.gz",
    "cells": "cell_ontology/general_cell_types_upper_slim.obo.gz",
    "organisms": "taxonomy/mirbase_organisms.tsv",
    "drugs": "drugs/drug_names_synonyms.tsv.gz",
    "drug_xrefs": "drugs/drugbank_xrefs.tsv.gz",
    "cell_lines": "cell_lines/depmap_sample_info.part.csv.gz",
    "mirnas": "mirbase/human_mature_mirna_history.tsv.gz",
    "genes": "hgnc/hgnc_entries.tsv.gz",
}


@dataclass(frozen=True)
class Sources:
    """The folder of raw files."""

    folder: Path

    def path(self, name: str) -> Path:
        path = self.folder / FILES[name]
        if not path.is_file():
            raise BadVocabulary(path, None, f"missing; the folder of sources needs {FILES[name]}")
        return path

    def rows(self, name: str, *, delimiter: str = "\t") -> Iterator[dict[str, str]]:
        with open_text(self.path(name)) as text:
            for row in csv.DictReader(text, delimiter=delimiter):
                yield {column: (cell or "").strip() for column, cell in row.items() if column}

    def obo(self, name: str, prefix: str) -> dict[str, TermRecord]:
        """The terms of the prefix, their parents too; parents of other ontologies are left out."""
        return {
            record.curie: replace(record, parents=tuple(each for each in record.parents if each.startswith(prefix)))
            for record in read(self.path(name))
            if record.curie.startswith(prefix)
        }


def exact(*texts: str) -> tuple[SynonymRecord, ...]:
    return tuple(SynonymRecord(text) for text in dict.fromkeys(texts) if text)


def diseases(sources: Sources) -> dict[str, TermRecord]:
    """All of the Disease Ontology by id, with parents; synonyms where the cancer slim has them.

    The slim skips what lies between two of its own terms, and ends at *cancer*; the labels have every step.
    """
    labels, above = {}, defaultdict(set)
    for row in sources.rows("diseases"):
        labels[row["id"]] = row["label"]
        above[row["id"]].add(row["subClassOf"])
    ids = {label: curie for curie, label in labels.items()}
    terms = {
        curie: TermRecord(curie, label, parents=tuple(sorted(ids[name] for name in above[curie] if name in ids)))
        for curie, label in labels.items()
    }
    slim = sources.obo("cancers", "DOID:")
    return terms | {
        curie: replace(record, parents=terms[curie].parents if curie in terms else record.parents)
        for curie, record in slim.items()
    }


def cancers(sources: Sources) -> set[str]:
    return set(sources.obo("cancers", "DOID:"))


def tissues(sources: Sources) -> dict[str, TermRecord]:
    labels = {row["uberon_id"]: TermRecord(row["uberon_id"], row["label"]) for row in sources.rows("tissue_labels")}
    return labels | sources.obo("tissues", "UBERON:")


def tissue_slim(sources: Sources) -> set[str]:
    return set(sources.obo("tissues", "UBERON:"))


def cell_types(sources: Sources) -> dict[str, TermRecord]:
    return sources.obo("cells", "CL:")


def species(sources: Sources) -> dict[str, TermRecord]:
    """The organisms of miRBase below the nearest taxon of their lineage that the Cell Ontology's file names."""
    lineage = sources.obo("cells", "NCBITaxon:")
    ids = {record.label.partition(" <")[0]: curie for curie, record in lineage.items()}
    terms = dict(lineage)
    for row in sources.rows("organisms"):
        curie = f"NCBITaxon:{row['NCBI-taxid']}"
        above = [ids[name] for name in row["tree"].split(";") if name in ids]
        if is_curie(curie) and curie not in terms and row["NCBI-taxid"].isdigit():
            terms[curie] = TermRecord(curie, row["name"], parents=tuple(above[-1:]))
    return terms


def cell_lines(sources: Sources) -> dict[str, TermRecord]:
    """Cell lines that have a Cellosaurus accession; names with and without the hyphen before the number."""
    terms: dict[str, TermRecord] = {}
    for row in sources.rows("cell_lines", delimiter=","):
        name, accession = row["stripped_cell_line_name"], row["RRID"]
        if not accession.startswith("CVCL_") or not name:
            continue
        curie = f"cellosaurus:{accession}"
        aliases = [alias.strip() for alias in row["alias"].split(",")]
        others = exact(*(text for text in (*hyphenated(name), *aliases) if text != name))
        known = terms.get(curie)
        if known is None:
            terms[curie] = TermRecord(curie, name, others)
        else:
            terms[curie] = replace(known, synonyms=tuple(dict.fromkeys((*known.synonyms, *exact(name), *others))))
    return terms


def hyphenated(name: str) -> list[str]:
    """DepMap strips all separators: `MKN45` is also written `MKN-45`."""
    cuts = [place for place in range(1, len(name)) if name[place].isdigit() and name[place - 1].isalpha()]
    return [f"{name[: cuts[0]]}-{name[cuts[0] :]}"] if cuts else []


def drugs(sources: Sources, given: set[str]) -> dict[str, TermRecord]:
    """The drugs of DrugBank under the CURIE that a reader expects: ChEBI where it is one, else DrugBank."""
    chebi: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    names: dict[str, str] = {}
    for row in sources.rows("drug_xrefs"):
        if row["NAMESPACE"] == "CHEBI":
            chebi[row["DRUGBANK_ID"]][f"CHEBI:{row['ID']}"].add(row["SOURCE"])
        if row["NAMESPACE"] == "NAME":
            names[row["DRUGBANK_ID"]] = row["ID"]
    taken: dict[str, int] = defaultdict(int)
    for found in chebi.values():
        for curie in found:
            taken[curie] += 1
    terms = {}
    for row in sources.rows("drugs"):
        bank = row["drugbank_id"]
        own = {curie for curie in chebi[bank] if taken[curie] == 1}
        curie = preferred(own, given) or f"drugbank:{bank}"
        label = names.get(bank) or row["name"]
        synonyms = exact(
            *(text for text in (row["name"], *row["synonyms"].split("|")) if text.lower() != label.lower())
        )
        others = {f"drugbank:{bank}", *own} - {curie}
        terms[curie] = TermRecord(curie, label, synonyms, alternative_ids=tuple(sorted(others)))
    return terms


def preferred(chebi: set[str], given: set[str]) -> str | None:
    """The ChEBI id that the evidence gives, else the only one; several (salts, hydrates) are not chosen from."""
    if len(chebi & given) == 1:
        return next(iter(chebi & given))
    return next(iter(chebi)) if len(chebi) == 1 else None


def mirnas(sources: Sources) -> dict[str, TermRecord]:
    """All human mature microRNAs below their hairpins; removed ones as obsolete, under their last name."""
    terms: dict[str, TermRecord] = {}
    for row in sources.rows("mirnas"):
        former = [name for name in row["previous_names"].split("|") if name]
        hairpins = [text.partition(":")[::2] for text in row["precursors"].split("|") if text]
        for accession, name in hairpins:
            terms[f"mirbase:{accession}"] = TermRecord(f"mirbase:{accession}", name)
        label = row["name_v22"] or (former.pop() if former else "")
        curie = f"mirbase.mature:{row['mimat']}"
        terms[curie] = TermRecord(
            curie,
            label or row["mimat"],
            tuple(SynonymRecord(name, Synonym.Scope.FORMER) for name in former if name != label),
            parents=tuple(sorted(f"mirbase:{accession}" for accession, _ in hairpins)),
            obsolete=not row["name_v22"],
        )
    return terms


@dataclass(frozen=True)
class Gene:
    record: TermRecord
    proteins: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        return {key(self.record.label), *(key(each.text) for each in self.record.synonyms)}


def genes(sources: Sources) -> dict[str, Gene]:
    """The approved human genes; alias symbols are exact synonyms, earlier symbols former ones."""
    found = {}
    for row in sources.rows("genes"):
        if row["Status"] != "Approved":
            continue
        aliases = [text.strip() for text in row["Alias symbols"].split(", ") if text.strip()]
        former = [text.strip() for text in row["Previous symbols"].split(", ") if text.strip()]
        synonyms = [SynonymRecord(text) for text in (row["Approved name"], *aliases)]
        synonyms += [SynonymRecord(text, Synonym.Scope.FORMER) for text in former]
        proteins = [text.strip() for text in row["UniProt ID(supplied by UniProt)"].split(", ") if text.strip()]
        record = TermRecord(
            row["HGNC ID"],
            row["Approved symbol"],
            tuple({each.text: each for each in reversed(synonyms) if "|" not in each.text}.values()),
        )
        found[row["HGNC ID"]] = Gene(record, tuple(proteins))
    return found
