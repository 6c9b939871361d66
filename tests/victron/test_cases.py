"""What users lived through, and what has to come out: the cases, and variants of our own."""

import copy
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from tests.victron.case_checks import Runner
from tests.victron.case_driver import Case, Player, shared_case
from tests.victron.case_variants import VARIANTS
from tests.victron.case_variants_of_changes import VARIANTS_OF_CHANGES
from tests.victron.case_variants_of_others import VARIANTS_OF_OTHERS
from tests.victron.case_variants_of_outputs import OUTPUT_VARIANTS
from tests.victron.case_variants_of_values import MORE_VARIANTS

ALL_VARIANTS = VARIANTS | MORE_VARIANTS | OUTPUT_VARIANTS | VARIANTS_OF_OTHERS | VARIANTS_OF_CHANGES
PLAYED = (
    "bridge_first_publish",
    "comes_to_rest",
    "limits_follow",
    "meanings",
    "names_follow",
    "null_and_back",
    "phases_house_sums",
    "phases_multi_rs_on_l3",
    "retained_leftovers",
    "serial_moves",
)


async def play(
    hass: HomeAssistant,
    client: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    case: Case,
    options: dict[str, Any],
) -> Player:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = Player(hass, client, freezer, case)
    await player.set_up(options)
    label = " ".join(f"{key} {value}" for key, value in options.items())
    await Runner(player, label).run()
    return player


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("name", PLAYED)
async def test_cases(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    name: str,
    turn: int,
) -> None:
    case = shared_case(name)
    options = case.get("options", [{}])
    if turn >= len(options):
        pytest.skip("one set of options only")
    if name == "bridge_first_publish":
        case = copy.deepcopy(case)
        case["steps"], case["expect"] = [], case["expect"][:1]
    await play(hass, mqtt_mock, freezer, case, options[turn])


@pytest.mark.parametrize("name", ALL_VARIANTS)
async def test_variants(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    case = ALL_VARIANTS[name]
    for options in case.get("options", [{}])[:1]:
        await play(hass, mqtt_mock, freezer, copy.deepcopy(case), options)


async def test_bridge_after_a_restart_of_the_broker(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    case = shared_case("bridge_first_publish")
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = Player(hass, mqtt_mock, freezer, case, prefix="van")
    await player.set_up({})
    assert player.full_publishes == 1
    coordinator = player.entry.runtime_data  # type: ignore[union-attr]  # set up above
    coordinator.link._set_connected(connected=False)
    await player.pass_time(2)
    coordinator.link._set_connected(connected=True)
    await player.asked_for_everything(2)
    await player.pass_time(4)
    assert player.state("battery_512_soc").state == "55.0"
    await player.pass_time(12)
    assert player.full_publishes == 2


async def test_outputs_by_type(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    case = shared_case("outputs_by_type")
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = Player(hass, mqtt_mock, freezer, case)
    await player.set_up({"controls": True})
    await player.pass_time(3)

    def state(output: str, path: str) -> Any:
        return player.state(f"switch_60_switchableoutput_{output}_{path}")

    dimmed = state("dim_1", "dimming")
    assert (dimmed.state, dimmed.domain) == ("40", "number")
    assert (dimmed.attributes["max"], dimmed.attributes["unit_of_measurement"]) == (100, "%")
    warm = state("temp_1", "dimming")
    assert float(warm.state) == 21.5
    limits = [warm.attributes[name] for name in ("min", "max", "step")]
    assert limits == [5, 30, 0.5]
    assert float(state("temp_1", "measurement").state) == 20.8
    step = state("step_1", "dimming")
    assert (step.state, step.attributes["options"]) == ("2", ["1", "2", "3", "4", "5"])
    choice = state("drop_1", "dimming")
    assert (choice.state, choice.attributes["options"]) == ("Comfort", ["Eco", "Comfort", "Away"])
    slide = state("slide_1", "dimming")
    assert [slide.attributes[name] for name in ("min", "max", "step")] == [0, 50, 0.5]
    assert slide.attributes["unit_of_measurement"] == "A"
    number = state("num_1", "dimming")
    assert [number.attributes[name] for name in ("min", "max")] == [200, 250]
    assert state("three_1", "auto").state == "auto"
    light = state("rgb_1", "lightcontrols")
    assert (light.state, light.domain) == ("on", "light")
    assert light.attributes["brightness"] == round(60 * 2.55)
    assert state("fuse_1", "status").state == "on"
    assert state("dim_1", "status").state == "off"

    async def call(domain: str, service: str, entity: Any, **data: Any) -> None:
        target = {"entity_id": entity.entity_id, **data}
        # In the background, or waiting for all that goes on would wait for the GX's answer too.
        task = hass.async_create_background_task(
            hass.services.async_call(domain, service, target, blocking=True), "call"
        )
        for _ in range(24):
            await player.pass_time(0.5)
            if task.done():
                break
        await task

    base = "switch/60/SwitchableOutput"
    await call("select", "select_option", choice, option="Away")
    assert player.written[f"{base}/drop_1/Dimming"] == {"value": 2}
    await call("number", "set_value", slide, value=20)
    assert player.written[f"{base}/slide_1/Dimming"] == {"value": 20}
    await call("light", "turn_off", light)
    assert player.written[f"{base}/rgb_1/State"] == {"value": 0}
    # Another type, while it runs: another entity, and the old one is gone.
    player.set({f"{base}/drop_1/Settings/Type": 7})
    await player.pass_time(2)
    assert state("drop_1", "dimming").domain == "number"


@pytest.fixture
def energy(hass: HomeAssistant) -> Iterator[None]:
    """Pretend that the energy dashboard is set up."""
    hass.config.components.add("energy")
    with patch("homeassistant.components.energy.data.EnergyManager.async_listen_updates"):
        yield


@pytest.mark.usefixtures("energy")
async def test_grid_without_a_meter(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    case = shared_case("grid_without_meter")
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = Player(hass, mqtt_mock, freezer, case)
    await player.set_up({})

    async def grids() -> list[list[str]]:
        answer = await hass.services.async_call(
            DOMAIN,
            "setup_energy_dashboard",
            {"dry_run": True},
            blocking=True,
            return_response=True,
        )
        assert answer is not None
        added: Any = answer["added"]
        return [one["statistics"] for one in added if one["type"] == "grid"]

    await player.until(5)
    first = await grids()
    assert len(first) == 1
    for key in ("import", "export"):
        state = player.state(f"system_0_ac_grid_{key}_energy")
        assert state.entity_id in first[0]
        assert state.attributes["state_class"] == "total_increasing"
        assert state.attributes["device_class"] == "energy"
    case["expect"] = [one for one in case["expect"] if "counted_kwh" in one]
    await Runner(player).run()
    await player.until(190)
    second = await grids()
    assert len(second) == 1
    assert player.state("grid_30_ac_energy_forward").entity_id in second[0]


async def test_names_that_exports_ask_for(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    case = shared_case("influx_points")
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = Player(hass, mqtt_mock, freezer, case)
    await player.set_up({})
    for _ in range(2):
        for point in case["expect"][0]["points"]:
            tags = point["tags"]
            key = f"{point['measurement']}_{tags['instance']}_{tags['field']}"
            state = player.state(key.lower().replace("/", "_"))
            assert {name: state.attributes[name] for name in tags} == tags
            shown = state.attributes.get("value", state.state)
            assert float(shown) == point["fields"]["value"]
        await player.restart()
