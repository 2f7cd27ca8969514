"""Where the tests find the real tables, and the raw files where a machine has them."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = ROOT / "data" / "vocabulary"
SHARED = Path(os.environ.get("EXODB_SHARED", ROOT.parent / "shared"))
NEEDS_SOURCES = pytest.mark.skipif(
    not (SHARED / "data" / "disease_ontology").is_dir(),
    reason="no folder of raw files here (name one in EXODB_SHARED)",
)


def evidence() -> Path:
    """The documents of the starter collection."""
    kept = ROOT / "data" / "evidence"
    folder = kept if any(kept.glob("*.yaml")) else SHARED / "curation" / "studies"
    if not any(folder.glob("*.yaml")):
        pytest.skip("no evidence documents here")
    return folder


def a_file(folder: Path, name: str, *rows: str) -> Path:
    """A table of tab-separated rows, written with blanks for tabs where a row says `·`."""
    path = folder / name
    path.write_text("\n".join(row.replace(" · ", "\t").replace("·", "\t") for row in rows) + "\n", encoding="utf-8")
    return path
