"""Holding the battery: what was before is there again at the end, whatever happened meanwhile."""

from typing import Any, Final

import pytest
from homeassistant.components.number.const import DOMAIN as NUMBER
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.senec.local.protocol.hold import LONGEST

from .cases import Driver, base_table
from .test_cases import drive as drive  # noqa: PLC0414  the fixture
from .variants import answer

HOLD: Final = "hold_battery"
SAFE: Final = "energy_safe_charge_running"
FORCE: Final = "ENERGY.SAFE_CHARGE_FORCE"
RELEASE: Final = "ENERGY.SAFE_CHARGE_PROHIBIT"


async def hold(driver: Driver, on: bool, **more: Any) -> None:
    action = "switch.turn_on" if on else "switch.turn_off"
    await driver.do_call({"action": action, "key": HOLD, **more})


def written(driver: Driver) -> list[str]:
    return [place for _way, place, _raw in driver.device.writes]


async def begun(drive: Any) -> Driver:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(10)
    assert written(driver) == []
    await hold(driver, True, error=False)
    await driver.wait(20)
    assert driver.shows(HOLD, "on")
    assert driver.shows(SAFE, "on")
    return driver


async def test_it_begins_and_ends_with_the_switch(drive: Any) -> None:
    driver = await begun(drive)
    await driver.wait(3600)
    assert written(driver) == [FORCE]  # nothing is written while it lasts
    await hold(driver, False, error=False)
    await driver.wait(120)
    assert driver.shows(HOLD, "off")
    assert driver.shows(SAFE, "off")
    assert written(driver) == [FORCE, RELEASE]


async def test_a_reload_and_a_restart_change_nothing_and_it_still_ends(drive: Any) -> None:
    driver = await begun(drive)
    await driver.do_reload({})
    assert driver.shows(HOLD, "on")
    await driver.wait(60)
    assert written(driver) == [FORCE]
    await hold(driver, False, error=False)
    await driver.wait(30)
    assert driver.shows(SAFE, "off")


async def test_what_is_to_be_set_back_is_on_the_disk_before_a_power_cut_can_come(
    drive: Any, hass_storage: dict[str, Any]
) -> None:
    """Otherwise a battery would be held for ever, by nobody who remembers."""
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(10)
    await hold(driver, True, error=False)
    assert driver.entry is not None
    kept = hass_storage[f"hausstrom.senec_local.{driver.entry.entry_id}"]["data"]
    assert kept["hold"]


async def test_a_device_that_is_away_at_the_end_is_asked_until_it_lets_go(drive: Any) -> None:
    driver = await begun(drive)
    await driver.do_answer(answer("any_with", section="ENERGY", times=1))
    await hold(driver, False, error=False)
    assert driver.shows(HOLD, "off")
    assert driver.shows(SAFE, "on")
    await driver.wait(120)
    assert driver.shows(SAFE, "off")


async def test_an_end_that_a_restart_cut_short_is_finished(drive: Any) -> None:
    driver = await begun(drive)
    await driver.do_answer(answer("any_with", section="ENERGY", seconds=60))
    await hold(driver, False)
    await driver.do_reload({})
    await driver.wait(240)
    assert driver.shows(HOLD, "off")
    assert driver.shows(SAFE, "off")


async def test_what_flips_back_is_released_again(drive: Any) -> None:
    driver = await begun(drive)
    await hold(driver, False, error=False)
    await driver.wait(10)
    driver.device.update({"ENERGY": {"SAFE_CHARGE_RUNNING": "u8_01"}})  # seen in the field
    await driver.wait(150)
    assert driver.shows(SAFE, "off")
    assert written(driver) == [FORCE, RELEASE, RELEASE]


async def test_it_ends_after_a_day(drive: Any) -> None:
    driver = await begun(drive)
    driver.freezer.tick(LONGEST)
    await driver.wait(150)
    assert driver.shows(HOLD, "off")
    assert driver.shows(SAFE, "off")


async def test_who_ends_it_at_the_device_is_not_overruled(drive: Any) -> None:
    driver = await begun(drive)
    await driver.wait(200)
    driver.device.update({"ENERGY": {"SAFE_CHARGE_RUNNING": "u8_00"}})
    await driver.wait(30)
    assert driver.shows(HOLD, "off")
    await driver.wait(300)
    assert written(driver) == [FORCE]


async def test_a_forced_charge_of_the_users_own_stays(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.do_call({"action": "switch.turn_on", "key": SAFE, "error": False})
    await driver.wait(20)
    await hold(driver, True, error=False)
    await driver.wait(60)
    await hold(driver, False, error=False)
    await driver.wait(120)
    assert driver.shows(SAFE, "on")
    assert written(driver) == [FORCE]


async def test_disabling_and_deleting_the_entry_let_go(drive: Any) -> None:
    driver = await begun(drive)
    assert driver.entry is not None
    config = driver.hass.config_entries
    await config.async_set_disabled_by(driver.entry.entry_id, ConfigEntryDisabler.USER)
    await driver.settle()
    assert written(driver) == [FORCE, RELEASE]
    await config.async_set_disabled_by(driver.entry.entry_id, None)
    await driver.settle()
    await driver.wait(120)
    await hold(driver, True, error=False)
    await driver.wait(30)
    await config.async_remove(driver.entry.entry_id)
    await driver.settle()
    assert written(driver) == [FORCE, RELEASE, FORCE, RELEASE]


async def test_a_beginning_that_fails_is_an_error_and_is_undone(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(10)
    await driver.do_answer(answer("any_with", section="ENERGY", times=1))
    await hold(driver, True, error=True)
    assert driver.shows(HOLD, "off")
    await driver.wait(200)
    assert FORCE not in written(driver)
    assert driver.shows(SAFE, "off")


class Reserve:
    """The number of the cloud entry of the same system."""

    def __init__(self, hass: HomeAssistant, percent: float = 10) -> None:
        self.hass = hass
        self.fails = False
        self.calls: list[float] = []
        entity = er.async_get(hass).async_get_or_create(
            NUMBER, DOMAIN, "senec_cloud_S2222000011110007_emergency_reserve"
        )
        self.entity_id = entity.entity_id
        self.set(percent)
        hass.services.async_register(NUMBER, "set_value", self.take)

    def set(self, percent: float) -> None:
        self.hass.states.async_set(self.entity_id, str(percent), {"min": 0, "max": 60})

    async def take(self, call: ServiceCall) -> None:
        assert call.data["entity_id"] == self.entity_id
        self.calls.append(call.data["value"])
        if self.fails:
            raise HomeAssistantError("the cloud is away")
        self.set(call.data["value"])


async def test_the_reserve_of_the_cloud_entry_is_preferred_and_set_back(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    reserve = Reserve(driver.hass)
    await hold(driver, True, error=False)
    await driver.wait(60)
    assert driver.shows(HOLD, "on")
    assert reserve.calls == [57]
    assert written(driver) == []
    reserve.fails = True
    await hold(driver, False, error=False)
    await driver.wait(120)
    reserve.fails = False
    await driver.wait(400)
    assert reserve.calls[-1] == 10
    assert driver.hass.states.get(reserve.entity_id).state == "10.0"  # type: ignore[union-attr]  # it is there
    await driver.wait(400)
    assert reserve.calls == [57, 10, 10]


async def test_a_reserve_that_does_not_reach_is_no_hold(drive: Any) -> None:
    table = base_table()
    table["ENERGY"]["GUI_BAT_DATA_FUEL_CHARGE"] = "fl_42A00000"  # 80 %
    driver: Driver = drive(table)
    await driver.do_set_up({})
    reserve = Reserve(driver.hass)
    await hold(driver, True, error=False)
    assert reserve.calls == []
    assert written(driver) == [FORCE]


@pytest.mark.parametrize("state", ["unavailable", "unknown"])
async def test_a_cloud_that_is_away_is_not_waited_for(drive: Any, state: str) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    reserve = Reserve(driver.hass)
    driver.hass.states.async_set(reserve.entity_id, state)
    await hold(driver, True, error=False)
    assert written(driver) == [FORCE]
