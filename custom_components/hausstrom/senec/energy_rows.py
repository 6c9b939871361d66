"""What a SENEC brings into the energy dashboard, whichever way its values come."""

from typing import Final

from ..energy_dashboard.rows import Role, Several, SourceRow


def senec_rows(kind: str) -> tuple[SourceRow, ...]:
    """Return the rows of a way to a SENEC: the keys are the same whichever way they come."""
    return (
        SourceRow(
            role=Role.GRID,
            kind=kind,
            subject="grid",
            energy=("grid_import_energy",),
            back="grid_export_energy",
            power=("grid_power",),
            several=Several.FIRST,
            across_entries=True,
        ),
        SourceRow(
            role=Role.SOLAR,
            kind=kind,
            subject="senec_solar",
            energy=("inverter_energy",),
            power=("inverter_power",),
        ),
        SourceRow(
            role=Role.BATTERY,
            kind=kind,
            subject="senec_battery",
            energy=("bat_discharge_energy",),
            back="bat_charge_energy",
            power=("bat_power",),
            soc="bat_fuel_charge",
        ),
        SourceRow(
            role=Role.DEVICE,
            kind=kind,
            subject="senec_wallbox",
            energy=("wallbox_energy",),
            power=("wallbox_charge_power",),
            name="wallbox",
        ),
    )


LOCAL_ROWS: Final = senec_rows("senec_local")
CLOUD_ROWS: Final = senec_rows("senec_cloud")
CONNECT_ROWS: Final = senec_rows("senec_connect")
