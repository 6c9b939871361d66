"""What can be set besides plain settings: firmware, schedules, DVCC, powers from outside."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from tests.victron.case_driver import Json, Player
from tests.victron.case_variants import case

DAY = "settings/0/Settings/CGwacs/BatteryLife/Schedule/Charge/0/Day"
SCHEDULE = DAY.removesuffix("/Day")
MODE = "settings/0/Settings/CGwacs/Hub4Mode"
POWER = "vebus/276/Hub4/L1/AcPowerSetpoint"
CONTROLS = {"controls": True}


@pytest.fixture
def everything_enabled() -> Iterator[None]:
    """Enable what a user would have to."""
    with patch("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", True):
        yield


class House(Player):
    """A GX whose entities can be enabled, and used."""

    def of(self, key: str, domain: str) -> State:
        """Return the state of a key's entity of a platform."""
        entity = next(one for one in self.entities(key) if one.domain == domain)
        state = self.hass.states.get(entity.entity_id)
        assert state is not None, f"{key} is not enabled"
        return state

    async def call(self, key: str, service: str, **data: Json) -> None:
        """Use an entity as a person does, and wait until it is done."""
        domain, name = service.split(".")
        target = {"entity_id": self.of(key, domain).entity_id, **data}
        # In the background: waiting for all that goes on would wait for the GX's answer too.
        task = self.hass.async_create_background_task(
            self.hass.services.async_call(domain, name, target, blocking=True), "call"
        )
        for _ in range(30):
            await self.pass_time(0.5)
            if task.done():
                break
        await task

    def sent(self, path: str) -> list[Json]:
        """Return what was written on a path so far."""
        assert self._client is not None
        topic = f"W/{self.portal}/{path}"
        calls = self._client.async_publish.call_args_list
        return [call.args[1] for call in calls if call.args[0] == topic]


@pytest.fixture
def house(
    everything_enabled: None,
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
) -> Any:
    freezer.move_to("2026-10-14 10:00:00+00:00")

    async def make(options: dict[str, Json] | None = None, **start: Json) -> House:
        player = House(hass, mqtt_mock, freezer, case(start, expect=[]))
        await player.set_up(options or {})
        return player

    return make


# --- firmware ---------------------------------------------------------------------------------

FIRMWARE = {
    "platform/0/Firmware/Installed/Version": "v3.70",
    "platform/0/Firmware/Online/AvailableVersion": "v3.80",
    "platform/0/Firmware/Progress": 0,
    "platform/0/Firmware/State": 0,
    "platform/0/Firmware/Online/Install": 0,
}
UPDATE = "platform_0_firmware_installed_version"


async def test_a_newer_firmware_is_shown_but_not_installed_without_consent(house: Any) -> None:
    player = await house(**FIRMWARE)
    state = player.of(UPDATE, "update")
    assert state.state == "on"
    assert state.attributes["installed_version"] == "v3.70"
    assert state.attributes["latest_version"] == "v3.80"
    with pytest.raises(HomeAssistantError):
        await player.call(UPDATE, "update.install")
    assert player.written == {}


async def test_firmware_is_installed_once_and_says_how_far_it_is(house: Any) -> None:
    player = await house(CONTROLS, **FIRMWARE)
    await player.call(UPDATE, "update.install")
    assert player.sent("platform/0/Firmware/Online/Install") == [b'{"value":1}']
    player.set({"platform/0/Firmware/Progress": 40})
    await player.pass_time(2)
    state = player.of(UPDATE, "update")
    assert (state.attributes["in_progress"], state.attributes["update_percentage"]) == (True, 40)
    player.set({"platform/0/Firmware/Progress": 100})
    player.set({"platform/0/Firmware/Installed/Version": "v3.80"})
    await player.pass_time(2)
    state = player.of(UPDATE, "update")
    assert (state.state, state.attributes["in_progress"]) == ("off", False)


@pytest.mark.parametrize("latest", ["", None, "v3.70"])
async def test_no_newer_firmware_is_none(house: Any, latest: Json) -> None:
    player = await house(**{**FIRMWARE, "platform/0/Firmware/Online/AvailableVersion": latest})
    assert player.of(UPDATE, "update").state == "off"


# --- where it is ------------------------------------------------------------------------------


async def test_a_vehicle_is_on_the_map_and_a_receiver_may_be(house: Any) -> None:
    player = await house(
        **{
            "ev/10/Position/Latitude": 48.2,
            "ev/10/Position/Longitude": 16.3,
            "gps/0/Position/Latitude": 47.0,
            "gps/0/Position/Longitude": 15.0,
            "gps/0/Fix": 1,
        }
    )
    car = player.of("ev_10_position", "device_tracker")
    assert (car.attributes["latitude"], car.attributes["longitude"]) == (48.2, 16.3)

    def place() -> tuple[float, float] | None:
        state = player.of("gps_0_position", "device_tracker")
        if "latitude" not in state.attributes:
            return None
        return state.attributes["latitude"], state.attributes["longitude"]

    assert place() == (47.0, 15.0)
    # A receiver that lies still wanders by metres; that is no news.
    writes = player.writes["gps_0_position"]
    for number in range(30):
        player.set({"gps/0/Position/Latitude": 47.0 + (number % 3) * 0.00003})
        await player.pass_time(1)
    assert player.writes["gps_0_position"] == writes
    player.set({"gps/0/Position/Latitude": 47.01})
    await player.pass_time(12)
    assert place() == (47.01, 15.0)
    # Without a fix there is no position, whatever the last one was.
    player.set({"gps/0/Fix": 0})
    await player.pass_time(5)
    assert place() is None
    player.set({"gps/0/Fix": 1})
    await player.pass_time(5)
    assert place() == (47.01, 15.0)
    player.set({"gps/0/Position/Latitude": 99.0})
    await player.pass_time(12)
    assert place() is None


async def test_a_vehicle_is_enabled_and_a_receiver_is_not(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    position = {"Position/Latitude": 48.2, "Position/Longitude": 16.3}
    start = {
        f"{one}/{path}": value for one in ("ev/10", "gps/0") for path, value in position.items()
    }
    player = House(hass, mqtt_mock, freezer, case(start, expect=[]))
    await player.set_up({})
    (car,) = player.entities("ev_10_position")
    (receiver,) = player.entities("gps_0_position")
    assert car.disabled_by is None
    assert receiver.disabled_by is er.RegistryEntryDisabler.INTEGRATION


# --- schedules and DVCC -----------------------------------------------------------------------


async def test_a_schedule_for_charging(house: Any) -> None:
    ess = {"system/0/SystemType": "ESS"}
    player = await house(
        CONTROLS,
        **ess,
        **{DAY: -7, f"{SCHEDULE}/Start": 79_200, f"{SCHEDULE}/Duration": 3600},
        **{f"{SCHEDULE}/Soc": 80, f"{SCHEDULE}/AllowDischarge": 0},
    )
    key = SCHEDULE.lower().replace("/", "_")
    assert player.of(f"{key}_start", "time").state == "22:00:00"
    assert player.of(f"{key}_active", "switch").state == "off"
    start = player.of(f"{key}_start", "time")
    # What the wire has, for exports: a time of day makes a point without a number.
    assert (start.state, start.attributes["value"]) == ("22:00:00", 79_200)
    await player.call(f"{key}_start", "time.set_value", time="01:30:00")
    assert player.written[f"{SCHEDULE}/Start"] == {"value": 5400}
    await player.call(f"{key}_active", "switch.turn_on")
    assert player.written[DAY] == {"value": 7}
    assert player.of(f"{key}_active", "switch").state == "on"
    await player.call(f"{key}_active", "switch.turn_off")
    assert player.written[DAY] == {"value": -7}
    await player.call(f"{key}_soc", "number.set_value", value=95)
    assert player.written[f"{SCHEDULE}/Soc"] == {"value": 95}
    with pytest.raises(ServiceValidationError):
        await player.call(f"{key}_soc", "number.set_value", value=101)
    # "Self-consumption above the limit" is what the GX's menu calls the opposite.
    await player.call(f"{key}_allowdischarge", "switch.turn_off")
    assert player.written[f"{SCHEDULE}/AllowDischarge"] == {"value": 1}


async def test_a_schedule_for_sunday_keeps_its_day(house: Any) -> None:
    player = await house(CONTROLS, **{"system/0/SystemType": "ESS", DAY: 0})
    key = f"{SCHEDULE}_active".lower().replace("/", "_")
    await player.call(key, "switch.turn_off")
    assert player.written[DAY] == {"value": -10}
    await player.call(key, "switch.turn_on")
    assert player.written[DAY] == {"value": 0}


@pytest.mark.parametrize(("said", "shown"), [(0, "off"), (1, "on"), (2, "off"), (3, "on")])
async def test_dvcc_and_what_forces_it(house: Any, said: int, shown: str) -> None:
    path = "settings/0/Settings/Services/Bol"
    player = await house(CONTROLS, **{path: said})
    key = "settings_0_settings_services_bol"
    assert player.of(key, "switch").state == shown
    service = "switch.turn_off" if shown == "on" else "switch.turn_on"
    if said in (0, 1):
        await player.call(key, service)
        assert player.written[path] == {"value": 1 - said}
    else:
        with pytest.raises(HomeAssistantError):
            await player.call(key, service)
        assert path not in player.written


# --- powers from outside ----------------------------------------------------------------------

OUTSIDE = {
    "system/0/SystemType": "ESS",
    MODE: 3,
    "settings/0/Settings/CGwacs/BatteryLife/State": 10,
    "vebus/276/State": 3,
    POWER: 0,
}
POWER_KEY = "vebus_276_hub4_l1_acpowersetpoint"


async def test_a_power_from_outside_is_said_again_before_the_gx_forgets_it(house: Any) -> None:
    player = await house(CONTROLS, **OUTSIDE)
    await player.call(POWER_KEY, "number.set_value", value=-1500)
    assert player.sent(POWER)[0] == b'{"value":-1500}'
    before = len(player.sent(POWER))
    await player.pass_time(60)
    assert 2 <= len(player.sent(POWER)) - before <= 4
    # The GX gives it up all the same (it restarted): it hears it again.
    player.set({POWER: 0})
    await player.pass_time(25)
    assert player.values[POWER]["value"] == -1500
    # Somebody else drives it now.
    player.set({POWER: 700})
    await player.pass_time(25)
    before = len(player.sent(POWER))
    await player.pass_time(60)
    assert len(player.sent(POWER)) == before
    assert player.values[POWER]["value"] == 700


async def test_a_power_from_outside_ends_with_the_mode_it_belongs_to(house: Any) -> None:
    player = await house(CONTROLS, **OUTSIDE)
    await player.call(POWER_KEY, "number.set_value", value=-1500)
    await player.pass_time(3)
    # The GX drives again, and says 0 while there is nothing to do.
    player.set({MODE: 1, POWER: 0})
    await player.pass_time(2)
    before = len(player.sent(POWER))
    await player.pass_time(90)
    assert len(player.sent(POWER)) == before
    assert player.values[POWER]["value"] == 0
    # What was wished then is not wished any more when the mode returns.
    player.set({MODE: 3})
    await player.pass_time(60)
    assert len(player.sent(POWER)) == before


async def test_a_power_from_outside_ends_at_0(house: Any) -> None:
    player = await house(CONTROLS, **OUTSIDE)
    await player.call(POWER_KEY, "number.set_value", value=2000)
    await player.call(POWER_KEY, "number.set_value", value=0)
    assert player.values[POWER]["value"] == 0
    await player.pass_time(60)
    assert set(player.sent(POWER)[-2:]) == {b'{"value":0}'}


async def test_no_power_from_outside_while_the_gx_drives(house: Any) -> None:
    player = await house(CONTROLS, **{**OUTSIDE, MODE: 1})
    with pytest.raises(HomeAssistantError) as refused:
        await player.call(POWER_KEY, "number.set_value", value=500)
    assert refused.value.translation_key == "gx_write_refused"
    assert player.sent(POWER) == []


async def test_overrides_of_an_ess_are_repeated_in_every_mode(house: Any) -> None:
    path = "hub4/0/Overrides/Setpoint"
    player = await house(CONTROLS, **{**OUTSIDE, MODE: 1, path: 0})
    await player.call("hub4_0_overrides_setpoint", "number.set_value", value=800)
    before = len(player.sent(path))
    await player.pass_time(60)
    assert 2 <= len(player.sent(path)) - before <= 4


async def test_overrides_of_an_ess_can_be_ended(house: Any) -> None:
    setpoint, limit = "hub4/0/Overrides/Setpoint", "hub4/0/Overrides/MaxChargePower"
    player = await house(CONTROLS, **{**OUTSIDE, MODE: 1, setpoint: None, limit: -1})
    assert player.of("hub4_0_overrides_maxchargepower", "number").state == "unknown"
    player.set({setpoint: 0})
    await player.pass_time(2)
    await player.call("hub4_0_overrides_setpoint", "number.set_value", value=800)
    await player.call("hub4_0_overrides_maxchargepower", "number.set_value", value=1000)
    await player.call("hub4_0_overrides_end", "button.press")
    assert player.values[limit]["value"] == -1
    before = len(player.sent(setpoint)), len(player.sent(limit))
    await player.pass_time(60)
    assert (len(player.sent(setpoint)), len(player.sent(limit))) == before


async def test_only_the_overrides_that_somebody_set_are_ended(house: Any) -> None:
    setpoint, charge, discharge = (
        f"hub4/0/Overrides/{name}" for name in ("Setpoint", "MaxChargePower", "MaxDischargePower")
    )
    player = await house(CONTROLS, **{**OUTSIDE, MODE: 1, setpoint: 0, charge: -1, discharge: 900})
    await player.call("hub4_0_overrides_end", "button.press")
    assert player.sent(charge) == []
    assert player.sent(discharge) == [b'{"value":-1}']
    player.set({charge: 0, discharge: 0})
    await player.pass_time(2)
    await player.call("hub4_0_overrides_end", "button.press")
    assert (player.values[charge]["value"], player.values[discharge]["value"]) == (-1, -1)


async def test_what_is_repeated_ends_with_the_entry(hass: HomeAssistant, house: Any) -> None:
    player = await house(CONTROLS, **OUTSIDE)
    await player.call(POWER_KEY, "number.set_value", value=300)
    await player.restart()
    before = len(player.sent(POWER))
    await player.pass_time(60)
    assert len(player.sent(POWER)) == before
