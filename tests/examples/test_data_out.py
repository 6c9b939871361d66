"""The configurations that send data out load, and send what they say."""

from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util import yaml as yaml_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from tests.repository.files import ROOT

from .names import entity_ids, is_known

FOLDER: Final = ROOT / "docs" / "data-out"
INFLUXDB: Final = FOLDER / "influxdb.yaml"
COLLECTOR: Final = FOLDER / "senec-collector.yaml"
GUIDE: Final = ROOT / "docs" / "data-out.md"
NOON: Final = datetime.fromisoformat("2026-06-10 12:00:05+02:00")

# What the SENEC collector calls its fields.
FIELDS: Final = frozenset(
    {
        "application_version",
        "bat_charge_current",
        "bat_fuel_charge",
        "bat_power_minus",
        "bat_power_plus",
        "bat_voltage",
        "case_temp",
        "current_state_code",
        "current_state_ok",
        "current_state",
        "ev_connected",
        "grid_power_minus",
        "grid_power_plus",
        "house_power",
        "inverter_power",
        "mpp1_power",
        "mpp2_power",
        "mpp3_power",
        "power_ratio",
        "response_duration",
        "wallbox_charge_power",
        "wallbox_charge_power0",
        "wallbox_charge_power1",
        "wallbox_charge_power2",
        "wallbox_charge_power3",
    }
)


def load(file: Path) -> dict[str, Any]:
    """Return a package of Home Assistant's configuration."""
    return yaml_util.load_yaml_dict(file)


def changed(entity_id: str, state: State | None) -> Event[EventStateChangedData]:
    """Return the event that Home Assistant fires when a state changes."""
    return Event(
        EVENT_STATE_CHANGED, {"entity_id": entity_id, "old_state": None, "new_state": state}
    )


def test_entities_are_ours() -> None:
    unknown = {entity for entity in entity_ids(INFLUXDB.read_text()) if not is_known(entity)}
    assert unknown == set()


def test_guide_names_every_measurement() -> None:
    text = GUIDE.read_text()
    for settings in load(INFLUXDB)["influxdb"]["component_config"].values():
        assert f"`{settings['override_measurement']}`" in text


class TestInfluxDB:
    """influxdb.yaml, for Home Assistant's own integration."""

    def test_every_entity_has_its_measurement(self) -> None:
        settings = load(INFLUXDB)["influxdb"]
        assert set(settings["component_config"]) == set(settings["include"]["entities"])
        measurements = [
            entity["override_measurement"] for entity in settings["component_config"].values()
        ]
        assert len(set(measurements)) == len(measurements)
        of_the_meter = {"energy_export", "energy_import", "power_export", "power_import"}
        assert set(measurements) - of_the_meter <= FIELDS

    def test_points_are_measurement_and_value(self, hass: HomeAssistant) -> None:
        pytest.importorskip("influxdb", reason="Home Assistant installs it when it is needed")
        influxdb = pytest.importorskip("homeassistant.components.influxdb")
        settings = influxdb.CONFIG_SCHEMA(load(INFLUXDB))["influxdb"]
        to_point = influxdb._generate_event_to_json(settings)
        entity = "sensor.senec_home_v3_hybrid_pv_power"
        attributes = {
            "unit_of_measurement": "W",
            "device_class": "power",
            "state_class": "measurement",
            "friendly_name": "SENEC.Home V3 hybrid Solar power",
        }
        hass.states.async_set(entity, "4376.2", attributes)
        point = to_point(changed(entity, hass.states.get(entity)))
        assert point["measurement"] == "inverter_power"
        assert point["fields"] == {"value": 4376.2}
        assert point["tags"]["source"] == "hausstrom"

        other = "sensor.something_else"
        hass.states.async_set(other, "1")
        assert to_point(changed(other, hass.states.get(other))) is None

    def test_nothing_of_the_connection(self) -> None:
        connection = {"host", "port", "token", "database", "bucket", "api_version", "ssl"}
        assert connection & set(load(INFLUXDB)["influxdb"]) == set()


class TestCollector:
    """senec-collector.yaml: one line of InfluxDB's line protocol every ten seconds."""

    STATES: Final = {
        "sensor.senec_home_v3_hybrid_charging_power": "2500.4",
        "sensor.senec_home_v3_hybrid_discharging_power": "0",
        "sensor.senec_home_v3_hybrid_pv_power": "4376.6",
        "sensor.senec_home_v3_hybrid_house_power": "unavailable",
        "sensor.senec_home_v3_hybrid_import_power": "unknown",
        "sensor.senec_home_v3_hybrid_state_of_charge": "72.72",
        "sensor.senec_home_v3_hybrid_state_code": "14",
        "sensor.senec_home_v3_hybrid_state": 'a "state"',
        "sensor.senec_home_v3_hybrid_firmware": "0826",
        "binary_sensor.senec_home_v3_hybrid_normal_operation": "on",
        "binary_sensor.senec_home_v3_hybrid_vehicle_connected": "unavailable",
    }

    @pytest.fixture
    async def lines(
        self,
        hass: HomeAssistant,
        aioclient_mock: AiohttpClientMocker,
        freezer: FrozenDateTimeFactory,
    ) -> Any:
        """Run the package for ten seconds with given states, and return what was posted."""
        package = load(COLLECTOR)
        url = package["rest_command"]["senec_to_influxdb"]["url"]
        aioclient_mock.post(url, status=HTTPStatus.NO_CONTENT)
        freezer.move_to(NOON)

        async def lines(states: dict[str, str]) -> list[str]:
            for entity, state in states.items():
                hass.states.async_set(entity, state)
            for domain in package:
                assert await async_setup_component(hass, domain, {domain: package[domain]})
            await hass.async_block_till_done()
            freezer.tick(5)
            async_fire_time_changed(hass, dt_util.utcnow())
            await hass.async_block_till_done()
            return [body.decode() for _, _, body, _ in aioclient_mock.mock_calls]

        yield lines
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": "all"}, blocking=True
        )

    async def test_line_as_the_collector_wrote_it(self, lines: Any) -> None:
        [line] = await lines(self.STATES)
        measurement, _, rest = line.partition(" ")
        assert measurement == "SENEC"
        assert rest.split(",") == [
            "bat_power_minus=0i",
            "bat_power_plus=2500i",
            "current_state_code=14i",
            "inverter_power=4377i",
            "bat_fuel_charge=72.72",
            "current_state_ok=true",
            'application_version="0826"',
            'current_state="a state"',
        ]

    async def test_nothing_is_written_when_nothing_is_known(self, lines: Any) -> None:
        assert await lines(dict.fromkeys(self.STATES, "unavailable")) == []

    def test_fields_are_those_of_the_collector(self) -> None:
        [automation] = load(COLLECTOR)["automation"]
        variables = automation["actions"][0]["variables"]
        groups = ("whole_numbers", "numbers", "flags", "texts")
        assert {field for group in groups for field in variables[group]} == FIELDS
        for group in groups:
            platform = "binary_sensor" if group == "flags" else "sensor"
            for name in variables[group].values():
                assert is_known(f"{platform}.{variables['senec']}_{name}"), name
