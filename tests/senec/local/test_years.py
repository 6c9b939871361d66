"""What shows after years: connections that are left behind, entries of earlier releases, hints."""

import gc
from typing import Any

from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from custom_components.hausstrom.const import DOMAIN
from simulators.senec_local import typed

from .cases import Driver, base_table
from .test_cases import Stored
from .test_cases import drive as drive  # noqa: PLC0414  the fixture


async def test_two_hundred_reloads_leave_no_connection_behind(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    for _ in range(200):
        await driver.do_reload({})
    gc.collect()
    open_now = [t for t in driver.device.connections if t is not None and not t.is_closing()]  # type: ignore[attr-defined]  # transports
    assert len(open_now) <= 2
    assert driver.entry is not None
    assert driver.shows("grid_power", 420)


async def test_a_failed_set_up_leaves_no_connection_behind(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    driver.device.update({"FACTORY": {"DEVICE_ID": "st_2222000011110099"}})
    for _ in range(20):
        await driver.do_reload({})
    open_now = [t for t in driver.device.connections if t is not None and not t.is_closing()]  # type: ignore[attr-defined]  # transports
    assert len(open_now) <= 2


async def test_what_the_release_before_stored_goes_on(drive: Any) -> None:
    """The form of the store before this release: no catalogue, no hardware, no hold."""
    driver: Stored = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(30)
    assert driver.entry is not None
    entities = {
        entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(driver.hass), driver.entry.entry_id
        )
    }
    await driver.hass.config_entries.async_unload(driver.entry.entry_id)
    name = f"hausstrom.senec_local.{driver.entry.entry_id}"
    points = [key for key in driver.storage[name]["data"]["points"] if key != "bms_soh_0"]
    driver.storage[name]["data"] = {
        "energy": {
            "totals": {"grid_import_energy": 1234.5, "house_energy": 99.0},
            "statistics": {},
        },
        "firmware": "0826",
        "points": points,
    }
    await driver.hass.config_entries.async_setup(driver.entry.entry_id)
    await driver.settle()
    assert float(str(driver.state("grid_import_energy"))) >= 1234.5
    assert driver.entity_id("bms_soh_0") is not None
    assert driver.shows("grid_power", 420)
    now = {
        entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(driver.hass), driver.entry.entry_id
        )
    }
    assert entities <= now
    assert driver.storage[name]["data"]["catalogue"] is not None


async def test_an_entry_that_was_made_without_its_certificate_is_pinned(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    assert driver.entry is not None
    pinned = driver.entry.data["certificate"]
    data = {key: value for key, value in driver.entry.data.items() if key != "certificate"}
    driver.hass.config_entries.async_update_entry(driver.entry, data=data)
    await driver.do_reload({})
    assert driver.entry.data["certificate"] == pinned
    assert driver.shows("grid_power", 420)


async def test_another_device_id_keeps_entities_history_and_counters(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(300)
    assert driver.entry is not None
    entity_id = driver.entity_id("grid_import_energy")
    before = float(str(driver.state("grid_import_energy")))
    driver.device.update({"FACTORY": {"DEVICE_ID": "st_2222000011110099"}})
    await driver.do_reload({})
    assert driver.state("grid_power") is None
    await driver.do_answer_issue({})
    assert driver.entry.unique_id == "senec_2222000011110099"
    assert driver.entity_id("grid_import_energy") == entity_id
    assert float(str(driver.state("grid_import_energy"))) >= before
    registered = er.async_get(driver.hass)
    assert all(
        entity.unique_id.startswith("senec_2222000011110099_")
        for entity in er.async_entries_for_config_entry(registered, driver.entry.entry_id)
    )


async def test_the_bus_load_of_an_hour(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(300)
    start = driver.device.requests
    await driver.wait(3600)
    assert (driver.device.requests - start) / 60 <= 6.2


async def test_a_drifting_module_is_told_and_untold(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(400)
    assert driver.shows("module_drift", "off")
    apart = [typed("fl", volts) for volts in (52.7, 52.8, 56.1, 0)]
    driver.device.update({"BMS": {"VOLTAGE": apart}})
    await driver.wait(1300)
    assert driver.shows("module_drift", "on")
    (issue_id,) = driver.issues()
    issue = ir.async_get(driver.hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["module"] == "C"
    assert issue.translation_placeholders["difference"] == "C: +3.3 V"
    driver.device.update({"BMS": {"VOLTAGE": [typed("fl", v) for v in (52.7, 52.8, 52.9, 0)]}})
    await driver.wait(400)
    assert driver.shows("module_drift", "off")
    assert driver.issues() == set()


async def test_meters_that_seem_swapped_are_a_hint(drive: Any) -> None:
    table = base_table()
    table["ENERGY"]["GUI_HOUSE_POW"] = typed("fl", -900)
    driver: Driver = drive(table)
    await driver.do_set_up({})
    await driver.wait(800)
    assert driver.issues() == set()
    await driver.wait(200)
    (issue_id,) = driver.issues()
    assert issue_id.startswith("senec_meters_swapped")
    driver.device.update({"ENERGY": {"GUI_HOUSE_POW": typed("fl", 900)}})
    await driver.wait(600)
    assert len(driver.issues()) == 1
    driver.freezer.tick(6 * 3600)
    await driver.wait(60)
    assert driver.issues() == set()


async def test_the_mode_of_a_wallbox_is_not_changed_in_a_series(drive: Any) -> None:
    driver: Driver = drive(base_table())
    await driver.do_set_up({})
    await driver.wait(10)
    for mode in ("fast", "solar", "fast"):
        await driver.do_call(
            {
                "action": "select.select_option",
                "key": "wallbox_smart_charge_active_0",
                "data": {"option": mode},
                "error": False,
            }
        )
        await driver.wait(5)
    again = {
        "action": "select.select_option",
        "key": "wallbox_smart_charge_active_0",
        "data": {"option": "solar"},
    }
    await driver.do_call({**again, "error": True})
    assert driver.written(None) == {}
    await driver.wait(60)
    await driver.do_call({**again, "error": False})
    await driver.wait(10)
    assert driver.shows("wallbox_smart_charge_active_0", "solar")
