"""What was made and what it carries: vesicle sources, preparations and cargos."""

from apps.vesicles.models.cargos import Cargo, CargoKind, CargoMember, CargoSynonym, CargoXref
from apps.vesicles.models.preparations import (
    EV_METRIC,
    Characterisation,
    Isolation,
    Preparation,
    Reported,
    VesicleClass,
)
from apps.vesicles.models.sources import Material, SourceCategory, VesicleSource

__all__ = [
    "EV_METRIC",
    "Cargo",
    "CargoKind",
    "CargoMember",
    "CargoSynonym",
    "CargoXref",
    "Characterisation",
    "Isolation",
    "Material",
    "Preparation",
    "Reported",
    "SourceCategory",
    "VesicleClass",
    "VesicleSource",
]
