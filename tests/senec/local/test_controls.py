"""Switches, numbers, selects: written, read again, refused in words."""

import pytest
from homeassistant.exceptions import HomeAssistantError

from custom_components.hausstrom.senec.local.protocol.controls import (
    CONTROL_BY_STEM,
    CONTROLS,
    FORCED_CHARGE,
    ControlKind,
)
from custom_components.hausstrom.senec.local.protocol.points import Ref
from custom_components.hausstrom.senec.local.protocol.roster import all_points

from .conftest import Site


async def test_what_cannot_be_written_is_an_error(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    running.simulator.faults.status = 504
    with pytest.raises(HomeAssistantError, match="was unreachable"):
        await site.hass.services.async_call(
            "switch",
            "turn_on",
            {"entity_id": site.entity_id(entry, "energy_safe_charge_running")},
            blocking=True,
        )


async def test_the_storage_mode_is_off_by_default(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    switch = site.entity_id(entry, "energy_li_storage_mode_running")
    assert site.hass.states.get(switch) is None
    await site.enable(entry, "energy_li_storage_mode_running")
    await site.hass.services.async_call("switch", "turn_on", {"entity_id": switch}, blocking=True)
    assert running.simulator.device.storage_mode
    await site.hass.services.async_call("switch", "turn_off", {"entity_id": switch}, blocking=True)
    assert not running.simulator.device.storage_mode


async def test_one_socket_is_written_alone(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    await site.enable(entry, "sockets_lower_limit_1")
    table = running.simulator.device.table["SOCKETS"]
    await site.hass.services.async_call(
        "switch", "turn_on", {"entity_id": site.entity_id(entry, "sockets_enable_0")}, blocking=True
    )
    assert table["ENABLE"][1] == [1, 0]
    assert running.simulator.requests[-2][1] == b'{"SOCKETS":{"ENABLE":["u8_01",""]}}'
    await site.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": site.entity_id(entry, "sockets_lower_limit_1"), "value": 750},
        blocking=True,
    )
    assert table["LOWER_LIMIT"][1] == [500, 750]
    assert site.state(entry, "sockets_lower_limit_1") == "750"


async def test_the_wallbox(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    table = running.simulator.device.table["WALLBOX"]
    await site.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": site.entity_id(entry, "wallbox_set_icmax_0"), "value": 10},
        blocking=True,
    )
    assert table["SET_ICMAX"][1] == [10, 0, 0, 0]
    assert site.state(entry, "wallbox_set_icmax_0") == "10.0"
    mode = site.entity_id(entry, "wallbox_smart_charge_active_0")
    assert site.state(entry, "wallbox_smart_charge_active_0") == "solar"
    await site.hass.services.async_call(
        "select", "select_option", {"entity_id": mode, "option": "fast"}, blocking=True
    )
    assert table["SMART_CHARGE_ACTIVE"][1] == [0, 0, 0, 0]
    assert site.state(entry, "wallbox_smart_charge_active_0") == "fast"
    await site.hass.services.async_call(
        "switch",
        "turn_on",
        {"entity_id": site.entity_id(entry, "wallbox_allow_intercharge")},
        blocking=True,
    )
    assert table["ALLOW_INTERCHARGE"] == ("u8", 1)


async def test_a_reboot_that_is_refused_is_an_error(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    await site.enable(entry, "sys_update_user_reboot_device")
    running.simulator.faults.status = 500
    button = site.entity_id(entry, "sys_update_user_reboot_device")
    with pytest.raises(HomeAssistantError, match="was unreachable"):
        await site.hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)
    running.simulator.faults.status = None
    running.simulator.faults.dropped = True  # gone before it answered: that is a reboot
    await site.hass.services.async_call("button", "press", {"entity_id": button}, blocking=True)


def test_every_control_shows_a_reading() -> None:
    points = all_points()
    stems = {point.variable.key for point in points.values() if point.variable is not None}
    for control in CONTROLS:
        assert control.kind is ControlKind.BUTTON or control.stem in stems
        assert control.low < control.high
    assert len(CONTROL_BY_STEM) == len(CONTROLS)


def test_writes_of_controls() -> None:
    control = CONTROL_BY_STEM["wallbox_set_icmax"]
    write = control.write(16.0, 2)
    assert (write.key, write.ref, write.prefix, write.value, write.index, write.length) == (
        "wallbox_set_icmax_2",
        Ref("WALLBOX", "SET_ICMAX"),
        "fl",
        16,
        2,
        4,
    )
    off = FORCED_CHARGE.write(False)
    assert (off.key, off.index) == ("energy_safe_charge_running", None)
    assert (off.ref, off.value, off.expected) == (Ref("ENERGY", "SAFE_CHARGE_PROHIBIT"), 1, 0)
    on = FORCED_CHARGE.write(True)
    assert (on.ref, on.value, on.expected) == (Ref("ENERGY", "SAFE_CHARGE_FORCE"), 1, 1)
    with pytest.raises(KeyError):
        CONTROL_BY_STEM["wallbox_smart_charge_active"].write("turbo", 0)


@pytest.mark.parametrize(
    ("section", "name", "key", "service", "data"),
    [
        ("SOCKETS", "FORCE_ON", "sockets_force_on_0", "switch.turn_on", {}),
        ("SOCKETS", "LOWER_LIMIT", "sockets_lower_limit_0", "number.set_value", {"value": 700}),
        ("SOCKETS", "USE_TIME", "sockets_use_time_1", "switch.turn_on", {}),
    ],
)
async def test_a_setting_that_a_firmware_took_away_is_refused_before_anything_is_sent(
    site: Site, section: str, name: str, key: str, service: str, data: dict[str, float]
) -> None:
    running = site.device(application="0811")
    entry = await site.add(running)
    await site.enable(entry, key)
    running.simulator.faults.status = 504
    for _ in range(30):
        await site.wait(10)
    running.simulator.faults.status = None
    device = running.simulator.device
    device.application = "0826"
    device.table["WIZARD"]["APPLICATION_VERSION"] = ("st", "0826")
    del device.table[section][name]
    for _ in range(60):
        await site.wait(10)
    assert site.state(entry, key) == "unknown"
    sent = len(running.simulator.requests)
    domain, action = service.split(".")
    with pytest.raises(HomeAssistantError) as error:
        await site.hass.services.async_call(
            domain, action, {"entity_id": site.entity_id(entry, key), **data}, blocking=True
        )
    assert error.value.translation_key == "senec_control_gone"
    assert "does not have this setting any more" in str(error.value)
    assert len(running.simulator.requests) == sent
