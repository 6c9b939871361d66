"""A SENEC in Home Assistant: what is shown, what is asked for, what survives."""

import json
import logging
from typing import Any, cast

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.diagnostics import async_get_config_entry_diagnostics
from custom_components.hausstrom.senec.local.coordinator import SenecLocalCoordinator
from simulators.senec_local import Model, SenecSimulator

from .conftest import Site
from .test_points import COLLECTOR, HALVES


def coordinator_of(entry: HausstromConfigEntry) -> SenecLocalCoordinator:
    return cast("SenecLocalCoordinator", entry.runtime_data)


def keys(site: Site, entry: HausstromConfigEntry, *, enabled_only: bool = False) -> set[str]:
    return {
        entity.unique_id.split("_", 2)[2]
        for entity in er.async_entries_for_config_entry(er.async_get(site.hass), entry.entry_id)
        if not (enabled_only and entity.disabled)
    }


def asked_since(simulator: SenecSimulator, start: int) -> list[dict[str, dict[str, object]]]:
    return [json.loads(body) for _, body in simulator.requests[start:]]


async def test_a_v3_shows_the_collectors_measurements(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    assert entry.unique_id == "senec_2000000000000000000000001"
    shown = keys(site, entry, enabled_only=True)
    absent = {
        "mpp3_power",
        "response_duration",  # there, but off, as halves of what has a sign are
        *HALVES,
        "wallbox_charge_power1",
        "wallbox_charge_power2",
        "wallbox_charge_power3",
    }
    assert COLLECTOR - absent <= shown
    assert absent & keys(site, entry) == {"response_duration", *HALVES}
    values = coordinator_of(entry).data
    assert {key for key in shown & COLLECTOR if values.get(key) is None} == set()
    assert len(keys(site, entry)) > 500
    (device,) = dr.async_entries_for_config_entry(dr.async_get(site.hass), entry.entry_id)
    assert device.model == "SENEC.Home V3 hybrid, 10 kWh"
    assert device.serial_number == "2000000000000000000000001"
    assert device.sw_version == "0826"
    assert device.configuration_url == f"https://{running.simulator.host}"
    unknown = {
        state.entity_id for state in site.hass.states.async_all() if state.state == "unknown"
    }
    assert unknown == set()


@pytest.mark.parametrize("model", list(Model))
async def test_the_balance_of_power(site: Site, model: Model) -> None:
    entry = await site.add(site.device(model))
    for _ in range(3):
        values = coordinator_of(entry).data
        pv, grid, battery, house = (
            cast("float", values[key])
            for key in ("inverter_power", "grid_power", "bat_power", "house_power")
        )
        assert abs(pv + grid + battery - house) < 1
        await site.wait(10)


async def test_a_v3_and_a_v2_1_side_by_side(site: Site) -> None:
    v3 = await site.add(site.device())
    v2 = await site.add(site.device(Model.V2_1, "0819", device_id="1000000000000000000000002"))
    assert coordinator_of(v3).client.scheme == "https"
    assert coordinator_of(v2).client.scheme == "http"
    assert site.state(v2, "current_state") == site.state(v3, "current_state")
    assert "mpp1_power" not in keys(site, v2)


async def test_one_small_live_request_per_poll_and_slow_ones_seldom(site: Site) -> None:
    running = site.device()
    await site.add(running)
    start = len(running.simulator.requests)
    for _ in range(60):
        await site.wait(10)
    sizes = [len(body) for _, body in running.simulator.requests[start:]]
    assert 61 <= len(sizes) <= 63  # ten minutes
    assert max(sizes) < 1200
    assert running.simulator.most_at_once == 1


async def test_nobody_pays_for_what_is_off(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    start = len(running.simulator.requests)
    await site.wait(10)
    asked = asked_since(running.simulator, start)
    assert all("MCU_TEMP" not in one.get("TEMPMEASURE", {}) for one in asked)
    await site.enable(entry, "tempmeasure_mcu_temp", "bms_cell_voltages_module_a_0")
    start = len(running.simulator.requests)
    await site.wait(10)
    (live,) = asked_since(running.simulator, start)
    assert live["TEMPMEASURE"]["MCU_TEMP"] == ""
    assert site.state(entry, "tempmeasure_mcu_temp") == "50.74"
    assert site.state(entry, "bms_cell_voltages_module_a_0") == "3.926"
    assert site.state(entry, "bms_soh_0") == "99"


@pytest.mark.parametrize("model", list(Model))
async def test_everything_can_be_switched_on(
    site: Site, model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    running = site.device(model)
    entry = await site.add(running)
    every = keys(site, entry)
    await site.enable(entry, *every)
    caplog.clear()
    start = len(running.simulator.requests)
    for _ in range(15):
        await site.wait(10)
    sizes = [len(body) for _, body in running.simulator.requests[start:]]
    assert max(sizes) < 4000
    assert len(sizes) <= 30
    complaints = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert [r.getMessage() for r in complaints if r.name != "asyncio"] == []
    unknown = {key for key in every if site.state(entry, key) in {"unknown", "unavailable"}}
    assert {key for key in unknown if not key.startswith(UNKNOWN_AT_REST)} == set()


UNKNOWN_AT_REST = (
    "sys_update_user_reboot_device",
    "bat1_selftest_step",
    "bms_serial",
    "steca_errortext",
    "tempmeasure_mcu_temp",  # the V2.1's is not plausible
    "wizard_setup_pv_inv_ip",  # none is set
    "wizard_setup_wallbox_serial",
    "wallbox_sap_number",
    "wallbox_serial_number",
    "pv1_internal_inv_error_text",
    "pv1_inv_model",
    "pv1_inv_serial",
)


async def test_the_inventory_is_taken_once_per_firmware(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    start = len(running.simulator.requests)
    await site.hass.config_entries.async_reload(entry.entry_id)
    await site.settle()
    assert len(running.simulator.requests) - start == 4  # identity, hardware, live, slow
    before = keys(site, entry)
    assert "statistic_live_pv_gen" not in before
    running.simulator.device.table["STATISTIC"]["LIVE_PV_GEN"] = ("fl", 100.0)
    running.simulator.device.table["WIZARD"]["APPLICATION_VERSION"] = ("st", "0830")
    for _ in range(45):
        await site.wait(10)
    assert keys(site, entry) == before | {"statistic_live_pv_gen"}
    (device,) = dr.async_entries_for_config_entry(dr.async_get(site.hass), entry.entry_id)
    assert device.sw_version == "0830"


@pytest.mark.parametrize("most", [1, 4])
async def test_a_slow_device_has_everything_from_the_beginning(site: Site, most: int) -> None:
    running = site.device()
    running.simulator.faults.most_sections = most
    entry = await site.add(running)
    assert coordinator_of(entry).diagnostics()["not_yet_looked_at"] == 0
    assert {"house_power", "bms_cycles_2", "wizard_ps_enable"} <= keys(site, entry)
    for _ in range(15):
        await site.wait(10)
    unknown = {
        key
        for key in keys(site, entry, enabled_only=True)
        if site.state(entry, key) in {"unknown", "unavailable"}
    }
    assert unknown == {"sys_update_user_reboot_device"} & unknown
    assert running.simulator.most_at_once == 1


async def test_the_counters_go_on_after_a_restart_and_skip_the_gap(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    for _ in range(30):
        await site.wait(10)
    before = coordinator_of(entry).data["house_energy"]
    assert isinstance(before, float)
    assert before > 0.02  # five minutes of the base load: the car charges in the afternoon
    await site.hass.config_entries.async_unload(entry.entry_id)
    await site.wait(3600)
    await site.hass.config_entries.async_setup(entry.entry_id)
    await site.settle()
    assert float(site.state(entry, "house_energy")) == pytest.approx(before, abs=0.002)
    await site.wait(10)
    assert before < float(site.state(entry, "house_energy")) < before + 0.05


async def test_the_counters_are_written_to_disk_now_and_then(
    site: Site, hass_storage: dict[str, dict[str, object]]
) -> None:
    entry = await site.add(site.device())
    for _ in range(33):
        await site.wait(10)
    stored = hass_storage[f"hausstrom.senec_local.{entry.entry_id}"]["data"]
    assert isinstance(stored, dict)
    totals = stored["energy"]["totals"]
    assert totals["house_energy"] == pytest.approx(
        float(site.state(entry, "house_energy")), rel=0.15
    )
    assert totals["house_energy"] > 0
    assert stored["firmware"] == "0826"


async def test_what_was_counted_is_on_disk_as_soon_as_the_entry_is_unloaded(
    site: Site, hass_storage: dict[str, dict[str, Any]]
) -> None:
    entry = await site.add(site.device())
    stored = f"hausstrom.senec_local.{entry.entry_id}"

    def kept() -> float:
        return float(hass_storage[stored]["data"]["energy"]["totals"]["house_energy"])

    def counted() -> float:
        total = coordinator_of(entry).data["house_energy"]
        assert isinstance(total, float)
        return total

    for _ in range(60):
        await site.wait(10)
        if counted() - kept() > 0.005:
            break
    last = counted()
    assert last - kept() > 0.005, "nothing is open: the test would notice nothing"
    await site.hass.config_entries.async_unload(entry.entry_id)
    # No time passes: a disk that is written later is not written when the power goes.
    assert kept() == pytest.approx(last, abs=0.002)


async def test_the_counters_follow_the_statistics_of_an_old_firmware(site: Site) -> None:
    running = site.device(application="0811")
    entry = await site.add(running)
    assert float(site.state(entry, "inverter_energy")) == pytest.approx(7800, abs=1)
    assert float(site.state(entry, "wallbox_energy")) == pytest.approx(123.456)
    device = running.simulator.device
    await site.hass.config_entries.async_unload(entry.entry_id)
    await site.wait(7200)  # the device counts, two kWh, while nobody listens
    await site.hass.config_entries.async_setup(entry.entry_id)
    await site.settle()
    followed = float(site.state(entry, "inverter_energy"))
    assert followed == pytest.approx(7802, abs=0.2)
    # The firmware that took the statistics away: the counters go on without a jump.
    device.application = "0826"
    device.table["WIZARD"]["APPLICATION_VERSION"] = ("st", "0826")
    for _ in range(60):
        await site.wait(10)
    assert coordinator_of(entry).data["statistic_live_pv_gen"] is None
    now = float(site.state(entry, "inverter_energy"))
    assert followed < now < followed + 2


async def test_a_firmware_that_comes_with_a_restart_of_the_device_is_looked_at_anew(
    site: Site, hass_storage: dict[str, dict[str, Any]]
) -> None:
    running = site.device(application="0811")
    entry = await site.add(running)
    assert float(site.state(entry, "inverter_energy")) == pytest.approx(7800, abs=1)
    running.simulator.faults.status = 504
    for _ in range(30):
        await site.wait(10)
    assert site.state(entry, "house_power") == "unavailable"
    running.simulator.faults.status = None
    running.simulator.device.application = "0826"
    running.simulator.device.table["WIZARD"]["APPLICATION_VERSION"] = ("st", "0826")
    for _ in range(60):
        await site.wait(10)
        stored = hass_storage[f"hausstrom.senec_local.{entry.entry_id}"]["data"]
        # Never the old firmware's values under the new firmware's name.
        assert (stored["firmware"] == "0826") != ("statistic_live_pv_gen" in stored["points"])
    before = float(site.state(entry, "inverter_energy"))
    for _ in range(30):
        await site.wait(10)
    assert before < float(site.state(entry, "inverter_energy")) < before + 1


async def test_the_log_tells_records_at_debug_and_transitions_at_info(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "custom_components.hausstrom")
    running = site.device()
    entry = await site.add(running)
    assert "Got record #1 at 2026-06-21 05:40:00-07:00 within" in caplog.text
    caplog.clear()
    site.clock.now = site.clock.now.replace(hour=23)
    await site.wait(10)
    transitions = [r.getMessage() for r in caplog.records if r.levelno == logging.INFO]
    assert [text for text in transitions if "charging" in text] == [
        f"{entry.title}: discharging, before battery_full"
    ]


async def test_an_unknown_state_is_unknown_with_its_number(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    running.simulator.device.state_override = 123
    await site.wait(10)
    assert site.state(entry, "current_state") == "unknown"
    assert site.state(entry, "current_state_code") == "123"
    assert site.state(entry, "current_state_ok") == "off"


async def test_diagnostics_tell_nothing_private(site: Site) -> None:
    entry = await site.add(site.device())
    await site.enable(entry, "factory_device_id", "bms_sn_0", "wizard_mac_address_bytes_5")
    await site.wait(310)
    assert site.state(entry, "factory_device_id") == "2000000000000000000000001"
    diagnostics = await async_get_config_entry_diagnostics(site.hass, entry)
    text = json.dumps(diagnostics)
    assert "2000000000000000000000001" not in text
    assert "44000001" not in text
    assert "127.0.0.1" not in text
    assert "CERTIFICATE" not in text
    assert diagnostics["device"]["traffic"]["requests"] >= 3
    assert diagnostics["readings"]["house_power"]


async def test_deleting_the_entry_leaves_nothing(
    site: Site, hass_storage: dict[str, dict[str, Any]]
) -> None:
    entry = await site.add(site.device())
    assert f"hausstrom.senec_local.{entry.entry_id}" in hass_storage
    await site.hass.config_entries.async_remove(entry.entry_id)
    await site.settle()
    assert f"hausstrom.senec_local.{entry.entry_id}" not in hass_storage


async def test_only_what_changed_is_written(site: Site) -> None:
    entry = await site.add(site.device())
    events = async_capture_events(site.hass, "state_changed")
    await site.wait(10)
    changed = {event.data["entity_id"] for event in events}
    assert site.entity_id(entry, "house_power") in changed
    assert site.entity_id(entry, "application_version") not in changed
    assert site.entity_id(entry, "bms_cycles_0") not in changed


async def test_the_options_set_the_rhythm(site: Site) -> None:
    running = site.device()
    entry = await site.add(running)
    flow = await site.hass.config_entries.options.async_init(entry.entry_id)
    await site.hass.config_entries.options.async_configure(flow["flow_id"], {"scan_interval": 60})
    await site.settle()
    start = len(running.simulator.requests)
    await site.wait(30)
    assert len(running.simulator.requests) == start
    await site.wait(31)
    assert len(running.simulator.requests) == start + 1
    assert entry.state is ConfigEntryState.LOADED
