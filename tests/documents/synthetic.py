"""A made-up evidence document, and ways to spoil it."""

from __future__ import annotations

from pathlib import Path

DOCUMENT = """\
study:
  kind: primary
  title: Synthetic study of made-up vesicles
  journal: Journal of Synthetic Results
  year: 2020
  authors: [Doe J, Roe R]
  pmid: "{pmid}"
  doi: 10.9999/Synthetic.{pmid}
  status: published
preparations:
- id: p1
  source:
    name: synthetic stem cells
    category: mesenchymal_stem_cell
    material: primary_culture
    species: Homo sapiens
    tissue: bone marrow
  vesicle: {{term: exosome, engineered: true, loading: synthetic drug}}
  isolation: [differential_ultracentrifugation, other]
  characterisation:
    methods: [tem, nta]
    markers_positive: [CD63, CD9]
- id: p2
  source:
    name: synthetic control cells
    category: fibroblast
    material: cell_line
    species: not stated
  vesicle: {{term: exosome, engineered: false}}
claims:
- id: c1
  preparation: p1
  cargo:
    kind: miRNA
    name: miR-99999
  aspect: diagnosis
  effect: marks
  outcome: a made-up cancer
  edge: benefit
  disease: synthetic cancer
  recipient: synthetic cells
  therapy: [cisplatin, synthetic therapy]
  targets: [PTEN, SYNTH1]
  model: [patient_samples, in_vitro]
  measures:
  - name: AUC
    value: 0.87
    ci_low: 0.8
    ci_high: 0.93
    p: <0.001
    n_cases: 50
    n_controls: 40
  - name: sensitivity
    value: 0.9
    note: made up
  statement: Made-up vesicles marked a made-up cancer.
  locator: abstract
- id: c2
  preparation: p2
  aspect: tumour_growth
  effect: no_effect
  outcome: growth of a made-up cancer
  edge: neutral
  disease: synthetic cancer
  model: [animal]
  statement: Made-up control vesicles changed nothing.
  locator: figure 1
provenance:
  read_at: ["https://example.org/synthetic"]
  depth: abstract
  curated_on: "2026-11-01"
"""


def text(pmid: int = 900_000_001) -> str:
    return DOCUMENT.format(pmid=pmid)


def a_file(folder: Path, *changes: tuple[str, str], name: str = "synthetic.yaml", pmid: int = 900_000_001) -> Path:
    """A document in a file, each change (old text, new text) made once; a change that finds nothing is a mistake."""
    content = text(pmid)
    for old, new in changes:
        assert old in content, f"{old!r} is not in the synthetic document"
        content = content.replace(old, new, 1)
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path
