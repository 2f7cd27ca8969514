"""Visibly synthetic claims that stand against each other."""

from __future__ import annotations

from typing import Any

from apps.claims.models import Claim
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_term


def a_disease(text: str = "synthetic carcinoma", *above: str) -> Any:
    """The name of a disease, whose term lies below the others, the widest first."""
    parents: tuple[Any, ...] = ()
    for label in (*above, text):
        term = a_term(f"DOID:{sum(map(ord, label))}", label, parents=parents)
        parents = (term,)
    return a_name("disease", text, (term,))


def says(
    edge: str, *, study: Any = None, source: dict[str, Any] | None = None, engineered: bool = False, **fields: Any
) -> Claim:
    """A claim of a study of its own, unless one is given."""
    made = a_preparation(study=study or a_study(authors=[]), source=a_source(**(source or {})), engineered=engineered)
    fields.setdefault("disease", a_disease())
    return a_claim(edge=edge, preparation=made, **fields)


def of_cargo(edge: str, cargo: str = "miR-21", **fields: Any) -> Claim:
    return says(edge, cargo=a_cargo(cargo), source={"category": "biofluid"}, **fields)
