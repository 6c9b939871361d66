"""What a system offers to be shown: one value with its meaning, resolved for this system."""

from collections.abc import Mapping
from typing import NamedTuple

from ...common.quantities import Quantity
from .catalogue.model import Category, Control, EntityForm
from .codes import Codes
from .payload import Limits


class Offer(NamedTuple):
    """One value worth an entity. `label` is the device (`battery_512`), `path` the D-Bus path."""

    key: str
    label: str
    service: str
    instance: str
    path: str
    name: str
    placeholders: Mapping[str, str]
    quantity: Quantity
    form: EntityForm
    codes: Codes | None
    device_class: str | None
    category: Category | None
    enabled: bool
    control: Control | None
    limits: Limits | None = None
    """Between what a number may be set now."""
