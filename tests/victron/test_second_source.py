"""The catalogue row by row beside a second source: Home Assistant's own library for a GX.

victron-mqtt has its table from Victron's lists and from people's systems, independently of ours.
Where both disagree it stands here, with the reason.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from victron_mqtt import _victron_topics as library

from benchmarks.victron_coverage import sample
from custom_components.hausstrom.victron.protocol.catalogue import FAMILIES
from custom_components.hausstrom.victron.protocol.catalogue.index import PathIndex
from custom_components.hausstrom.victron.protocol.catalogue.model import PathRow

COUNTED: Final = "a number of something is no unit"
SECONDS: Final = "the bus has seconds; the library divides, here Home Assistant converts"
OTHERWISE: Final = {
    ("battery", "History/AutomaticSyncs"): COUNTED,
    ("battery", "History/ChargeCycles"): COUNTED,
    ("battery", "System/NrOfModulesBlockingCharge"): COUNTED,
    ("battery", "System/NrOfModulesBlockingDischarge"): COUNTED,
    ("battery", "System/NrOfModulesOffline"): COUNTED,
    ("battery", "System/NrOfModulesOnline"): COUNTED,
    ("gps", "NrOfSatellites"): COUNTED,
    ("system", "DynamicEss/NumberOfSchedules"): COUNTED,
    ("evcharger", "Session/Time"): SECONDS,
    ("generator", "AccumulatedRuntime"): SECONDS,
    ("generator", "ServiceCounter"): SECONDS,
    ("generator", "TodayRuntime"): SECONDS,
    ("settings", "Settings/CGwacs/BatteryLife/Schedule/Charge/0/Duration"): SECONDS,
    ("settings", "Settings/CGwacs/BatteryLife/Schedule/Charge/0/Start"): SECONDS,
    ("settings", "Settings/Generator0/ServiceInterval"): SECONDS,
    ("ev", "BatteryCapacity"): "kWh in Victron's list of paths (venus wiki, ev); no car says Ah",
    ("gps", "Altitude"): "metres; the library says nothing",
    ("gps", "Position/Latitude"): "degrees; the library names the axis",
    ("gps", "Position/Longitude"): "degrees; the library names the axis",
    ("tank", "Remaining"): "the bus has m³; the library multiplies, here Home Assistant converts",
}
# What a word of the library says of the direction, and what it has to be called here. Of a meter
# that only consumes "Consumption" is its own; of one on the generator it is a slip.
DIRECTIONS: Final = {
    ("grid", "Ac/Energy/Forward"): ("Consumption", "energy_import"),
    ("grid", "Ac/Energy/Reverse"): ("Feed-in", "energy_export"),
    ("grid", "Ac/L1/Energy/Forward"): ("Grid consumption on {phase}", "phase_energy_import"),
    ("grid", "Ac/L1/Energy/Reverse"): ("Feed-in on {phase}", "phase_energy_export"),
    ("acload", "Ac/Energy/Forward"): ("Consumption", "energy_consumed"),
    ("acload", "Ac/Energy/Reverse"): ("Feed-in", "energy_delivered"),
    ("acload", "Ac/L1/Energy/Forward"): ("Consumption on {phase}", "phase_energy_consumed"),
    ("acload", "Ac/L1/Energy/Reverse"): ("Feed-in on {phase}", "phase_energy_delivered"),
    ("heatpump", "Ac/Energy/Forward"): ("Consumption", "energy_consumed"),
    ("battery", "History/ChargedEnergy"): ("Charged energy", "energy_charged"),
    ("battery", "History/DischargedEnergy"): ("Discharged energy", "energy_discharged"),
    ("dcgenset", "History/EnergyOut"): ("Total energy produced", "energy_produced"),
    ("pvinverter", "Ac/Energy/Forward"): ("Total yield", "energy_produced"),
    ("pvinverter", "Ac/L1/Energy/Forward"): ("Yield {phase}", "phase_energy_produced"),
    ("solarcharger", "Yield/User"): ("Total yield", "yield_since_reset"),
    ("solarcharger", "Yield/System"): ("Total PV yield system", "energy_produced"),
    ("solarcharger", "History/Daily/0/Yield"): ("Yield today", "yield_today"),
    ("solarcharger", "History/Daily/1/Yield"): ("Yield yesterday", "yield_yesterday"),
}


def pairs() -> Iterator[tuple[str, str, Any, PathRow]]:
    """Yield service, path, the library's row and ours of what both have."""
    indexes = {name: PathIndex.of(family) for name, family in FAMILIES.items()}
    for row in library.topics:
        parts = row.topic.split("/", 4)
        if parts[0] != "N" or len(parts) < 5 or parts[2] not in indexes:
            continue
        path = sample(parts[4])
        if (match := indexes[parts[2]].match(path)) is not None:
            yield parts[2], path, row, match.point


def test_units() -> None:
    differing, agreeing = set(), 0
    for service, path, theirs, ours in pairs():
        if (theirs.unit_of_measurement or None) == (ours.quantity.unit or None):
            agreeing += 1
        else:
            differing.add((service, path))
    assert differing == {*OTHERWISE}
    assert agreeing > 450


def test_what_counts_and_what_measures() -> None:
    """A counter that is taken for a measurement is missing in the energy dashboard, and so on."""
    classes = {
        "TOTAL_INCREASING": "total_increasing",
        "TOTAL": "total",
        "MEASUREMENT": "measurement",
    }
    compared = 0
    for service, path, theirs, ours in pairs():
        nature = getattr(theirs.metric_nature, "name", None)
        if ours.quantity.device_class != "energy" or nature is None:
            continue
        compared += 1
        assert ours.quantity.state_class == classes.get(nature), (service, path)
    assert compared > 40


@pytest.mark.parametrize("row", DIRECTIONS, ids="/".join)
def test_directions(row: tuple[str, str]) -> None:
    word, name = DIRECTIONS[row]
    found = {
        (theirs.name, ours.name)
        for service, path, theirs, ours in pairs()
        if (service, path) == row
    }
    assert found == {(word, name)}


@pytest.mark.parametrize("service", ["vebus", "multi"])
def test_from_where_to_where(service: str) -> None:
    """Each counter of an inverter: the library's words are ours, in the same order."""
    compared = 0
    for one, path, theirs, ours in pairs():
        if one == service and path.startswith("Energy/"):
            words = theirs.name.lower().removeprefix("energy from ").replace("-", "_")
            assert ours.name.removeprefix("energy_") in {
                words.replace(" ", "_"),
                words.replace("ac_out", "out", 1).replace(" ", "_"),
            }, path
            compared += 1
    assert compared >= 9
