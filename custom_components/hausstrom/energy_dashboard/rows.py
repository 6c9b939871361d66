"""What a row of the table says: which sensors make which source of the energy dashboard."""

from enum import StrEnum
from typing import NamedTuple

from homeassistant.components.sensor.const import SensorDeviceClass


class Role(StrEnum):
    """What a source is in the energy dashboard."""

    GRID = "grid"
    SOLAR = "solar"
    BATTERY = "battery"
    GAS = "gas"
    WATER = "water"
    DEVICE = "device"
    WATER_DEVICE = "water_device"


class Several(StrEnum):
    """What several devices of one row mean."""

    EACH = "each"
    """Each measures something else; all count."""
    FIRST = "first"
    """All see the same; one is enough."""
    CHOOSE = "choose"
    """One may include another, and only the user knows."""
    AS_DEVICES = "as_devices"
    """As CHOOSE, but they can be shown one by one beside a total that the user chooses."""


class Sensor(NamedTuple):
    """An enabled sensor of ours. `key` is its unique id without the entry's."""

    entity_id: str
    unique_id: str
    key: str
    kind: str
    entry_id: str
    system: str
    """What its device is a part of, as `systems` decides."""
    device_id: str
    device_name: str
    device_class: str | None
    state_class: str | None


class SourceRow(NamedTuple):
    """One row of the table: which keys of one device make a source.

    Keys are regular expressions for the whole key; of several the first that fits counts.
    Rows with the same subject measure the same thing, the better one stands first.
    """

    role: Role
    kind: str
    subject: str
    energy: tuple[str, ...]
    """Import, production, discharge, consumption."""
    back: str | None = None
    """Export, charge."""
    power: tuple[str, ...] = ()
    inverted: bool = False
    """Whether the power counts a battery's charge as positive."""
    soc: str | None = None
    device_class: SensorDeviceClass = SensorDeviceClass.ENERGY
    power_class: SensorDeviceClass = SensorDeviceClass.POWER
    several: Several = Several.EACH
    across_entries: bool = False
    """Whether devices of all systems may measure the same thing, or those of one system only."""
    name: str | None = None
    """The key of the text that names it in the energy dashboard; None: the device's own name."""
