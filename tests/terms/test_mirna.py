import pytest

from apps.terms.mirna import Form, MirnaEntry, Registry, Relation, parse
from apps.terms.readers import read
from tests.terms.places import VOCABULARY

MATURE, PRECURSOR, UNSTATED = Form.MATURE, Form.PRECURSOR, Form.UNSTATED


@pytest.mark.parametrize(
    ("text", "species", "stem", "copy", "arm", "form"),
    [
        ("hsa-miR-21-5p", "hsa", "mir-21", None, "5p", MATURE),
        ("hsa-miR-21-3p", "hsa", "mir-21", None, "3p", MATURE),
        ("miR-21-5p", None, "mir-21", None, "5p", MATURE),
        ("miR-21", None, "mir-21", None, None, MATURE),
        ("MiR-21", None, "mir-21", None, None, MATURE),
        ("hsa-miR-21", "hsa", "mir-21", None, None, MATURE),
        ("hsa-mir-21", "hsa", "mir-21", None, None, PRECURSOR),
        ("MIR21", None, "mir-21", None, None, PRECURSOR),
        ("microRNA-21", None, "mir-21", None, None, MATURE),
        ("miRNA-21", None, "mir-21", None, None, MATURE),
        ("mir 21", None, "mir-21", None, None, UNSTATED),
        ("miR 21", None, "mir-21", None, None, MATURE),
        ("miR_21_5p", None, "mir-21", None, "5p", MATURE),
        ("miR\u201121\u20115p", None, "mir-21", None, "5p", MATURE),
        ("mmu-miR-21a-5p", "mmu", "mir-21a", None, "5p", MATURE),
        ("rno-miR-223", "rno", "mir-223", None, None, MATURE),
        ("let-7a", None, "let-7a", None, None, UNSTATED),
        ("hsa-let-7a-5p", "hsa", "let-7a", None, "5p", MATURE),
        ("hsa-let-7a-1", "hsa", "let-7a", 1, None, UNSTATED),
        ("hsa-let-7f-2-3p", "hsa", "let-7f", 2, "3p", MATURE),
        ("let-7", None, "let-7", None, None, UNSTATED),
        ("MIRLET7A1", None, "let-7a", 1, None, PRECURSOR),
        ("miR-16-2-3p", None, "mir-16", 2, "3p", MATURE),
        ("hsa-mir-16-1", "hsa", "mir-16", 1, None, PRECURSOR),
        ("miR-125b-1-3p", None, "mir-125b", 1, "3p", MATURE),
        ("MIR125B1", None, "mir-125b", 1, None, PRECURSOR),
        ("miR-199a*", None, "mir-199a", None, "*", MATURE),
        ("hsa-miR-17*", "hsa", "mir-17", None, "*", MATURE),
        ("miR-199a-3p", None, "mir-199a", None, "3p", MATURE),
        ("miR-302b-3p", None, "mir-302b", None, "3p", MATURE),
        ("miR-450b-5p", None, "mir-450b", None, "5p", MATURE),
        ("miR-517b-3p", None, "mir-517b", None, "3p", MATURE),
        ("miR-1246", None, "mir-1246", None, None, MATURE),
        ("miR-1260b", None, "mir-1260b", None, None, MATURE),
        ("miR-11401", None, "mir-11401", None, None, MATURE),
        ("miR-3619-3p", None, "mir-3619", None, "3p", MATURE),
        ("miR-6803-5p", None, "mir-6803", None, "5p", MATURE),
        ("MIR6803", None, "mir-6803", None, None, PRECURSOR),
        ("miR-320d", None, "mir-320d", None, None, MATURE),
        ("miR-365", None, "mir-365", None, None, MATURE),
        ("cel-lin-4", "cel", "lin-4", None, None, UNSTATED),
        ("ebv-miR-BART7-3p", "ebv", "mir-bart7", None, "3p", MATURE),
        ("osa-miR168a", "osa", "mir-168a", None, None, MATURE),
        ("gma-miR396e", "gma", "mir-396e", None, None, MATURE),
    ],
)
def test_a_name_is_read_in_its_parts(text, species, stem, copy, arm, form):
    name = parse(text)

    assert name is not None
    assert (name.species, name.stem, name.copy, name.arm, name.form) == (species, stem, copy, arm, form)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TP53",
        "LIN28B",
        "miRNAs",
        "exosomal miRNAs",
        "miR-26a/b",
        "miR-17~92",
        "miR-21 inhibitor",
        "miR-21, let-7a",
        "miR-BART7",
        "mirage",
        "miR-21-5p-3p",
        "miR-199a-3p*",
        "MIRT1",
        "miR-",
        "Mirvetuximab",
    ],
)
def test_what_is_not_one_micrornas_name_is_none(text):
    assert parse(text) is None


@pytest.fixture(scope="module")
def registry():
    """All of human miRBase, from our own table."""
    records = [each for each in read(VOCABULARY / "molecule.tsv") if each.curie.startswith("mirbase")]
    return Registry.of(
        MirnaEntry(each.curie, each.label, each.parents, tuple(s.text for s in each.synonyms), each.obsolete)
        for each in records
    )


def resolved(registry, text):
    found = registry.resolve(parse(text))
    return found.relation, [registry.entries[curie].label for curie in found.curies]


@pytest.mark.parametrize(
    ("text", "relation", "labels"),
    [
        ("miR-21-5p", Relation.EXACT, ["hsa-miR-21-5p"]),
        ("miR-21", Relation.FAMILY, ["hsa-mir-21"]),
        ("hsa-mir-21", Relation.EXACT, ["hsa-mir-21"]),
        ("MIR21", Relation.EXACT, ["hsa-mir-21"]),
        ("miR-16", Relation.FAMILY, ["hsa-mir-16-1", "hsa-mir-16-2"]),
        ("miR-16-2-3p", Relation.EXACT, ["hsa-miR-16-2-3p"]),
        ("miR-1246", Relation.EXACT, ["hsa-miR-1246"]),
        ("miR-451a", Relation.EXACT, ["hsa-miR-451a"]),
        ("miR-365", Relation.FAMILY, ["hsa-mir-365a", "hsa-mir-365b"]),
        ("miR-199a*", Relation.EXACT, ["hsa-miR-199a-3p"]),
        ("miR-34b", Relation.FAMILY, ["hsa-mir-34b"]),
        ("miR-151-3p", Relation.EXACT, ["hsa-miR-151a-3p"]),
    ],
)
def test_a_name_means_no_more_than_it_says(registry, text, relation, labels):
    assert resolved(registry, text) == (relation, labels)


def test_a_former_name_of_two_entries_is_never_resolved(registry):
    """hsa-miR-34b was the name of both arms; and so were others: none may lead to one mature sequence."""
    several = [name for name, curies in registry.former.items() if len(curies) > 1]

    assert "hsa-miR-34b" in several
    for name in several:
        if parse(name) and name not in registry.mature:
            found = registry.resolve(parse(name))
            assert found.relation is not Relation.EXACT, name


def test_a_name_with_its_arm_that_two_entries_had_is_asked():
    two = (MirnaEntry(f"mirbase.mature:MIMAT000000{n}", f"hsa-miR-9{n}-5p", former=("hsa-miR-9-5p",)) for n in (1, 2))

    found = Registry.of(two).resolve(parse("miR-9-5p"))

    assert found.relation is Relation.AMBIGUOUS
    assert len(found.curies) == 2


def test_a_removed_entry_is_told_as_removed(registry):
    relation, labels = resolved(registry, "miR-3607-3p")

    assert (relation, labels) == (Relation.DEAD, ["hsa-miR-3607-3p"])


def test_another_species_is_not_taken_for_human(registry):
    assert resolved(registry, "mmu-miR-21a-5p") == (Relation.UNKNOWN, [])
    assert resolved(registry, "mmu-miR-122-5p") == (Relation.UNKNOWN, [])


def test_a_mature_name_without_arm_is_never_an_arm(registry):
    """Over all of miRBase: whoever drops the arm gets hairpins, unless the bare name is a current one."""
    for label in registry.mature:
        if label.endswith(("-5p", "-3p")) and label[:-3] not in registry.mature:
            found = registry.resolve(parse(label[:-3]))
            assert found.relation is Relation.FAMILY, label
            assert all(curie.startswith("mirbase:") for curie in found.curies), label
