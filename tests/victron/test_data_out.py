"""Values of a GX in real databases, by the names that Telegraf gave: the package as it is."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import freezegun.api
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util.yaml import parse_yaml
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from simulators.databases import InfluxDb, VictoriaMetrics
from simulators.debian import ProgramError
from tests.victron.case_driver import Case, Player, shared_case
from tests.victron.case_variants import PORTAL, case

PACKAGE: Final = Path(__file__).parents[2] / "docs" / "data-out" / "victron.yaml"
DATABASE: Final = "telegraf"
QUERIES: Final = {
    "battery": """SELECT * FROM "battery" WHERE time > now() - 1h""",
    "soc": """SELECT "value" FROM "battery" WHERE "field" = 'Soc' AND time > now() - 24h""",
    "temperature": """SELECT * FROM "temperature" WHERE time > now() - 1h""",
}
"""What a guide to Telegraf and Victron has its readers ask."""


# Servers are started before time is frozen: ask for them before `freezer`.


@pytest.fixture
async def influxdb(socket_enabled: None) -> AsyncIterator[InfluxDb]:
    try:
        async with InfluxDb() as database:
            await database.create(DATABASE)
            yield database
    except ProgramError as error:
        pytest.skip(str(error))


@pytest.fixture
async def victoria_metrics(socket_enabled: None) -> AsyncIterator[VictoriaMetrics]:
    try:
        async with VictoriaMetrics() as database:
            yield database
    except ProgramError as error:
        pytest.skip(str(error))


def point(measurement: str, instance: str, field: str, value: float) -> dict[str, Any]:
    tags = {"portal_id": PORTAL, "instance": instance, "field": field}
    return {"measurement": measurement, "tags": tags, "fields": {"value": value}}


def exported(start: dict[str, Any], *points: dict[str, Any], **options: Any) -> Case:
    return case(start, expect=[{"points": list(points)}], options=options)


VARIANTS: Final = {
    "meters_and_phases": exported(
        {
            "pvinverter/20/Ac/Power": 4321.5,
            "pvinverter/20/Ac/L1/Power": 1440.5,
            "pvinverter/20/Ac/L2/Power": 1440.5,
            "pvinverter/20/Ac/L3/Power": 1440.5,
            "pvinverter/20/Ac/Energy/Forward": 8123.25,
            "grid/30/Ac/Power": -12.5,
            "grid/30/Ac/Energy/Reverse": 77.75,
        },
        point("pvinverter", "20", "Ac/Power", 4321.5),
        point("pvinverter", "20", "Ac/Energy/Forward", 8123.25),
        point("grid", "30", "Ac/Power", -12.5),
        point("grid", "30", "Ac/Energy/Reverse", 77.75),
    ),
    "words_are_numbers_too": exported(
        {
            "solarcharger/279/State": 5,
            "solarcharger/279/Yield/Power": 0.0,
            "system/0/SystemState/State": 252,
            "system/0/Dc/Battery/Power": 100.0,
            "battery/512/State": 9,
            "battery/512/Soc": 100.0,
            "battery/512/Io/AllowToCharge": 0,
        },
        point("solarcharger", "279", "State", 5),
        point("solarcharger", "279", "Yield/Power", 0),
        point("system", "0", "SystemState/State", 252),
        point("battery", "512", "State", 9),
        point("battery", "512", "Io/AllowToCharge", 0),
    ),
    "sensors_and_an_instance_in_words": exported(
        {
            "temperature/26/Temperature": -7.5,
            "temperature/26/Humidity": 61.5,
            "tank/22/Level": 62.5,
            "temperature/ruuvi_c0ffee/Temperature": 21.25,
        },
        point("temperature", "26", "Temperature", -7.5),
        point("temperature", "26", "Humidity", 61.5),
        point("tank", "22", "Level", 62.5),
        point("temperature", "ruuvi_c0ffee", "Temperature", 21.25),
    ),
    "settings_that_may_be_changed": exported(
        {
            "system/0/SystemType": "ESS",
            "vebus/276/Mode": 3,
            "vebus/276/State": 9,
            "settings/0/Settings/CGwacs/BatteryLife/MinimumSocLimit": 20,
            "evcharger/40/Mode": 1,
            "evcharger/40/StartStop": 1,
            "switch/60/SwitchableOutput/drop/Settings/Type": 6,
            "switch/60/SwitchableOutput/drop/Settings/Labels": ["Eco", "Comfort"],
            "switch/60/SwitchableOutput/drop/Dimming": 1,
        },
        # The words "on" and "off" are 1 and 0 to Home Assistant's integration, whatever they mean.
        {**point("vebus", "276", "Mode", 3), "fields": {"value_": 3}},
        point("settings", "0", "Settings/CGwacs/BatteryLife/MinimumSocLimit", 20),
        point("evcharger", "40", "Mode", 1),
        point("evcharger", "40", "StartStop", 1),
        point("switch", "60", "SwitchableOutput/drop/Dimming", 1),
        controls=True,
    ),
}


def adapted(player: Player) -> Any:
    """Return the package with the entity ids of a case's devices in place of the examples'."""
    package: Any = parse_yaml(PACKAGE.read_text())
    assert player.entry is not None
    prefix = f"victron_{player.portal}"
    globs: list[str] = []
    measurements: dict[str, dict[str, str]] = {}
    for key, entity_id in player.ids().items():
        service = key.removeprefix(f"{prefix}_").split("_")[0]
        globs.append(entity_id)
        measurements[entity_id] = {"override_measurement": service}
    settings: dict[str, Any] = package["influxdb"]
    settings["include"]["entity_globs"] = globs
    settings["component_config_glob"] = measurements
    return package


async def export(
    hass: HomeAssistant, player: Player, connection: dict[str, Any], package: Any
) -> None:
    """Have Home Assistant's integration write what changes from now on; then change it all."""
    entry = MockConfigEntry(
        domain="influxdb",
        data={
            "host": "127.0.0.1",
            "ssl": False,
            "verify_ssl": False,
            "path": None,
            **connection,
        },
    )
    entry.add_to_hass(hass)
    with patch("homeassistant.config.async_hass_config_yaml", return_value=package):
        assert await hass.config_entries.async_setup(entry.entry_id)
    await player.restart()
    await player.pass_time(6)
    await hass.async_block_till_done()
    # What waits is written before it stops.
    assert await hass.config_entries.async_unload(entry.entry_id)


async def played(
    hass: HomeAssistant, client: MqttMockHAClient, freezer: FrozenDateTimeFactory, played: Case
) -> Player:
    # The databases have clocks of their own, and find nothing that is to come.
    freezer.move_to(freezegun.api.real_datetime.fromtimestamp(freezegun.api.real_time() - 600))
    player = Player(hass, client, freezer, played)
    await player.set_up(played["options"][0] if "options" in played else {})
    return player


@pytest.mark.parametrize("name", ["influx_points", *VARIANTS])
async def test_points_of_telegraf_in_a_real_influxdb(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    influxdb: InfluxDb,
    freezer: FrozenDateTimeFactory,
    name: str,
) -> None:
    one = VARIANTS[name] if name in VARIANTS else shared_case(name)
    player = await played(hass, mqtt_mock, freezer, one)
    connection = {"api_version": "1", "port": influxdb.port, "database": DATABASE}
    await export(hass, player, connection, adapted(player))
    for wanted in one["expect"][0]["points"]:
        tags = " AND ".join(f"\"{tag}\" = '{value}'" for tag, value in wanted["tags"].items())
        ((field, value),) = wanted["fields"].items()
        series = f'"{wanted["measurement"]}" WHERE {tags} AND time > now() - 1h'
        rows = await influxdb.query(DATABASE, f'SELECT "{field}" FROM {series}')
        assert [row[field] for row in rows][-1:] == [value], wanted


async def test_the_queries_of_a_guide_to_telegraf(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    influxdb: InfluxDb,
    freezer: FrozenDateTimeFactory,
) -> None:
    home = case(
        {
            "battery/512/Soc": 85.5,
            "battery/512/Dc/0/Voltage": 52.25,
            "battery/512/CustomName": "Cellar battery",
            "temperature/26/Temperature": 21.5,
            "temperature/26/CustomName": "Cellar",
        },
        expect=[],
    )
    player = await played(hass, mqtt_mock, freezer, home)
    # The devices are called as in the file: nothing is adapted.
    package = parse_yaml(PACKAGE.read_text())
    connection = {"api_version": "1", "port": influxdb.port, "database": DATABASE}
    await export(hass, player, connection, package)
    battery = await influxdb.query(DATABASE, QUERIES["battery"])
    assert {row["field"]: row["value"] for row in battery} == {
        "Soc": 85.5,
        "Dc/0/Voltage": 52.25,
    }
    assert {row["portal_id"] for row in battery} == {PORTAL}
    assert {row["instance"] for row in battery} == {"512"}
    assert [row["value"] for row in await influxdb.query(DATABASE, QUERIES["soc"])] == [85.5]
    temperature = await influxdb.query(DATABASE, QUERIES["temperature"])
    assert {(row["field"], row["value"]) for row in temperature} == {("Temperature", 21.5)}
    columns = await influxdb.query(DATABASE, 'SHOW FIELD KEYS FROM "battery"')
    assert [(row["fieldKey"], row["fieldType"]) for row in columns] == [("value", "float")]


async def test_lines_of_influxdb_2(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    victoria_metrics: VictoriaMetrics,
    freezer: FrozenDateTimeFactory,
) -> None:
    one = VARIANTS["words_are_numbers_too"]
    player = await played(hass, mqtt_mock, freezer, one)
    connection = {
        "api_version": "2",
        "port": victoria_metrics.port,
        "url": victoria_metrics.url,
        "token": "any",
        "organization": "PV-Stack",
        "bucket": DATABASE,
    }
    await export(hass, player, connection, adapted(player))
    for wanted in one["expect"][0]["points"]:
        labels = ",".join(f'{tag}="{value}"' for tag, value in wanted["tags"].items())
        query = f"last_over_time({wanted['measurement']}_value{{{labels}}}[1h])"
        found = await victoria_metrics.query(query)
        assert [series["value"] for series in found] == [wanted["fields"]["value"]], wanted


def test_the_package_names_every_type_it_lets_out() -> None:
    package: Any = parse_yaml(PACKAGE.read_text())
    settings = package["influxdb"]
    devices = {glob.removeprefix("*sensor") for glob in settings["include"]["entity_globs"]}
    measured = {glob.removeprefix("*") for glob in settings["component_config_glob"]}
    assert devices <= measured
    guide = (PACKAGE.parents[1] / "data-out.md").read_text()
    for name in re.findall(r"override_measurement: (\w+)", PACKAGE.read_text()):
        assert f"`{name}`" in guide, name
