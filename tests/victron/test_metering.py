"""The energy that we count for a GX goes where its power flows."""

import pytest

from custom_components.hausstrom.victron.descriptions import energy_descriptions
from custom_components.hausstrom.victron.protocol.metering import Metering

from .gx import PORTAL, Gx

# As the documents of dbus-systemcalc-py have it: Dc/Battery/Power + = charging, Ac/Grid + = import.
FLOWS = [
    ({"Ac/Grid/L1/Power": 1500}, "system_0_ac_grid_import_energy", 1.5),
    ({"Ac/Grid/L1/Power": -2400}, "system_0_ac_grid_export_energy", 2.4),
    (
        {"Ac/Grid/L1/Power": -2000, "Ac/Grid/L2/Power": 500, "Ac/Grid/L3/Power": 700},
        "system_0_ac_grid_export_energy",
        0.8,
    ),
    ({"Dc/Battery/Power": 900}, "system_0_dc_battery_charge_energy", 0.9),
    ({"Dc/Battery/Power": -600}, "system_0_dc_battery_discharge_energy", 0.6),
    ({"Dc/Pv/Power": 3000}, "system_0_dc_pv_energy", 3.0),
]


@pytest.mark.parametrize(("powers", "key", "energy"), FLOWS)
def test_an_hour_is_counted_where_it_flowed(
    powers: dict[str, float], key: str, energy: float
) -> None:
    gx = Gx()
    gx.tell("system/0", {**powers, "Serial": "c0619ab1f00d"})
    metering = Metering()
    for _ in range(361):
        metering.sample(gx.system, gx.now)
        gx.wait(10)
        for path, value in powers.items():
            gx.say(f"system/0/{path}", value)
    counted = {name: total for name, total in metering.readings().items() if total}
    assert counted == {key: pytest.approx(energy, rel=0.01)}


@pytest.mark.parametrize(
    ("key", "name", "field"),
    [
        ("system_0_ac_grid_import_energy", "gx_energy_import", "Ac/Grid/ImportEnergy"),
        ("system_0_ac_grid_export_energy", "gx_energy_export", "Ac/Grid/ExportEnergy"),
        (
            "system_0_dc_battery_charge_energy",
            "gx_battery_charge_energy",
            "Dc/Battery/ChargeEnergy",
        ),
        (
            "system_0_dc_battery_discharge_energy",
            "gx_battery_discharge_energy",
            "Dc/Battery/DischargeEnergy",
        ),
        ("system_0_dc_pv_energy", "gx_dc_pv_energy", "Dc/Pv/Energy"),
    ],
)
def test_what_is_counted_is_called_what_it_is(key: str, name: str, field: str) -> None:
    gx = Gx()
    gx.tell(
        "system/0",
        {"Ac/Grid/L1/Power": 1, "Dc/Battery/Power": 1, "Dc/Pv/Power": 1, "Serial": PORTAL},
    )
    rows = {row.key: row for row in energy_descriptions(tuple(gx.offers.values()), PORTAL)}
    assert rows[key].translation_key == name
    assert getattr(rows[key], "attributes")["field"] == field  # noqa: B009  of a sensor of ours
