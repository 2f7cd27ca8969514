"""The rules by which miRBase names microRNAs, and what a written name may and may not be taken to mean.

A name in a paper can say less than a name in miRBase: `miR-21` does not say which arm of the hairpin it is. Such a
name is linked to its hairpins (its *family*) and never guessed to an arm.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

HUMAN = "hsa"


class Form(StrEnum):
    """What the writing says the molecule is."""

    MATURE = "mature"
    PRECURSOR = "precursor"
    UNSTATED = "unstated"


@dataclass(frozen=True)
class MirnaName:
    """A microRNA name in its parts. `arm` is `5p`, `3p`, `*` (the old mark of the rarer arm) or None."""

    species: str | None
    family: str  # mir-21, let-7, mir-bart7
    letter: str = ""
    copy: int | None = None
    arm: str | None = None
    form: Form = Form.UNSTATED

    @property
    def stem(self) -> str:
        """Family and letter: mir-125b."""
        return self.family + self.letter

    @property
    def precursor(self) -> str:
        """The hairpin's name as miRBase writes it, without the species: mir-125b-1."""
        return self.stem if self.copy is None else f"{self.stem}-{self.copy}"

    @property
    def mature(self) -> str:
        """The mature name as miRBase writes it, without the species: miR-125b-1-3p."""
        base = self.precursor.replace("mir-", "miR-", 1)
        if self.arm == "*":
            return f"{base}*"
        return base if self.arm is None else f"{base}-{self.arm}"


_WRITTEN = re.compile(
    r"""
    (?:(?P<species>[a-z]{3,5})[-\ ])?
    (?P<word>mirna|microrna|mirlet|mir|let|lin)
    [-\ _]?
    (?P<number>\d+|(?<=[-\ _])(?:bart|bhrf|k|ul|us|h|m|s)\d+)
    (?P<letter>[a-z]{0,2}?)
    (?:(?P<joined>(?<=[a-z])\d{1,2})|[-\ ](?P<copy>\d{1,2}))?
    (?:[-\ ](?P<arm>[35]p))?
    (?P<star>\*)?
    """,
    re.VERBOSE,
)
_DASHES = re.compile(r"[\s\u2010-\u2015\u2212_-]+")


def parse(text: str) -> MirnaName | None:
    """The parts of one microRNA's name, or None where the text is not the name of one microRNA."""
    written = _DASHES.sub("-", text.strip())
    found = _WRITTEN.fullmatch(written.lower())
    if found is None or (found["arm"] and found["star"]):
        return None
    if not _is_mirna(found):
        return None
    copy = found["joined"] or found["copy"]
    # Only the gene symbol runs letter and copy together: MIR125B1. In miRBase that would be another name.
    if found["joined"] and "MIR" not in text:
        return None
    return MirnaName(
        species=found["species"],
        family=f"{_family_word(found['word'])}-{found['number']}",
        letter=found["letter"],
        copy=int(copy) if copy else None,
        arm="*" if found["star"] else found["arm"],
        form=_form(written, found),
    )


def _is_mirna(found: re.Match[str]) -> bool:
    """Not every `lin` is lin-4 (LIN28B is a protein), and virus families (BART7) need their virus."""
    if found["word"] == "lin":
        return found["number"] == "4" and not found["letter"]
    return found["number"][0].isdigit() or bool(found["species"])


def _family_word(word: str) -> str:
    return {"let": "let", "mirlet": "let", "lin": "lin"}.get(word, "mir")


def _form(written: str, found: re.Match[str]) -> Form:
    """Mature where an arm or `miR` says so, precursor where the gene symbol or miRBase's lower case says so."""
    if found["arm"] or found["star"]:
        return Form.MATURE
    word = written[found.start("word") : found.end("word")]
    if word in ("miR", "MiR", "miRNA", "MiRNA", "microRNA", "MicroRNA", "microrna"):
        return Form.MATURE
    if word in ("MIR", "MIRLET"):
        return Form.PRECURSOR
    if word == "mir" and found["species"]:
        return Form.PRECURSOR
    return Form.UNSTATED


class Relation(StrEnum):
    """How the microRNAs that a name leads to stand to the name."""

    EXACT = "exact"
    FAMILY = "family"
    AMBIGUOUS = "ambiguous"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Resolution:
    relation: Relation
    curies: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class MirnaEntry:
    """One entry of miRBase: a hairpin (`parents` empty) or a mature sequence."""

    curie: str
    label: str
    parents: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    obsolete: bool = False


def is_mature(curie: str) -> bool:
    return curie.startswith("mirbase.mature:")


@dataclass
class Registry:
    """miRBase as a look-up: current names first, then hairpins, then former names; nothing is guessed."""

    entries: dict[str, MirnaEntry] = field(default_factory=dict)
    mature: dict[str, str] = field(default_factory=dict)
    hairpins: dict[str, str] = field(default_factory=dict)
    former: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    stems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, entries: Iterable[MirnaEntry]) -> Registry:
        registry = cls()
        for entry in sorted(entries, key=lambda each: each.curie):
            registry._add(entry)
        return registry

    def _add(self, entry: MirnaEntry) -> None:
        self.entries[entry.curie] = entry
        for name in (entry.label, *entry.former) if entry.obsolete else entry.former:
            self.former[name].add(entry.curie)
        if entry.obsolete:
            return
        if is_mature(entry.curie):
            self.mature[entry.label] = entry.curie
            return
        self.hairpins[entry.label] = entry.curie
        parts = parse(entry.label)
        if parts:
            self.stems[f"{parts.species}-{parts.stem}"].append(entry.curie)
            if parts.letter:
                self.stems[f"{parts.species}-{parts.family}"].append(entry.curie)

    def resolve(self, name: MirnaName) -> Resolution:
        """What the name means: one molecule, a family of hairpins, or why neither can be said."""
        species = name.species or HUMAN
        if name.form is Form.PRECURSOR:
            hairpin = self.hairpins.get(f"{species}-{name.precursor}")
            return Resolution(Relation.EXACT, (hairpin,)) if hairpin else self._family(species, name)
        mature = f"{species}-{name.mature}"
        if mature in self.mature:
            return Resolution(Relation.EXACT, (self.mature[mature],))
        return self._family(species, name) if name.arm is None else self._formerly(mature)

    def _formerly(self, mature: str) -> Resolution:
        """A name with its arm that is no current name: a former name of exactly one living entry, or not grounded."""
        curies = sorted(self.former.get(mature, ()))
        living = tuple(curie for curie in curies if not self.entries[curie].obsolete)
        if len(curies) > 1:
            return Resolution(Relation.AMBIGUOUS, tuple(curies), f"former name of {' and '.join(curies)}")
        if living:
            return Resolution(Relation.EXACT, living, f"former name of {self.entries[living[0]].label}")
        if curies:
            return Resolution(Relation.DEAD, tuple(curies), f"{curies[0]} was removed from miRBase")
        return Resolution(Relation.UNKNOWN, (), f"{mature} is not in miRBase")

    def _family(self, species: str, name: MirnaName) -> Resolution:
        """A name without its arm: the hairpins that it may come from, all of them."""
        exact = self.hairpins.get(f"{species}-{name.precursor}")
        if exact:
            return Resolution(Relation.FAMILY, (exact,), "arm not stated")
        hairpins = self.stems.get(f"{species}-{name.stem}", []) if name.copy is None else []
        if hairpins:
            return Resolution(Relation.FAMILY, tuple(hairpins), "arm not stated")
        return self._family_of_former_name(f"{species}-{name.mature}")

    def _family_of_former_name(self, mature: str) -> Resolution:
        entries = [self.entries[curie] for curie in sorted(self.former.get(mature, ()))]
        hairpins = sorted({parent for entry in entries if not entry.obsolete for parent in entry.parents})
        if hairpins:
            return Resolution(Relation.FAMILY, tuple(hairpins), "former name, arm not stated")
        if entries:
            dead = tuple(entry.curie for entry in entries)
            return Resolution(Relation.DEAD, dead, f"{' and '.join(dead)} was removed from miRBase")
        return Resolution(Relation.UNKNOWN, (), f"{mature} is not in miRBase")
