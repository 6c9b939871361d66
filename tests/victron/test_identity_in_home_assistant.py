"""A GX that is replaced, and one that says too much, through Home Assistant."""

import asyncio
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.victron.coordinator import TOO_MANY
from custom_components.hausstrom.victron.protocol.roster import MAX_SERVICES
from tests.victron.case_driver import Case, Player, shared_case
from tests.victron.case_variants import PORTAL, case

NEW_PORTAL = "c0619ab0f00f"

REPLACED: dict[str, dict[str, Any]] = {
    "all_with_serial_numbers": {
        "battery/512/Serial": "HQ5555AAAAA",
        "battery/512/Soc": 55.0,
        "battery/512/History/ChargedEnergy": 1000.0,
        "vebus/276/Devices/0/SerialNumber": "HQ5555BBBBB",
        "vebus/276/State": 3,
        "system/0/Dc/Battery/Power": 7200.0,
    },
    "without_serial_numbers": {
        "tank/20/Level": 33.0,
        "grid/30/Ac/Power": 100.0,
        "system/0/Dc/Battery/Power": 7200.0,
    },
    "some_of_each": {
        "solarcharger/279/Serial": "HQ5555CCCCC",
        "solarcharger/279/Yield/Power": 300.0,
        "temperature/21/Temperature": 19.5,
        "system/0/Dc/Battery/Power": 7200.0,
    },
}


def _number(player: Player, key: str) -> float:
    """Return the state of a counter; 0 where it is not enabled."""
    states = [player.hass.states.get(one.entity_id) for one in player.entities(key)]
    return max((float(state.state) for state in states if state is not None), default=0.0)


async def reconfigured(player: Player, *, take_over: bool) -> dict[str, Any]:
    """Reconfigure the entry while another GX answers; returns how the flow ends."""
    hass = player.hass
    assert player.entry is not None
    flows: Any = hass.config_entries.flow
    result = await player.entry.start_reconfigure_flow(hass)

    async def step(**data: Any) -> dict[str, Any]:
        task = hass.async_create_background_task(
            flows.async_configure(result["flow_id"], data), "step"
        )
        for _ in range(80):
            await player.pass_time(0.5)
            player.publish("system/0/Serial", f'{{"value":"{player.portal}"}}'.encode())
            if task.done():
                break
        answer: dict[str, Any] = await task
        return answer

    result = await step(topic_prefix="")
    assert result["step_id"] == "victron_replaced", result
    assert result["description_placeholders"]["found"] == player.portal
    return await step(take_over=take_over)


async def other_gx(player: Player, portal: str) -> None:
    """Have another GX stand in the place of the known one, with the same devices."""
    player.on = False
    await player.pass_time(20)
    player.portal = portal
    player.values["system/0/Serial"] = {"value": portal}
    player.on = True


@pytest.mark.parametrize("name", ["gx_replaced", *REPLACED])
async def test_another_gx_takes_over_with_consent_only(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory, name: str
) -> None:
    one: Case = shared_case(name) if name == "gx_replaced" else case(REPLACED[name], expect=[])
    freezer.move_to("2026-10-14 10:00:00+00:00")
    player = Player(hass, mqtt_mock, freezer, one)
    await player.set_up({})
    await player.pass_time(60)
    first = {
        unique.removeprefix(f"victron_{player.portal}"): entity
        for unique, entity in player.ids().items()
    }
    counter = "system_0_dc_battery_charge_energy"
    if name == "gx_replaced":
        # A battery that counts itself: ours is there, but not enabled.
        assert all(one.disabled_by is not None for one in player.entities(counter))
    counted = _number(player, counter)
    entry = player.entry
    assert entry is not None

    await other_gx(player, NEW_PORTAL)
    result = await reconfigured(player, take_over=False)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "wrong_device")
    assert entry.unique_id == f"victron_{one['portal']}"

    result = await reconfigured(player, take_over=True)
    assert result["reason"] == "reconfigure_successful"
    for _ in range(40):
        await player.pass_time(0.5)
        await asyncio.sleep(0)
    assert entry.unique_id == f"victron_{NEW_PORTAL}"
    assert {
        unique.removeprefix(f"victron_{NEW_PORTAL}"): entity
        for unique, entity in player.ids().items()
    } == first
    # The counters of our own go on, and the values are those of the new GX.
    assert _number(player, counter) >= counted
    for path, payload in one["start"].items():
        service, instance, rest = path.split("/", 2)
        key = f"{service}_{instance}_{rest.lower().replace('/', '_')}"
        if key in ("battery_512_soc", "tank_20_level", "temperature_21_temperature"):
            assert float(player.state(key).state) == payload["value"]


async def test_a_gx_that_says_too_much_is_told_of(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2026-10-14 10:00:00+00:00")
    crowd = {f"tank/{number}/Level": 50.0 for number in range(MAX_SERVICES + 20)}
    player = Player(
        hass, mqtt_mock, freezer, case({**crowd, "system/0/Dc/Pv/Power": 5.0}, expect=[])
    )
    await player.set_up({})
    await player.pass_time(12)
    assert player.entry is not None
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"{TOO_MANY}_{player.entry.entry_id}")
    assert issue is not None
    assert issue.translation_key == "gx_too_many_services"
    assert issue.translation_placeholders == {"name": "Home", "number": str(MAX_SERVICES)}
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), player.entry.entry_id)
    # The GX itself is one of them.
    assert MAX_SERVICES <= len(devices) <= MAX_SERVICES + 1
    # What is within the bound works, and so does the GX itself.
    assert player.state("system_0_dc_pv_power").state == "5.0"
    assert player.state("tank_7_level").state == "50.0"
    assert player.portal == PORTAL


async def test_who_a_device_is_is_on_the_disk_before_a_power_cut_can_come(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
) -> None:
    """Otherwise two batteries that come back at each other's place would change their counters."""
    freezer.move_to("2026-10-14 10:00:00+00:00")
    start: dict[str, Any] = {
        "battery/512/Serial": "HQ5555AAAAA",
        "battery/512/Soc": 55.0,
        "battery/513/Serial": "HQ5555BBBBB",
        "battery/513/Soc": 80.0,
    }
    player = Player(hass, mqtt_mock, freezer, case(start, expect=[]))
    await player.set_up({})
    await player.pass_time(3)
    assert player.entry is not None
    assert player.state("battery_513_soc").state == "80.0"
    on_disk = str(hass_storage[f"hausstrom.victron_names.{player.entry.entry_id}"]["data"])
    assert "HQ5555AAAAA" in on_disk
    assert "HQ5555BBBBB" in on_disk
