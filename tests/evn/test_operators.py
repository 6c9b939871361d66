"""The meter of every operator through Home Assistant, with each kind of security and second key."""

from copy import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.evn.protocol.errors import Reason
from custom_components.hausstrom.evn.protocol.reader import MeterReader, Reading
from simulators.evn_meters import BY_NAME, METERS, Meter, expected, play, with_security
from simulators.evn_telegram import MeterState

from .cases import START, Case, Player, Step
from .texts import form_says

SECURITIES = [0x20, 0x21, 0x30, 0x31]
DLMS = [meter.name for meter in METERS if meter.name != "ooe"]
EACH_LAYOUT = ["noe", "tirol", "graz", "burgenland", "klagenfurt", "wien", "wels", "steiermark"]
TAGGED = [name for name in DLMS if BY_NAME[name].model.security & 0x10]


def state_of(meter: Meter, number: int) -> MeterState:
    phases = meter.model.phases
    return MeterState(
        energy_import=4_112_944 + number,
        energy_export=812_345,
        power_import=1060 + number % 2,
        power_export=0,
        voltages=(2338, 2340, 2347)[:phases],
        currents=(160, 152, 149)[:phases],
        power_factor=990,
        reactive_import=77_001,
        reactive_export=55_002,
    )


def case_of(meter: Meter, second: bytes | None, count: int = 8) -> tuple[Case, MeterState]:
    steps = []
    for number in range(count):
        at = 5.0 * (number + 1)
        raw = play(meter, state_of(meter, number), START + timedelta(seconds=at), 9000 + number)
        steps.append(Step(at, raw.hex().upper().encode()))
    model = meter.model
    case = Case(meter.name, model.key.hex(), model.system_title.hex(), model.meter_number, steps)
    case.authentication_key = None if second is None else second.hex()
    return case, state_of(meter, count - 1)


def check(player: Player, meter: Meter, state: MeterState) -> None:
    for key, value in expected(meter, state).items():
        assert player.values[key][-1][1] == pytest.approx(value), key
    sent = set(expected(meter, state)) | {"meter_time", "frame_counter", "telegrams_rejected"}
    assert set(player.shown) == sent, "no entity for what is not sent"


async def set_up(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, meter: Meter, second: bytes | None
) -> tuple[Player, MeterState]:
    case, state = case_of(meter, second)
    player = Player(hass, freezer, case)
    with patch.object(Entity, "entity_registry_enabled_default", True):
        await player.set_up_by_flow()
    return player, state


@pytest.mark.parametrize("security", SECURITIES, ids=hex)
@pytest.mark.parametrize("name", EACH_LAYOUT)
async def test_every_meter_with_every_security(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    security: int,
) -> None:
    meter = with_security(BY_NAME[name], security)
    second = meter.model.authentication_key if security & 0x10 else None
    player, state = await set_up(hass, freezer, meter, second)
    assert player.entry is not None, player.result
    check(player, meter, state)
    assert player.entry.runtime_data.diagnostics()["authenticated"] is bool(security & 0x10)


@pytest.mark.parametrize("security", SECURITIES, ids=hex)
@pytest.mark.parametrize("name", DLMS)
@pytest.mark.parametrize("second", ["right", "absent", "wrong"])
def test_every_meter_with_every_security_and_second_key(
    name: str, security: int, second: str
) -> None:
    meter = with_security(BY_NAME[name], security)
    right = meter.model.authentication_key
    keys = {"right": right, "absent": None, "wrong": bytes(16)}
    reader = MeterReader(meter.model.key, authentication_key=keys[second])
    case, state = case_of(meter, None)
    readings: list[Reading] = []
    refused: set[Reason] = set()
    for step in case.steps:
        assert step.payload is not None
        heard = reader.feed(step.payload, received=START + timedelta(seconds=step.at))
        readings += heard.readings
        refused |= {error.reason for error in heard.rejections}
    if second == "wrong" and security & 0x10:
        assert not readings
        assert refused == {Reason.TAG}
        return
    assert refused <= {Reason.UNCONFIRMED}
    assert readings[-1].values == pytest.approx(expected(meter, state))


@pytest.mark.parametrize("name", TAGGED)
async def test_without_the_second_key_it_is_read(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    meter = BY_NAME[name]
    player, state = await set_up(hass, freezer, meter, None)
    assert player.entry is not None, player.result
    assert "authentication_key" not in player.entry.data
    check(player, meter, state)


@pytest.mark.parametrize("name", TAGGED)
async def test_a_wrong_second_key_has_an_error_of_its_own(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    player, _ = await set_up(hass, freezer, BY_NAME[name], bytes(range(16)))
    assert player.entry is None
    assert player.result["errors"] == {"base": "wrong_authentication_key"}
    form_says(player.result)


@pytest.mark.parametrize("name", TAGGED)
async def test_keys_that_are_swapped_are_a_wrong_key(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    meter = BY_NAME[name]
    case, _ = case_of(meter, meter.model.key)
    case.key = meter.model.authentication_key.hex()
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is None
    assert player.result["errors"] == {"base": "wrong_key"}


@pytest.mark.parametrize("name", ["noe", "wien", "kaernten"])
async def test_a_second_key_that_nobody_needs_does_no_harm(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    meter = BY_NAME[name]
    player, state = await set_up(hass, freezer, meter, bytes(range(16)))
    assert player.entry is not None, player.result
    check(player, meter, state)


@pytest.mark.parametrize("name", TAGGED)
async def test_with_the_second_key_what_was_changed_is_refused(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, mqtt_mock: MqttMockHAClient, name: str
) -> None:
    """Somebody on the broker changes a value, and every checksum with it."""
    meter = BY_NAME[name]
    case, _ = case_of(meter, meter.model.authentication_key, 12)
    liar = replace(meter, model=replace(meter.model, authentication_key=bytes(16)))
    for number in (8, 9):
        at = case.steps[number].at
        state = replace(state_of(meter, number), energy_import=9_999_999)
        raw = play(liar, state, START + timedelta(seconds=at), 9000 + number)
        case.steps[number].payload = raw.hex().encode()
    player = Player(hass, freezer, case)
    await player.set_up_by_flow()
    assert player.entry is not None, player.result
    assert all(value < 9_000_000 for _, value in player.values["energy_import"])
    assert float(player.shown["telegrams_rejected"][-1][1]) == 2
    assert player.values["energy_import"][-1][1] == 4_112_944 + 11


@pytest.mark.parametrize(
    ("name", "manufacturer", "model"),
    [
        ("noe-sagemcom", "Sagemcom", "T210-D (Netz NÖ)"),
        ("wien", "Iskraemeco", "AM550 (Wiener Netze)"),
        ("wien-im350", "Siemens", "IM350 (Wiener Netze)"),
        ("wien-e450", "Landis+Gyr", "E450 (Wiener Netze)"),
        ("kaernten", "Siemens", "IM350 (Kärnten Netz)"),
        ("wels", "Siemens", "IM350 (Wels Strom)"),
        ("steiermark", "Sagemcom", "T210-D (Energienetze Steiermark)"),
        ("burgenland", "Landis+Gyr", "E450 (Netz Burgenland)"),
        ("graz", "Landis+Gyr", "E450"),
        ("noe", "Kaifa", "MA309"),
    ],
)
async def test_the_device_shows_meter_and_operator(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    mqtt_mock: MqttMockHAClient,
    name: str,
    manufacturer: str,
    model: str,
) -> None:
    player, _ = await set_up(hass, freezer, BY_NAME[name], None)
    assert player.entry is not None, player.result
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), player.entry.entry_id)
    assert (device.manufacturer, device.model) == (manufacturer, model)
