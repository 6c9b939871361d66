"""Writing to a system in the cloud: what is sent, and that nothing is shown unconfirmed."""

import asyncio
from datetime import time, timedelta

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromConfigEntry
from custom_components.hausstrom.kinds import async_get_kind
from custom_components.hausstrom.number import HausstromNumberDescription
from custom_components.hausstrom.senec.cloud.coordinator import SenecCloudCoordinator
from custom_components.hausstrom.senec.cloud.gathering import Gathering
from custom_components.hausstrom.senec.cloud.protocol.peak_shaving import Change, Mode
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError, ServiceReason
from custom_components.hausstrom.switch import HausstromSwitchDescription

from .conftest import BERT, Home

SAVE = "/web/endkunde/api/peakshaving/saveSettings"
NOON_MS = 1781092800000  # 2026-06-10 12:00 UTC


async def call(home: Home, service: str, **data: object) -> None:
    """Call an action and let time pass until it returns or raises."""
    domain, name = service.split(".")
    task = asyncio.create_task(home.hass.services.async_call(domain, name, data, blocking=True))
    await home.until_done(task)


async def write(entry: HausstromConfigEntry, platform: str, key: str, value: bool | float) -> None:
    """Write what a row writes, whether its entity is enabled or not."""
    row = entry.runtime_data.description_of(platform, key)
    if isinstance(row, HausstromSwitchDescription):
        await row.write(value is True)
    else:
        assert isinstance(row, HausstromNumberDescription)
        await row.write(value)


async def test_each_peak_shaving_entity_sends_all_three(home: Home) -> None:
    entry = await home.add()
    home.cloud.system(100301).peak_shaving["peakShavingLocalEndTime"] = [11, 15]
    home.cloud.forget()
    await call(
        home,
        "select.select_option",
        entity_id=home.entity_id(entry, "select", "peak_shaving_mode"),
        option="manual",
    )
    await call(
        home,
        "number.set_value",
        entity_id=home.entity_id(entry, "number", "peak_shaving_capacity_limit"),
        value=40,
    )
    await call(
        home,
        "time.set_value",
        entity_id=home.entity_id(entry, "time", "peak_shaving_end_time"),
        time="12:00:00",
    )
    quarter_past_eleven = NOON_MS - 45 * 60 * 1000
    assert [path for _, path, _ in home.cloud.writes] == [
        f"{SAVE}?anlageNummer=1&mode=MANUAL&capacityLimit=0&endzeit={quarter_past_eleven}",
        f"{SAVE}?anlageNummer=1&mode=MANUAL&capacityLimit=40&endzeit={quarter_past_eleven}",
        f"{SAVE}?anlageNummer=1&mode=MANUAL&capacityLimit=40&endzeit={NOON_MS}",
    ]
    assert home.state(entry, "select", "peak_shaving_mode").state == "manual"
    assert home.state(entry, "number", "peak_shaving_capacity_limit").state == "40"
    assert home.state(entry, "time", "peak_shaving_end_time").state == "12:00:00"
    assert home.state(entry, "sensor", "export_limit").state == "70.0"


@pytest.mark.parametrize("before", [40, 90])
async def test_a_limit_of_zero_is_a_limit(home: Home, before: int) -> None:
    """0 % keeps the battery empty for the whole surplus: no missing value, and not the one before."""
    entry = await home.add()
    shaving = home.cloud.system(100301).peak_shaving
    limit = home.entity_id(entry, "number", "peak_shaving_capacity_limit")
    mode = home.entity_id(entry, "select", "peak_shaving_mode")
    for value in (before, 0):
        await call(home, "number.set_value", entity_id=limit, value=value)
        assert shaving["peakShavingCapacityLimitInPercent"] == value
        assert home.state(entry, "number", "peak_shaving_capacity_limit").state == str(value)
    # What else is changed keeps it, and so does a change that is gathered with another.
    await call(home, "number.set_value", entity_id=limit, value=before)
    await asyncio.gather(
        call(home, "number.set_value", entity_id=limit, value=before),
        call(home, "number.set_value", entity_id=limit, value=0),
        call(home, "select.select_option", entity_id=mode, option="manual"),
    )
    assert shaving["peakShavingCapacityLimitInPercent"] == 0
    assert shaving["peakShavingMode"] == "MANUAL"


async def test_changes_within_a_second_become_one_write(home: Home) -> None:
    entry = await home.add()
    home.cloud.forget()
    await asyncio.gather(
        call(
            home,
            "select.select_option",
            entity_id=home.entity_id(entry, "select", "peak_shaving_mode"),
            option="manual",
        ),
        call(
            home,
            "number.set_value",
            entity_id=home.entity_id(entry, "number", "peak_shaving_capacity_limit"),
            value=30,
        ),
        call(
            home,
            "time.set_value",
            entity_id=home.entity_id(entry, "time", "peak_shaving_end_time"),
            time="12:00:00",
        ),
    )
    (write,) = home.cloud.writes
    assert write[1] == f"{SAVE}?anlageNummer=1&mode=MANUAL&capacityLimit=30&endzeit={NOON_MS}"
    assert home.cloud.count("getSettings") == 2


async def test_a_write_waits_for_the_one_before(hass: HomeAssistant) -> None:
    """Each is made on top of a fresh read: side by side they would undo each other."""
    running: list[str] = []
    done: list[str] = []
    finish = asyncio.Event()

    async def write(change: str) -> None:
        running.append(change)
        assert len(running) == 1
        await finish.wait()
        running.remove(change)
        done.append(change)

    changes = Gathering[str](hass, lambda first, later: first + later, write)
    tasks = []
    for change in "ab":
        tasks.append(asyncio.ensure_future(changes.add(change)))
        await asyncio.sleep(0)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=2))
        for _ in range(5):
            await asyncio.sleep(0)
    finish.set()
    await asyncio.gather(*tasks)
    assert done == ["a", "b"]


async def test_an_end_with_seconds_is_confirmed_by_the_minute(home: Home) -> None:
    entry = await home.add()
    await call(
        home,
        f"{DOMAIN}.set_peak_shaving",
        config_entry_id=entry.entry_id,
        mode="manual",
        capacity_limit=25,
        end_time="12:00:30",
    )
    assert home.state(entry, "time", "peak_shaving_end_time").state == "12:00:00"


async def test_an_account_whose_entry_is_unloaded_fails_with_a_reason(home: Home) -> None:
    """An import of years goes on while the entry is reloaded."""
    entry = await home.add()
    assert isinstance(entry.runtime_data, SenecCloudCoordinator)
    account = entry.runtime_data.account
    await home.hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(SenecCloudError) as error:
        await account.app.systems()
    assert error.value.reason is ServiceReason.UNREACHABLE


async def test_the_action_writes_all_three_at_once(home: Home) -> None:
    entry = await home.add()
    home.cloud.forget()
    await call(
        home,
        f"{DOMAIN}.set_peak_shaving",
        config_entry_id=entry.entry_id,
        mode="manual",
        capacity_limit=25,
        end_time="12:00",
    )
    (write,) = home.cloud.writes
    assert write[1] == f"{SAVE}?anlageNummer=1&mode=MANUAL&capacityLimit=25&endzeit={NOON_MS}"
    with pytest.raises(ServiceValidationError) as error:
        await call(home, f"{DOMAIN}.set_peak_shaving", config_entry_id=entry.entry_id)
    assert error.value.translation_key == "senec_no_change"


async def test_what_is_refused_is_told_and_not_shown(home: Home) -> None:
    entry = await home.add()
    words = '{"message": "capacityLimit must be between 0 and 50"}'
    home.cloud.fail(SAVE, status=400, text=words, times=1)
    with pytest.raises(HomeAssistantError) as error:
        await call(
            home,
            f"{DOMAIN}.set_peak_shaving",
            config_entry_id=entry.entry_id,
            mode="manual",
            capacity_limit=85,
        )
    assert error.value.translation_key == "senec_refused"
    assert "between 0 and 50" in str(error.value)
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"
    home.cloud.writing.takes = False
    with pytest.raises(HomeAssistantError) as error:
        await call(
            home,
            "select.select_option",
            entity_id=home.entity_id(entry, "select", "peak_shaving_mode"),
            option="auto",
        )
    assert error.value.translation_key == "senec_not_confirmed"
    assert home.state(entry, "select", "peak_shaving_mode").state == "deactivated"


async def test_a_session_that_has_ended_does_not_lose_a_write(home: Home) -> None:
    entry = await home.add()
    await home.wait(minutes=5)
    home.cloud.web.end_sessions()
    home.cloud.forget()
    await call(home, f"{DOMAIN}.set_peak_shaving", config_entry_id=entry.entry_id, mode="auto")
    assert home.state(entry, "select", "peak_shaving_mode").state == "auto"
    assert home.cloud.count("login-actions") == 0


async def test_a_refused_sign_in_while_writing_is_told_of_the_site_alone(home: Home) -> None:
    """No answer to "sign in again" could open it: the app is not refused."""
    entry = await home.add()
    await home.wait(minutes=5)
    home.cloud.account("anna@example.com").password = "anders"
    home.cloud.sso.sessions.clear()
    home.cloud.web.end_sessions()
    with pytest.raises(HomeAssistantError) as error:
        await call(home, f"{DOMAIN}.set_peak_shaving", config_entry_id=entry.entry_id, mode="auto")
    assert error.value.translation_key == "senec_auth"
    assert home.hass.config_entries.flow.async_progress_by_handler(DOMAIN) == []
    issue = ir.async_get(home.hass).async_get_issue(DOMAIN, f"senec_site_{entry.entry_id}")
    assert issue is not None
    assert issue.translation_key == "senec_site_sign_in"
    assert home.cloud.account("anna@example.com").wrong_passwords == 1


async def test_a_write_that_is_waiting_is_given_up_on_unload(home: Home) -> None:
    entry = await home.add()
    # The code of actions is loaded with the first one: it would not wait yet when the entry goes.
    actions = (await async_get_kind(home.hass, "senec_cloud")).actions
    assert actions is not None
    await actions.async_get(home.hass)
    home.cloud.forget()
    task = asyncio.create_task(
        home.hass.services.async_call(
            DOMAIN,
            "set_peak_shaving",
            {"config_entry_id": entry.entry_id, "mode": "auto"},
            blocking=True,
        )
    )
    for _ in range(10):
        await asyncio.sleep(0)
    await home.hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(asyncio.CancelledError):
        await task
    await home.wait(seconds=2)
    assert home.cloud.writes == []


async def test_only_systems_that_have_it_get_peak_shaving(home: Home) -> None:
    v21 = await home.add(BERT, "210107")
    entities = er.async_entries_for_config_entry(er.async_get(home.hass), v21.entry_id)
    assert entities
    assert not [entity.unique_id for entity in entities if "peak_shaving" in entity.unique_id]
    with pytest.raises(ServiceValidationError) as error:
        await call(home, f"{DOMAIN}.set_peak_shaving", config_entry_id=v21.entry_id, mode="auto")
    assert error.value.translation_key == "senec_no_peak_shaving"


async def test_peak_shaving_of_the_right_system(home: Home) -> None:
    """The P4 is the second in the app's list and the first at mein-senec.de."""
    p4 = await home.add(BERT, "400204")
    home.cloud.forget()
    await call(home, f"{DOMAIN}.set_peak_shaving", config_entry_id=p4.entry_id, mode="auto")
    assert "anlageNummer=0&mode=AUTO" in home.cloud.writes[0][1]
    assert home.cloud.system(400204).peak_shaving["peakShavingMode"] == "AUTO"
    assert home.cloud.system(100301).peak_shaving["peakShavingMode"] == "DEACTIVATED"


async def entity(home: Home, entry: HausstromConfigEntry, platform: str, key: str) -> str:
    entity_id = home.entity_id(entry, platform, key)
    assert home.state(entry, platform, key).state != STATE_UNAVAILABLE
    return entity_id


async def test_the_wallbox(home: Home) -> None:
    entry = await home.add()
    box = home.cloud.system(100301).wallboxes[0]
    locked = await entity(home, entry, "switch", "wallbox_0_locked")
    await call(home, "switch.turn_on", entity_id=locked)
    assert box["prohibitUsage"] is True
    assert home.state(entry, "switch", "wallbox_0_locked").state == "on"
    await call(home, "switch.turn_off", entity_id=locked)
    assert home.state(entry, "switch", "wallbox_0_locked").state == "off"
    mode = await entity(home, entry, "select", "wallbox_0_charging_mode")
    await call(home, "select.select_option", entity_id=mode, option="fast")
    assert home.state(entry, "select", "wallbox_0_charging_mode").state == "fast"
    current = await entity(home, entry, "number", "wallbox_0_solar_min_current")
    await call(home, "number.set_value", entity_id=current, value=8.5)
    assert box["chargingMode"]["solarOptimizeSettings"]["minChargingCurrentInA"] == 8.5
    assert home.state(entry, "number", "wallbox_0_solar_min_current").state == "8.5"
    intercharge = await entity(home, entry, "switch", "wallbox_0_fast_intercharge")
    await call(home, "switch.turn_on", entity_id=intercharge)
    assert box["chargingMode"]["fastChargingSettings"] == {"allowIntercharge": True}
    home.cloud.fail("/app-wallbox", status=408)
    with pytest.raises(HomeAssistantError) as error:
        await call(home, "switch.turn_on", entity_id=locked)
    assert error.value.translation_key == "senec_cloud_unreachable"
    assert home.state(entry, "switch", "wallbox_0_locked").state == "off"


async def test_settings_that_are_written_together_do_not_undo_each_other(home: Home) -> None:
    entry = await home.add()
    system = home.cloud.system(100301)
    await asyncio.gather(
        write(entry, "switch", "sg_ready_enabled", value=True),
        write(entry, "number", "sg_ready_power_on_command", 2700.0),
        write(entry, "number", "sg_ready_power_on_proposal", 1700.0),
    )
    assert system.sg_ready["enabled"] is True
    assert system.sg_ready["powerOnCommandThresholdInWatt"] == 2700
    assert system.sg_ready["powerOnProposalThresholdInWatt"] == 1700


async def test_reserve_sg_ready_and_sockets(home: Home) -> None:
    entry = await home.add()
    system = home.cloud.system(100301)
    reserve = await entity(home, entry, "number", "emergency_reserve")
    await call(home, "number.set_value", entity_id=reserve, value=20)
    assert system.reserve == 20
    assert home.state(entry, "number", "emergency_reserve").state == "20"
    assert home.state(entry, "sensor", "sg_ready_mode").state == "mode_2"
    await call(
        home,
        "switch.turn_on",
        entity_id=await entity(home, entry, "switch", "sg_ready_enabled"),
    )
    assert system.sg_ready["enabled"] is True
    assert home.state(entry, "switch", "sg_ready_enabled").state == "on"
    await write(entry, "number", "sg_ready_power_on_command", 2600.0)
    assert system.sg_ready["powerOnCommandThresholdInWatt"] == 2600
    await call(
        home,
        "select.select_option",
        entity_id=await entity(home, entry, "select", "socket_1_mode"),
        option="on",
    )
    assert system.sockets[1]["mode"] == "ON"
    assert home.state(entry, "binary_sensor", "socket_1_on").state == "on"


async def test_an_action_for_another_kind_of_device(home: Home) -> None:
    flow = await home.begin("senec_connect")
    flow = await home.enter(flow, {"api_key": home.cloud.connect.key})
    flow = await home.enter(flow, {"system_id": "P4H1-SIMU00001-0000-01"})
    with pytest.raises(ServiceValidationError) as error:
        await call(
            home, f"{DOMAIN}.set_peak_shaving", config_entry_id=flow["result"].entry_id, mode="auto"
        )
    assert error.value.translation_key == "senec_not_in_the_cloud"


def test_of_two_changes_the_later_counts_also_where_it_is_zero() -> None:
    first = Change(mode=Mode.AUTO, capacity_limit=40, end_time=time(12))
    assert first.then(Change(capacity_limit=0)) == Change(Mode.AUTO, 0, time(12))
    assert first.then(Change(end_time=time(0))) == Change(Mode.AUTO, 40, time(0))
    assert first.then(Change(mode=Mode.MANUAL)) == Change(Mode.MANUAL, 40, time(12))
    assert first.then(Change()) == first
