"""What the name of a cargo means, by rules that never guess."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from apps.terms import mirna
from apps.terms.grounding import Lookup
from apps.terms.models import Vocabulary
from apps.vesicles.models import CargoKind, CargoXref

Relation = CargoXref.Relation
Xref = tuple[str, str]  # relation, CURIE

GENE_KINDS = (CargoKind.PROTEIN, CargoKind.MRNA, CargoKind.LNCRNA, CargoKind.CIRCRNA, CargoKind.SIRNA, CargoKind.DNA)
CHEMICAL_KINDS = (CargoKind.SMALL_MOLECULE, CargoKind.METABOLITE, CargoKind.LIPID)

_SYMBOL_AND_ALIAS = re.compile(r"(?P<symbol>[^\s()]+) \((?P<alias>[^()]+)\)")
_LIST = re.compile(r"\s*(?:,\s*and\s|[,;]|\sand\s)\s*")
_LIST_WORD = re.compile(r"\s+(panel|signature|set|classifier|model|mRNA|miRNA)s?$", re.IGNORECASE)
_CIRCULAR = re.compile(r"circ(?:RNA)?[-_ ]?(?P<host>[A-Z][A-Za-z0-9-]*)")
_SILENCER = re.compile(r"(?:si-?|sh-?)(?P<first>\S+)|(?P<last>\S+) (?:siRNA|shRNA)")
# Bacterial proteins are written so (CagA); HGNC has aliases that differ from them in case only (CAGA is S100A8).
_BACTERIAL = re.compile(r"[A-Z][a-z]{2}[A-Z]\d?")
_ANTIMIR = re.compile(r"(?P<name>\S+) (?:inhibitor|antagomir|sponge)|anti-?(?P<anti>miR-\S+)")


@dataclass(frozen=True)
class Meaning:
    """What the rules make of a cargo's name: cross-references, other names in it, or its members."""

    xrefs: tuple[Xref, ...] = ()
    synonyms: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def exact(self) -> tuple[str, ...]:
        return tuple(curie for relation, curie in self.xrefs if relation == Relation.EXACT)


@dataclass
class Facts:
    """The vocabularies as the rules need them."""

    names: Lookup = field(default_factory=Lookup)
    mirnas: mirna.Registry = field(default_factory=mirna.Registry)
    proteins: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # HGNC → UniProt

    def gene(self, text: str) -> str | None:
        """The one human gene that has this name, or None where there is none or several."""
        if _BACTERIAL.fullmatch(text):
            return None
        found = self.names.candidates(Vocabulary.MOLECULE, text, ("HGNC:",))
        return found[0] if len(found) == 1 else None

    def chemical(self, text: str) -> str | None:
        for vocabulary in (Vocabulary.THERAPY, Vocabulary.MOLECULE):
            found = self.names.candidates(vocabulary, text, ("CHEBI:", "drugbank:"))
            if found:
                return found[0] if len(found) == 1 else None
        return None


def meaning(kind: str, name: str, facts: Facts) -> Meaning:
    """What the name of a cargo of this kind means by the rules; empty where they can't say."""
    single = _meaning_of_one(kind, name, facts)
    if single.xrefs:
        return single
    parts = list_parts(name)
    if len(parts) > 1 and all(_meaning_of_one(kind, part, facts).xrefs for part in parts):
        return Meaning(members=parts)
    return single


def list_parts(name: str) -> tuple[str, ...]:
    """The members that a name lists: `miR-21, let-7a and miR-181a panel` names three."""
    parts = (_LIST_WORD.sub("", part) for part in _LIST.split(_LIST_WORD.sub("", name)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _meaning_of_one(kind: str, name: str, facts: Facts) -> Meaning:
    if kind == CargoKind.MIRNA:
        return Meaning(_mirna_xrefs(name, facts))
    if kind == CargoKind.OTHER_RNA:
        return _antimir(name, facts)
    if kind in CHEMICAL_KINDS:
        curie = facts.chemical(name)
        return Meaning(((Relation.EXACT, curie),) if curie else ())
    if kind in GENE_KINDS:
        return _gene_product(kind, name, facts)
    return Meaning()


def _mirna_xrefs(name: str, facts: Facts, relation: str | None = None) -> tuple[Xref, ...]:
    parsed = mirna.parse(name)
    if parsed is None:
        return ()
    found = facts.mirnas.resolve(parsed)
    relations = {mirna.Relation.EXACT: Relation.EXACT, mirna.Relation.FAMILY: Relation.FAMILY}
    if found.relation not in relations:
        return ()
    return tuple((relation or relations[found.relation], curie) for curie in found.curies)


def _antimir(name: str, facts: Facts) -> Meaning:
    found = _ANTIMIR.fullmatch(name)
    return Meaning(_mirna_xrefs(found["name"] or found["anti"], facts, Relation.TARGET) if found else ())


def _gene_product(kind: str, name: str, facts: Facts) -> Meaning:
    if kind == CargoKind.CIRCRNA:
        found = _CIRCULAR.fullmatch(name)
        return _of_gene(found["host"], Relation.GENE, facts) if found else Meaning()
    if kind == CargoKind.SIRNA:
        found = _SILENCER.fullmatch(name)
        return _of_gene(found["first"] or found["last"], Relation.TARGET, facts) if found else Meaning()
    if kind == CargoKind.PROTEIN:
        return _protein(name, facts)
    plain = re.sub(r"\s+(mRNA|lncRNA|DNA)$", "", name) if kind != CargoKind.LNCRNA else re.sub(r"^lncRNA ", "", name)
    return _of_gene(plain, Relation.GENE, facts)


def _of_gene(name: str, relation: str, facts: Facts) -> Meaning:
    gene, synonyms = _gene_and_synonyms(name, facts)
    return Meaning(((relation, gene),), synonyms) if gene else Meaning()


def _protein(name: str, facts: Facts) -> Meaning:
    """A protein is its UniProt entry where its gene has just one, and the product of its gene in any case."""
    gene, synonyms = _gene_and_synonyms(name, facts)
    if gene is None:
        return Meaning()
    proteins = facts.proteins.get(gene, [])
    exact = ((Relation.EXACT, proteins[0]),) if len(proteins) == 1 else ()
    return Meaning((*exact, (Relation.GENE, gene)), synonyms)


def _gene_and_synonyms(name: str, facts: Facts) -> tuple[str | None, tuple[str, ...]]:
    """The gene of `CD274` or of `CD274 (PD-L1)`; both names of the latter must not lead to different genes."""
    both = _SYMBOL_AND_ALIAS.fullmatch(name)
    if both is None:
        return facts.gene(name), ()
    gene, other = facts.gene(both["symbol"]), facts.gene(both["alias"])
    if gene and other and gene != other:
        return None, ()
    return gene, (both["symbol"], both["alias"])


def texts_in(name: str) -> set[str]:
    """All parts of the name that the rules may look up."""
    texts = {name}
    for part in (name, *list_parts(name)):
        texts |= {part, re.sub(r"\s+(mRNA|lncRNA|DNA)$", "", part), re.sub(r"^lncRNA ", "", part)}
        for pattern in (_SYMBOL_AND_ALIAS, _CIRCULAR, _SILENCER):
            found = pattern.fullmatch(part)
            texts |= {group for group in found.groups() if group} if found else set()
    return texts
