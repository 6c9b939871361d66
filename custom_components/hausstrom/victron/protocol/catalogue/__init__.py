"""What becomes an entity: our own table of the values of every type of service."""

from types import MappingProxyType
from typing import Final

from . import dc, gensets, gx, inverters, meters, outputs, sensors, solar, storage, vehicles
from .index import PathIndex
from .model import (
    Category,
    Condition,
    Control,
    ControlForm,
    Conversion,
    EntityForm,
    Family,
    PathRow,
    Sum,
)

__all__ = [
    "FAMILIES",
    "GX_SERVICES",
    "SERVICES",
    "Category",
    "Condition",
    "Control",
    "ControlForm",
    "Conversion",
    "EntityForm",
    "Family",
    "PathIndex",
    "PathRow",
    "Sum",
]

FAMILIES: Final = MappingProxyType(
    {
        family.service: family
        for module in (
            gx,
            storage,
            solar,
            inverters,
            meters,
            gensets,
            dc,
            sensors,
            vehicles,
            outputs,
        )
        for family in module.FAMILIES
    }
)
"""All families by service."""

GX_SERVICES: Final = frozenset(family.service for family in gx.FAMILIES)
"""The services that are the GX itself."""

SERVICES: Final = tuple(sorted(FAMILIES.keys() - GX_SERVICES))
"""The services that become devices of their own."""
