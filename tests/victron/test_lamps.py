"""Lamps on outputs of a GX, as a person uses them."""

import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from tests.victron.case_driver import Json
from tests.victron.case_variants import case
from tests.victron.test_controls import House

LAMP = "switch/60/SwitchableOutput/lamp"
KEY = "switch_60_switchableoutput_lamp_lightcontrols"
RGB, WARM, RGB_AND_WHITE = 11, 12, 13

type Make = Callable[..., Coroutine[Any, Any, House]]


@pytest.fixture
def lit(hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory) -> Make:
    freezer.move_to("2026-10-14 10:00:00+00:00")

    async def make(kind: int, controls: list[float], *, on: bool = True) -> House:
        start: dict[str, Json] = {
            f"{LAMP}/Settings/Type": kind,
            f"{LAMP}/State": int(on),
            f"{LAMP}/LightControls": controls,
        }
        house = House(hass, mqtt_mock, freezer, case(start, expect=[]))
        await house.set_up({"controls": True})
        return house

    return make


@pytest.mark.parametrize(
    ("kind", "controls", "asked", "wanted"),
    [
        # Hue (degrees), saturation, brightness, white (%), kelvin.
        (RGB, [120.0, 80.0, 60.0, 0.0, 0.0], {"brightness": 128}, [120, 80, 50, 0, 0]),
        (RGB, [120.0, 80.0, 60.0, 0.0, 0.0], {"hs_color": [240, 30]}, [240, 30, 60, 0, 0]),
        (RGB, [120.0, 80.0, 60.0, 0.0, 0.0], {"rgb_color": [255, 0, 0]}, [0, 100, 60, 0, 0]),
        (RGB, [120.0, 80.0, 0.0, 0.0, 0.0], {}, [120, 80, 100, 0, 0]),
        (WARM, [0, 0, 40, 0, 2700], {"color_temp_kelvin": 4000}, [0, 0, 40, 0, 4000]),
        (WARM, [0, 0, 40, 0, 2700], {"brightness_pct": 75}, [0, 0, 75, 0, 2700]),
        (RGB_AND_WHITE, [10, 20, 30, 0, 0], {"white": 255}, [10, 20, 0, 100, 0]),
        (RGB_AND_WHITE, [10, 20, 0, 80, 0], {"brightness": 51}, [10, 20, 0, 20, 0]),
        (RGB_AND_WHITE, [10, 20, 0, 80, 0], {"hs_color": [90, 50]}, [90, 50, 100, 0, 0]),
    ],
)
async def test_a_lamp_is_lit_as_it_is_asked_for(
    lit: Make, kind: int, controls: list[float], asked: dict[str, Json], wanted: list[int]
) -> None:
    house = await lit(kind, controls, on=False)
    assert house.of(KEY, "light").state == "off"
    await house.call(KEY, "light.turn_on", **asked)
    assert house.written[f"{LAMP}/State"] == {"value": 1}
    shown = house.values[f"{LAMP}/LightControls"]["value"]
    assert shown == wanted
    state = house.of(KEY, "light")
    assert state.state == "on"
    level = wanted[3] if state.attributes["color_mode"] == "white" else wanted[2]
    assert state.attributes["brightness"] == round(level * 255 / 100)


async def test_a_lamp_that_is_put_out_keeps_its_colours(lit: Make) -> None:
    house = await lit(RGB, [120.0, 80.0, 60.0, 0.0, 0.0])
    await house.call(KEY, "light.turn_off")
    assert house.of(KEY, "light").state == "off"
    assert f"{LAMP}/LightControls" not in house.written
    await house.call(KEY, "light.turn_on")
    assert house.values[f"{LAMP}/LightControls"]["value"] == [120, 80, 60, 0, 0]
    assert house.of(KEY, "light").attributes["hs_color"] == (120, 80)


async def test_a_lamp_that_is_away_is_not_written_to(lit: Make) -> None:
    house = await lit(RGB, [120.0, 80.0, 60.0, 0.0, 0.0])
    house.leave("switch/60")
    await house.pass_time(2)
    assert house.of(KEY, "light").state == "unavailable"
    with contextlib.suppress(HomeAssistantError):  # or left out without a word by Home Assistant
        await house.call(KEY, "light.turn_on")
    assert house.written == {}


@pytest.mark.parametrize("said", [None, [], [1, 2], "1 2 3 4 5", [1, 2, 3, 4, "x"], {"a": 1}])
async def test_what_is_no_light_is_none(lit: Make, said: Json) -> None:
    house = await lit(RGB, [120.0, 80.0, 60.0, 0.0, 0.0])
    house.set({f"{LAMP}/LightControls": said})
    await house.pass_time(4)
    assert house.of(KEY, "light").state == "unknown"
    house.set({f"{LAMP}/LightControls": [1.0, 2.0, 3.0, 0.0, 0.0]})
    await house.pass_time(4)
    assert house.of(KEY, "light").state == "on"
