"""Units and factors of the variables, row by row beside sources that are not ours.

The large one (units and multipliers as SENEC's own page for installers has them) lies beside the
repository. The small one is here, for a clone without it: the comments on units and signs in the
Ruby gem `senec` (lib/senec/local/constants, after a gist of smashnet), and the openHAB binding
senechome for the wallbox. Where a source disagrees with us it stands here, with the reason.
"""

from typing import Final

import pytest

from custom_components.hausstrom.senec.local.protocol.catalogue import CATALOGUE
from custom_components.hausstrom.senec.local.protocol.codec import Answer
from custom_components.hausstrom.senec.local.protocol.derived import derived_points
from tests.senec.samples import listed_variables

OTHERWISE: Final = {
    # In volts here, as the cells of every other kind.
    **dict.fromkeys(
        (
            *(("BMS", f"CELL_VOLTAGES_MODULE_{module}") for module in "ABCD"),
            ("BMS_PARA", "FULL_CELL_VOLTAGE_MV"),
            ("ENERGY", "GUI_BAT_DATA_MAX_CELL_VOLTAGE"),
            ("ENERGY", "GUI_BAT_DATA_MIN_CELL_VOLTAGE"),
        ),
        ("mV", "V"),
    ),
    # 3318 is a lithium cell of 3.318 V; with the source's 0.01 it would have 33 V.
    ("BMS", "MAX_CELL_VOLTAGE"): ("V", "V"),
    ("BMS", "MIN_CELL_VOLTAGE"): ("V", "V"),
    # Watt seconds by what the systems say beside their totals.
    ("BMS", "CHARGED_ENERGY"): ("Wh", "kWh"),
    ("BMS", "DISCHARGED_ENERGY"): ("Wh", "kWh"),
    # A current by its name, and percent of the nominal voltage by their values (110, 115, 80).
    ("ENERGY", "INIT_CHARGE_MAX_CURRENT"): ("W", "A"),
    ("GRIDCONFIG", "VDE_VOLTDROPPROT"): ("V", "%"),
    ("GRIDCONFIG", "VDE_VOLTDROPPROTAVG"): ("V", "%"),
    ("GRIDCONFIG", "VDE_VOLTRISEPROT"): ("V", "%"),
    ("GRIDCONFIG", "VDE_VOLTRISEPROTAVG"): ("V", "%"),
    ("PWR_UNIT", "WATERVOL"): ("l", "L"),  # Home Assistant's spelling
}


def test_units_and_multipliers() -> None:
    agreeing, differing = 0, {}
    for row in listed_variables():
        known = CATALOGUE.get((row["section"], row["var"]))
        if known is None or not (row["unit"] or row["multiply"]):
            continue
        factor = float(row["multiply"] or 1)
        if (known.form.unit or "") == row["unit"] and known.form.factor == pytest.approx(factor):
            agreeing += 1
        else:
            differing[row["section"], row["var"]] = (row["unit"], known.form.unit or "")
    assert differing == OTHERWISE
    assert agreeing > 120


@pytest.mark.parametrize(
    ("section", "variable", "unit"),
    [
        ("ENERGY", "GUI_BAT_DATA_CURRENT", "A"),
        ("ENERGY", "GUI_BAT_DATA_FUEL_CHARGE", "%"),
        ("ENERGY", "GUI_BAT_DATA_POWER", "W"),
        ("ENERGY", "GUI_BAT_DATA_VOLTAGE", "V"),
        ("ENERGY", "GUI_GRID_POW", "W"),
        ("ENERGY", "GUI_HOUSE_POW", "W"),
        ("ENERGY", "GUI_INVERTER_POWER", "W"),
        ("PV1", "MPP_POWER", "W"),
        ("PV1", "POWER_RATIO", "%"),
        ("WALLBOX", "APPARENT_CHARGING_POWER", "W"),
        ("WALLBOX", "L1_CHARGING_CURRENT", "A"),
        ("WALLBOX", "L2_CHARGING_CURRENT", "A"),
        ("WALLBOX", "L3_CHARGING_CURRENT", "A"),
    ],
)
def test_what_others_read(section: str, variable: str, unit: str) -> None:
    """As sent, without a factor: what the sources below read of it as a float."""
    form = CATALOGUE[section, variable].form
    assert (form.unit, form.factor) == (unit, 1)


SIGNS: Final = {
    # As they say: negative while exporting, positive while importing.
    ("ENERGY", "GUI_GRID_POW"): ("grid_power", 1),
    # They have the charging positive; here it is the discharge, as the energy dashboard wants.
    ("ENERGY", "GUI_BAT_DATA_POWER"): ("bat_power", -1),
}


@pytest.mark.parametrize("sent", [1200.0, -800.0])
@pytest.mark.parametrize("ref", SIGNS, ids=".".join)
def test_signs(ref: tuple[str, str], sent: float) -> None:
    section, variable = ref
    key, sign = SIGNS[ref]
    point = next(point for point in derived_points() if point.key == key)
    assert point.read(Answer({section: {variable: sent}})) == sign * sent
