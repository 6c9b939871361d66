"""Which sensors make which source of the energy dashboard: a table."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """An enabled sensor of ours. `key` is its unique id without the entry's."""

    entity_id: str
    key: str
    kind: str
    entry_id: str
    device_id: str
    device_name: str
    device_class: str | None
    state_class: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
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
    """Whether devices of all entries may measure the same thing, or those of one entry only."""


def _senec(kind: str) -> tuple[Row, ...]:
    return (
        Row(
            role=Role.GRID,
            kind=kind,
            subject="grid",
            energy=("grid_import_energy",),
            back="grid_export_energy",
            power=("grid_power",),
            several=Several.FIRST,
            across_entries=True,
        ),
        Row(
            role=Role.SOLAR,
            kind=kind,
            subject="senec_solar",
            energy=("inverter_energy",),
            power=("inverter_power",),
            across_entries=True,
        ),
        Row(
            role=Role.BATTERY,
            kind=kind,
            subject="senec_battery",
            energy=("bat_discharge_energy",),
            back="bat_charge_energy",
            power=("bat_power",),
            soc="bat_fuel_charge",
            across_entries=True,
        ),
        Row(
            role=Role.DEVICE,
            kind=kind,
            subject="senec_wallbox",
            energy=("wallbox_energy",),
            power=("wallbox_charge_power",),
            across_entries=True,
        ),
    )


def _gx_consumer(service: str) -> Row:
    return Row(
        role=Role.DEVICE,
        kind="victron",
        subject=f"gx_{service}",
        energy=(rf"{service}_\d+_ac_energy_forward",),
        power=(rf"{service}_\d+_ac_power",),
    )


TABLE: Final = (
    # The meter that the bill is written by comes before all that only look on.
    Row(
        role=Role.GRID,
        kind="evn",
        subject="grid",
        energy=("energy_import",),
        back="energy_export",
        power=("power",),
        across_entries=True,
    ),
    Row(
        role=Role.GRID,
        kind="victron",
        subject="grid",
        energy=(r"grid_\d+_ac_energy_forward",),
        back=r"grid_\d+_ac_energy_reverse",
        power=(r"grid_\d+_ac_power",),
        several=Several.FIRST,
        across_entries=True,
    ),
    # Nearer is finer: the local SENEC every few seconds, the cloud every few minutes.
    *_senec("senec_local"),
    *_senec("senec_cloud"),
    *_senec("senec_connect"),
    Row(
        role=Role.SOLAR,
        kind="victron",
        subject="gx_ac_solar",
        energy=(r"pvinverter_\d+_ac_energy_forward",),
        power=(r"pvinverter_\d+_ac_power",),
    ),
    Row(
        role=Role.SOLAR,
        kind="victron",
        subject="gx_dc_solar",
        energy=(r"(solarcharger|multi|inverter)_\d+_yield_system",),
        power=(r"(solarcharger|multi|inverter)_\d+_yield_power",),
    ),
    Row(
        role=Role.SOLAR,
        kind="victron",
        subject="gx_dc_solar",
        energy=("system_0_dc_pv_energy",),
        power=("system_0_dc_pv_power",),
    ),
    Row(
        role=Role.BATTERY,
        kind="victron",
        subject="gx_battery",
        energy=("system_0_dc_battery_discharge_energy",),
        back="system_0_dc_battery_charge_energy",
        power=("system_0_dc_battery_power",),
        inverted=True,
        soc="system_0_dc_battery_soc",
    ),
    Row(
        role=Role.BATTERY,
        kind="victron",
        subject="gx_battery",
        energy=(r"battery_\d+_history_dischargedenergy",),
        back=r"battery_\d+_history_chargedenergy",
        power=(r"battery_\d+_dc_0_power",),
        inverted=True,
        soc=r"battery_\d+_soc",
        several=Several.CHOOSE,
    ),
    _gx_consumer("evcharger"),
    _gx_consumer("heatpump"),
    _gx_consumer("acload"),
    # A meter of electricity is told from one of heat by its OBIS code: 1-x:1.8.0 is its total.
    Row(
        role=Role.DEVICE,
        kind="smartlog",
        subject="smartlog_electricity",
        energy=(r".+_1_\d+_1_8_0_255", r".+_1_\d+_1_8_0_\d+"),
        power=(r".+_1_\d+_1_7_0_255", r".+_1_\d+_16_7_0_255"),
    ),
    Row(
        role=Role.GAS,
        kind="smartlog",
        subject="gas",
        energy=(r".+_7_\d+_3_0_0_255", r".+"),
        power=(r".+",),
        device_class=SensorDeviceClass.GAS,
        power_class=SensorDeviceClass.VOLUME_FLOW_RATE,
        several=Several.CHOOSE,
        across_entries=True,
    ),
    Row(
        role=Role.WATER,
        kind="smartlog",
        subject="water",
        energy=(r".+_[89]_\d+_1_0_0_255", r".+"),
        power=(r".+",),
        device_class=SensorDeviceClass.WATER,
        power_class=SensorDeviceClass.VOLUME_FLOW_RATE,
        several=Several.AS_DEVICES,
        across_entries=True,
    ),
)
