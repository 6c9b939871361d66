"""What a GX brings into the energy dashboard."""

from typing import Final

from ..energy_dashboard.rows import Role, Several, SourceRow


def _gx_consumer(service: str) -> SourceRow:
    return SourceRow(
        role=Role.DEVICE,
        kind="victron",
        subject=f"gx_{service}",
        energy=(rf"{service}_\d+(?:_\d+)?_ac_energy_forward",),
        power=(rf"{service}_\d+(?:_\d+)?_ac_power",),
    )


ENERGY_ROWS: Final = (
    SourceRow(
        role=Role.GRID,
        kind="victron",
        subject="grid",
        energy=(r"grid_\d+(?:_\d+)?_ac_energy_forward",),
        back=r"grid_\d+(?:_\d+)?_ac_energy_reverse",
        power=(r"grid_\d+(?:_\d+)?_ac_power",),
        several=Several.FIRST,
        across_entries=True,
    ),
    # Without a meter we count the balance of the phases that the GX controls.
    SourceRow(
        role=Role.GRID,
        kind="victron",
        subject="grid",
        energy=("system_0_ac_grid_import_energy",),
        back="system_0_ac_grid_export_energy",
        power=("system_0_ac_grid_power",),
        several=Several.FIRST,
        across_entries=True,
    ),
    SourceRow(
        role=Role.SOLAR,
        kind="victron",
        subject="gx_ac_solar",
        energy=(r"pvinverter_\d+(?:_\d+)?_ac_energy_forward",),
        power=(r"pvinverter_\d+(?:_\d+)?_ac_power",),
    ),
    SourceRow(
        role=Role.SOLAR,
        kind="victron",
        subject="gx_dc_solar",
        energy=(r"(solarcharger|multi|inverter)_\d+(?:_\d+)?_yield_system",),
        power=(r"(solarcharger|multi|inverter)_\d+(?:_\d+)?_yield_power",),
    ),
    SourceRow(
        role=Role.SOLAR,
        kind="victron",
        subject="gx_dc_solar",
        energy=("system_0_dc_pv_energy",),
        power=("system_0_dc_pv_power",),
    ),
    SourceRow(
        role=Role.BATTERY,
        kind="victron",
        subject="gx_battery",
        energy=("system_0_dc_battery_discharge_energy",),
        back="system_0_dc_battery_charge_energy",
        power=("system_0_dc_battery_power",),
        inverted=True,
        soc="system_0_dc_battery_soc",
    ),
    SourceRow(
        role=Role.BATTERY,
        kind="victron",
        subject="gx_battery",
        energy=(r"battery_\d+(?:_\d+)?_history_dischargedenergy",),
        back=r"battery_\d+(?:_\d+)?_history_chargedenergy",
        power=(r"battery_\d+(?:_\d+)?_dc_0_power",),
        inverted=True,
        soc=r"battery_\d+(?:_\d+)?_soc",
        several=Several.CHOOSE,
    ),
    _gx_consumer("evcharger"),
    _gx_consumer("heatpump"),
    _gx_consumer("acload"),
)
