"""The rows of cloud and Connect beside sources that are not ours.

Three of them. The names in the app's answers say their units themselves (`gridFeedInInW`): what a
row shows has to be that unit, whatever our table says. Energy is kept: what comes in goes somewhere,
so a swapped name or sign shows in any answer of a system that runs. And the device's own page has
the states by number, in words that the cloud uses, too.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from unittest.mock import create_autospec

import pytest
from homeassistant.const import (
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfTime,
)

from custom_components.hausstrom.number import HausstromNumberDescription
from custom_components.hausstrom.senec.cloud import descriptions as cloud
from custom_components.hausstrom.senec.cloud.protocol.models import Dashboard, Details
from custom_components.hausstrom.senec.cloud.protocol.readings import (
    from_dashboard,
    from_details,
    from_sg_ready,
    from_sockets,
)
from custom_components.hausstrom.senec.cloud.protocol.web import SgReady, Socket
from custom_components.hausstrom.senec.cloud.writing import Writing
from custom_components.hausstrom.senec.connect import descriptions as connect
from custom_components.hausstrom.senec.connect.protocol.models import systems_of
from custom_components.hausstrom.senec.connect.protocol.readings import readings_of
from custom_components.hausstrom.senec.protocol.fields import JsonObject
from custom_components.hausstrom.senec.protocol.state_words import slug_of_word
from custom_components.hausstrom.senec.protocol.states import STATE_BY_CODE

from .samples import samples

# The ending of a name → the unit in which a row may show it, and what one of it is there.
UNITS: Final[dict[str, tuple[str, float]]] = {
    "W": (UnitOfPower.WATT, 1),
    "Wh": (UnitOfEnergy.KILO_WATT_HOUR, 0.001),
    "Kwh": (UnitOfEnergy.KILO_WATT_HOUR, 1),
    "Percent": ("%", 1),
    "Celsius": (UnitOfTemperature.CELSIUS, 1),
    "V": ("V", 1),
    "A": ("A", 1),
}
UNIT_OF_A_NAME: Final = re.compile(r"In(W|Wh|Kwh|Percent|Celsius|V|A)$")

# A key and the words of SENEC's name for it: the words are the source, not our model.
NOW: Final = {
    "powerGenerationInW": "inverter_power",
    "gridFeedInInW": "grid_power_minus",
    "gridDrawInW": "grid_power_plus",
    "batteryChargeInW": "bat_power_plus",
    "batteryDischargeInW": "bat_power_minus",
    "batteryLevelInPercent": "bat_fuel_charge",
    "selfSufficiencyInPercent": "self_sufficiency",
    "wallboxInW": "wallbox_charge_power",
    "powerConsumptionInW": "house_power",
}
TODAY: Final = {
    "powerGenerationInWh": "inverter_energy",
    "gridFeedInInWh": "grid_export_energy",
    "gridDrawInWh": "grid_import_energy",
    "batteryChargeInWh": "bat_charge_energy",
    "batteryDischargeInWh": "bat_discharge_energy",
    "selfSufficiencyInPercent": "self_sufficiency_today",
    "wallboxInWh": "wallbox_energy",
    "powerConsumptionInWh": "house_energy",
}
DETAILS: Final = {
    ("casing", "temperatureInCelsius"): "case_temp",
    ("batteryPack", "currentVoltageInV"): "bat_voltage",
    ("batteryPack", "currentCurrentInA"): "bat_charge_current",
    ("batteryPack", "maxCapacityInKwh"): "bat_capacity",
    ("batteryPack", "remainingCapacityInPercent"): "bat_health",
}
UNIT_SHOWN: Final = {
    row.description.key: getattr(row.description, "native_unit_of_measurement", None)
    for row in (*cloud.DASHBOARD, *cloud.WALLBOX_TOTALS, *cloud.DETAILS, *connect.SYSTEM)
}


def shown(name: str, key: str, value: float) -> float:
    """Return what a row has to show of a value with this name, in the row's unit."""
    found = UNIT_OF_A_NAME.search(name)
    assert found is not None, name
    unit, factor = UNITS[found[1]]
    assert UNIT_SHOWN[key] == unit, key
    return value * factor


def dashboard(**parts: dict[str, float]) -> dict[str, Any]:
    told = Dashboard.from_json(
        {"timestamp": "2026-06-10T10:00:00Z", "currently": {}, "today": {}, **parts}
    )
    assert told is not None
    return dict(from_dashboard(told, holds_wallbox=False))


@pytest.mark.parametrize(
    ("part", "name", "key"),
    [
        *(("currently", name, key) for name, key in NOW.items()),
        *(("today", name, key) for name, key in TODAY.items()),
    ],
)
def test_a_row_shows_what_its_name_says_in_the_unit_that_its_name_says(
    part: str, name: str, key: str
) -> None:
    """One value alone: it must not turn up under another key either, but for what follows from it."""
    values = dashboard(**{part: {name: 42.0, "wallboxInW": 42.0 if name == "wallboxInW" else 0.0}})
    assert values[key] == pytest.approx(shown(name, key, 42.0))
    elsewhere = {
        other
        for other, value in values.items()
        if other != key and isinstance(value, float) and value != 0.0
    }
    assert elsewhere == set()


@pytest.mark.parametrize("place", DETAILS, ids=".".join)
def test_what_changes_slowly(place: tuple[str, str]) -> None:
    part, name = place
    readings = from_details(Details.from_json({part: {name: 42.0}}))
    assert readings[DETAILS[place]] == pytest.approx(shown(name, DETAILS[place], 42.0))


# Balances of systems that run: roof, grid, battery, house. Invented, in the form of the services.
RUNNING: Final = {
    "charges": {"roof": 4200.0, "house": 900.0, "feed": 300.0, "charge": 3000.0},
    "feeds in": {"roof": 5200.0, "house": 700.0, "feed": 4500.0},
    "discharges": {"house": 1800.0, "discharge": 1800.0},
    "takes from the grid": {"roof": 100.0, "house": 2600.0, "draw": 2500.0},
    "charges from the grid": {"house": 500.0, "draw": 3500.0, "charge": 3000.0},
}


def balance(values: dict[str, Any]) -> float:
    """Return what is missing (W) between what comes in and what is used."""
    return float(
        values["inverter_power"]
        + values["grid_power"]
        + values["bat_power"]
        - values["house_power"]
    )


@pytest.mark.parametrize("case", RUNNING)
def test_energy_is_kept_in_what_the_cloud_tells(case: str) -> None:
    flows = RUNNING[case]
    values = dashboard(
        currently={
            "powerGenerationInW": flows.get("roof", 0.0),
            "powerConsumptionInW": flows["house"],
            "gridFeedInInW": flows.get("feed", 0.0),
            "gridDrawInW": flows.get("draw", 0.0),
            "batteryChargeInW": flows.get("charge", 0.0),
            "batteryDischargeInW": flows.get("discharge", 0.0),
            "wallboxInW": 0.0,
        }
    )
    assert balance(values) == pytest.approx(0)


@pytest.mark.parametrize("case", RUNNING)
def test_energy_is_kept_in_what_connect_tells(case: str) -> None:
    """Its documents: battery power positive while charging, grid power while importing."""
    flows = RUNNING[case]
    systems = systems_of(
        [
            {
                "bessNameplate": {"system_id": "P4H1-1"},
                "battery": {
                    "power": flows.get("charge", 0.0) - flows.get("discharge", 0.0),
                    "voltage": 600.0,
                },
                "meter": {
                    "grid_power": flows.get("draw", 0.0) - flows.get("feed", 0.0),
                    "consumption": flows["house"],
                    "production": flows.get("roof", 0.0),
                },
            }
        ]
    )
    assert balance(dict(readings_of(systems["P4H1-1"]))) == pytest.approx(0)


def test_energy_is_kept_in_real_answers() -> None:
    """Meters of two makes and losses differ by a few percent; a wrong sign by thousands of watts."""
    folder = samples()
    told = Dashboard.from_json(json.loads((folder / "cloud_v3_dashboard.json").read_text("utf-8")))
    assert told is not None
    answers: list[dict[str, Any]] = [dict(from_dashboard(told, holds_wallbox=False))]
    systems = json.loads((folder / "senecconnect_general_4systems.json").read_text("utf-8"))
    answers += [dict(readings_of(one)) for one in systems_of(systems).values() if one.is_online]
    flowing = [one for one in answers if None not in (one["bat_power"], one["house_power"])]
    assert flowing
    for values in flowing:
        most = max(abs(values[key]) for key in ("inverter_power", "bat_power", "house_power"))
        assert abs(balance(values)) <= 0.1 * most, values


# --- states --------------------------------------------------------------------------------

# Some of the page's words, as several clients quote them; the whole table lies beside the repository.
WORDS: Final = {
    "13": "AKKU VOLL",
    "14": "LADEN",
    "15": "AKKU LEER",
    "16": "ENTLADEN",
    "17": "PV + ENTLADEN",
    "18": "NETZ + ENTLADEN",
    "19": "PASSIV",
    "20": "AUSGESCHALTET",
    "21": "EIGENVERBRAUCH",
    "22": "NEUSTART",
    "38": "KEINE SERVERVERBINDUNG",
    "40": "WARTUNG: FILTER",
}


def differing(words: dict[str, str]) -> Iterator[str]:
    """Yield the words that the cloud would send for another state than the device's number."""
    for number, word in words.items():
        if slug_of_word(word) != STATE_BY_CODE[int(number)].slug:
            yield f"{number} {word}"


# What the page of a system sends and takes of SG Ready: the names say the units.
SG_READY: Final = {
    "modeChangeDelayInMinutes": ("sg_ready_mode_change_delay", UnitOfTime.MINUTES),
    "powerOnProposalThresholdInWatt": ("sg_ready_power_on_proposal", UnitOfPower.WATT),
    "powerOnCommandThresholdInWatt": ("sg_ready_power_on_command", UnitOfPower.WATT),
    "shutdownLevelInWatt": ("sg_ready_shutdown_level", UnitOfPower.WATT),
}


def test_sg_ready_in_the_units_of_its_names() -> None:
    # Each value is another one: two that change places are seen.
    answer: JsonObject = {"enabled": False, **{name: 10 + len(name) for name in SG_READY}}
    shown = from_sg_ready(SgReady(2, answer))
    assert shown == {
        "sg_ready_mode": "mode_2",
        "sg_ready_enabled": False,
        **{key: 10 + len(name) for name, (key, _) in SG_READY.items()},
    }
    units = {
        row.description.key: row.description.native_unit_of_measurement
        for row in cloud.sg_ready_rows(create_autospec(Writing))
        if isinstance(row.description, HausstromNumberDescription)
    }
    assert units == dict(SG_READY.values())


def test_sg_ready_of_a_recorded_answer() -> None:
    answer = json.loads((samples() / "web_sgready_config.json").read_text("utf-8"))
    assert set(answer) <= {"enabled", *SG_READY}
    shown = from_sg_ready(SgReady(None, answer))
    assert sorted(value for value in shown.values() if value is not None) == sorted(answer.values())


@pytest.mark.parametrize("spelling", ["steckdosennummer", "steckdosenummer"])
def test_a_socket_in_the_words_of_the_page(spelling: str) -> None:
    answer: JsonObject = {spelling: 1, "name": "Pool", "mode": "AUTOMATIC", "state": {"an": True}}
    socket = Socket.from_json(answer)
    assert socket is not None
    assert from_sockets([socket]) == {"socket_1_mode": "automatic", "socket_1_on": True}


def test_words_and_numbers_are_the_same_states() -> None:
    assert list(differing(WORDS)) == []


@pytest.mark.parametrize("table", ["system_state_de_from_device_js", "system_state_peer"])
def test_words_and_numbers_of_the_whole_tables(table: str) -> None:
    tables = json.loads((samples() / "enum_tables.json").read_text("utf-8"))[table]
    words = tables.get("de", tables)
    assert len(words) >= 99
    assert list(differing(words)) == []
