"""Offers for the energy dashboard: each source once, by what it is, with a choice per line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components.energy.data import EnergyManager, async_get_manager
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DATA
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import MqttMockHAClient, WebSocketGenerator

from custom_components.hausstrom import async_remove_entry
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.energy_dashboard.fill import async_plan
from custom_components.hausstrom.energy_dashboard.offer import (
    OFFER,
    OFFER_DELAY,
    async_offer,
    async_schedule_offer,
    watcher_of,
)

CASES = Path(__file__).parents[2] / "shared" / "cases" / "home" / "offers.json"
SENEC = "0123456789ABCDEF01234567"
OTHER = "FEDCBA9876543210FEDCBA98"

POWER = ("power", "measurement")
ENERGY = ("energy", "total_increasing")
SENEC_KEYS = {
    "inverter_energy": ENERGY,
    "inverter_power": POWER,
    "bat_charge_energy": ENERGY,
    "bat_discharge_energy": ENERGY,
    "bat_power": POWER,
    "bat_fuel_charge": ("battery", "measurement"),
}
KEYS: dict[str, dict[str, tuple[str, str]]] = {
    "evn": {"energy_import": ENERGY, "energy_export": ENERGY, "power": POWER},
    "senec_local": SENEC_KEYS,
    "senec_cloud": SENEC_KEYS,
    "senec_connect": SENEC_KEYS,
}


@pytest.fixture(autouse=True)
async def ready(hass: HomeAssistant) -> Any:
    """Have repairs and our actions, and pretend that the energy dashboard is set up."""
    assert await async_setup_component(hass, REPAIRS, {})
    assert await async_setup_component(hass, DOMAIN, {})
    hass.config.components.add("energy")
    with patch("homeassistant.components.energy.data.EnergyManager.async_listen_updates"):
        yield


def add(
    hass: HomeAssistant, kind: str, number: str, name: str, *, wallbox: bool = False
) -> MockConfigEntry:
    """Put an entry of a kind with its sensors into the registries, as its set-up does."""
    prefix = "senec" if kind == "senec_local" else kind
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=f"{prefix}_{number}", title=name, data={"kind": kind}
    )
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, str(entry.unique_id))},
        name=name,
        serial_number=None if kind == "senec_cloud" else number,
    )
    keys = dict(KEYS[kind])
    if wallbox:
        keys |= {"wallbox_energy": ENERGY, "wallbox_charge_power": POWER}
    for key, (device_class, state_class) in keys.items():
        sensor(hass, entry, device.id, key, device_class, state_class)
    async_schedule_offer(hass, entry)
    return entry


def sensor(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device_id: str,
    key: str,
    device_class: str,
    state_class: str,
) -> er.RegistryEntry:
    return er.async_get(hass).async_get_or_create(
        Platform.SENSOR,
        DOMAIN,
        f"{entry.unique_id}_{key}",
        config_entry=entry,
        device_id=device_id,
        original_device_class=device_class,
        capabilities={"state_class": state_class},
    )


def meter(hass: HomeAssistant) -> MockConfigEntry:
    return add(hass, "evn", "4b464d0000000000", "Smart meter")


def local(hass: HomeAssistant, *, wallbox: bool = False) -> MockConfigEntry:
    return add(hass, "senec_local", SENEC, "SENEC.Home V3 hybrid", wallbox=wallbox)


def issue_of(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, OFFER)


async def later(hass: HomeAssistant, freezer: Any, seconds: float = OFFER_DELAY + 1) -> None:
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def form(hass: HomeAssistant) -> Any:
    """Open the offer as the frontend does."""
    manager = hass.data[REPAIRS_DATA]["flow_manager"]
    return manager, await manager.async_init(DOMAIN, context={"issue_id": OFFER})


async def offered(hass: HomeAssistant) -> list[str]:
    """Return the roles in the open offer."""
    issue = issue_of(hass)
    if issue is None or not issue.active or issue.dismissed_version is not None:
        return []
    manager, result = await form(hass)
    manager.async_abort(result["flow_id"])
    schema = result["data_schema"].schema
    return [str(key) for key in schema if str(key) != "dashboard"]


async def accept(hass: HomeAssistant, **fields: Any) -> None:
    manager, result = await form(hass)
    assert result["type"] is FlowResultType.FORM
    done = await manager.async_configure(result["flow_id"], fields)
    assert done["type"] is FlowResultType.CREATE_ENTRY


def ignore(hass: HomeAssistant) -> None:
    ir.async_ignore_issue(hass, DOMAIN, OFFER, ignore=True)


async def sources(hass: HomeAssistant) -> list[str]:
    data = (await async_get_manager(hass)).data
    return [source["type"] for source in data["energy_sources"]] if data else []


# --- each source once -----------------------------------------------------------------


async def test_a_later_device_is_offered_too(hass: HomeAssistant, freezer: Any) -> None:
    meter(hass)
    await later(hass, freezer)
    assert await offered(hass) == ["grid"]
    await accept(hass)
    assert issue_of(hass) is None
    before = (await async_get_manager(hass)).data
    assert before is not None
    (grid,) = before["energy_sources"]
    local(hass)
    await later(hass, freezer)
    assert await offered(hass) == ["solar", "battery"]
    await accept(hass)
    assert await sources(hass) == ["grid", "solar", "battery"]
    after = (await async_get_manager(hass)).data
    assert after is not None
    assert after["energy_sources"][0] == grid
    assert ir.async_get(hass).issues == {}


async def test_what_the_action_added_does_not_stand_in_the_way(
    hass: HomeAssistant, freezer: Any
) -> None:
    meter(hass)
    await hass.services.async_call(DOMAIN, "setup_energy_dashboard", {}, blocking=True)
    await later(hass, freezer)
    assert await offered(hass) == []
    local(hass)
    await later(hass, freezer)
    assert await offered(hass) == ["solar", "battery"]


async def test_what_was_ignored_is_not_offered_again(hass: HomeAssistant, freezer: Any) -> None:
    entry = meter(hass)
    await later(hass, freezer)
    ignore(hass)
    async_schedule_offer(hass, entry)  # as after a restart
    await later(hass, freezer)
    assert await offered(hass) == []
    local(hass)
    await later(hass, freezer)
    assert await offered(hass) == ["solar", "battery"]


async def test_an_open_offer_grows(hass: HomeAssistant, freezer: Any) -> None:
    meter(hass)
    await later(hass, freezer)
    local(hass)
    await later(hass, freezer)
    assert await offered(hass) == ["grid", "solar", "battery"]


async def test_a_sensor_that_comes_later_is_offered(hass: HomeAssistant, freezer: Any) -> None:
    entry = local(hass)
    await later(hass, freezer)
    await accept(hass)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, str(entry.unique_id)), entry.entry_id
    )
    assert device is not None
    sensor(hass, entry, device.id, "wallbox_energy", *ENERGY)
    await hass.async_block_till_done()
    await later(hass, freezer)
    assert await offered(hass) == ["wallbox"]


async def test_what_the_user_removed_is_not_offered_again(
    hass: HomeAssistant, freezer: Any
) -> None:
    entry = meter(hass)
    await later(hass, freezer)
    await accept(hass)
    manager = await async_get_manager(hass)
    await manager.async_update(EnergyManager.default_preferences())
    async_schedule_offer(hass, entry)
    await later(hass, freezer)
    assert await offered(hass) == []


async def test_a_renamed_entity_is_no_new_source(hass: HomeAssistant, freezer: Any) -> None:
    entry = meter(hass)
    await later(hass, freezer)
    await accept(hass)
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(entity.entity_id, new_entity_id=f"{entity.entity_id}_mine")
    await hass.async_block_till_done()
    async_schedule_offer(hass, entry)
    await later(hass, freezer)
    assert issue_of(hass) is None


async def test_what_was_declined_in_the_form_is_not_offered_again(
    hass: HomeAssistant, freezer: Any
) -> None:
    local(hass)
    await later(hass, freezer)
    await accept(hass, battery=[])
    assert await sources(hass) == ["solar"]
    await later(hass, freezer)
    await async_offer(hass)
    assert issue_of(hass) is None


async def test_the_offer_goes_when_the_user_adds_everything(
    hass: HomeAssistant, freezer: Any
) -> None:
    entry = meter(hass)
    await later(hass, freezer)
    plan = await async_plan(hass)
    manager = await async_get_manager(hass)
    await manager.async_update(
        {
            **EnergyManager.default_preferences(),
            "device_consumption": [{"stat_consumption": plan.added[0].energy}],
        }
    )
    async_schedule_offer(hass, entry)
    await later(hass, freezer)
    assert issue_of(hass) is None


async def test_a_form_that_was_open_meanwhile(hass: HomeAssistant, freezer: Any) -> None:
    meter(hass)
    await later(hass, freezer)
    manager, first = await form(hass)
    await hass.services.async_call(DOMAIN, "setup_energy_dashboard", {}, blocking=True)
    done = await manager.async_configure(first["flow_id"], {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert await sources(hass) == ["grid"]
    ir.async_create_issue(
        hass, DOMAIN, OFFER, is_fixable=True, severity=ir.IssueSeverity.WARNING, translation_key="x"
    )
    _, second = await form(hass)
    assert (second["type"], second["reason"]) == (FlowResultType.ABORT, "nothing_missing")


# --- named by what it is --------------------------------------------------------------


async def test_a_wallbox_is_called_wallbox(hass: HomeAssistant, freezer: Any) -> None:
    local(hass, wallbox=True)
    await later(hass, freezer)
    manager, result = await form(hass)
    assert "- Wallbox: SENEC.Home V3 hybrid" in result["description_placeholders"]["sources"]
    (choice,) = [
        selector.config["options"]
        for key, selector in result["data_schema"].schema.items()
        if str(key) == "wallbox"
    ]
    assert [option["label"] for option in choice] == ["Wallbox"]
    await manager.async_configure(result["flow_id"], {})
    data = (await async_get_manager(hass)).data
    assert data is not None
    assert [one.get("name") for one in data["device_consumption"]] == ["Wallbox"]


async def test_two_wallboxes_are_told_apart(hass: HomeAssistant) -> None:
    local(hass, wallbox=True)
    add(hass, "senec_local", OTHER, "Nebenhaus", wallbox=True)
    plan = await async_plan(hass)
    assert [one.name for one in plan.added if one.row.name] == [
        "Wallbox · Nebenhaus",
        "Wallbox · SENEC.Home V3 hybrid",
    ]


async def test_names_of_devices_are_no_markup(hass: HomeAssistant, freezer: Any) -> None:
    add(hass, "evn", "1", "<img src=x> **Netz** [x](http://x)")
    await later(hass, freezer)
    _, result = await form(hass)
    text = result["description_placeholders"]["sources"]
    assert "<" not in text
    assert "**" not in text
    assert "](" not in text


# --- one system -----------------------------------------------------------------------


def count(added: list[Any], role: str) -> int:
    return sum(source.role == role for source in added)


@pytest.mark.parametrize(
    ("serial", "systems"),
    [
        (f"S{SENEC}", 1),
        (f"s{SENEC.lower()}", 1),
        (SENEC, 1),
        (f"S{OTHER}", 2),
        (f"S{SENEC}0", 2),
    ],
)
async def test_a_senec_by_two_ways_counts_once_and_two_count_twice(
    hass: HomeAssistant, serial: str, systems: int
) -> None:
    local(hass)
    add(hass, "senec_cloud", serial, "SENEC.Home")
    added = (await async_plan(hass)).added
    assert count(added, "solar") == count(added, "battery") == systems
    if systems == 1:
        assert {source.row.kind for source in added} == {"senec_local"}


async def test_three_ways_to_one_senec(hass: HomeAssistant) -> None:
    add(hass, "senec_connect", f"S{SENEC}", "Connect")
    add(hass, "senec_cloud", f"S{SENEC}", "Cloud")
    local(hass)
    added = (await async_plan(hass)).added
    assert [(source.role, source.row.kind) for source in added] == [
        ("solar", "senec_local"),
        ("battery", "senec_local"),
    ]


async def test_the_dashboard_is_told_what_is_one_system(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
) -> None:
    near, far = local(hass, wallbox=True), add(hass, "senec_cloud", f"S{SENEC}", "Cloud")
    other = add(hass, "senec_cloud", f"S{OTHER}", "Nebenhaus")
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "hausstrom/home", "language": "de"})
    answer = (await client.receive_json())["result"]
    systems = {one["identifier"]: one["system"] for one in answer["systems"]}
    assert systems[str(near.unique_id)] == systems[str(far.unique_id)]
    assert systems[str(near.unique_id)] != systems[str(other.unique_id)]
    assert "Wallbox · SENEC.Home V3 hybrid" in answer["missing"]
    assert "Photovoltaik · Nebenhaus" in answer["missing"]
    # A guest is told what he sees, and not what only an administrator can do.
    hass_admin_user.groups = []
    await client.send_json_auto_id({"type": "hausstrom/home"})
    answer = (await client.receive_json())["result"]
    assert answer["missing"] == []
    assert len(answer["systems"]) == 3


async def test_without_an_energy_dashboard_nothing_is_missing(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    local(hass)
    hass.config.components.remove("energy")
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({"type": "hausstrom/home"})
    assert (await client.receive_json())["result"]["missing"] == []


# --- forecasts ------------------------------------------------------------------------


@pytest.fixture
def forecast(hass: HomeAssistant) -> Iterator[MockConfigEntry]:
    """Have a forecast set up."""
    entry = MockConfigEntry(domain="forecast_solar", state=ConfigEntryState.LOADED)
    entry.add_to_hass(hass)
    with patch(
        "custom_components.hausstrom.energy_dashboard.fill.async_get_energy_platforms",
        return_value={"forecast_solar": None},
    ):
        yield entry
    entry.mock_state(hass, ConfigEntryState.NOT_LOADED)


async def test_a_forecast_is_attached_to_one_production(
    hass: HomeAssistant, forecast: MockConfigEntry
) -> None:
    MockConfigEntry(domain="forecast_solar").add_to_hass(hass)  # not set up
    local(hass)
    add(hass, "senec_local", OTHER, "Nebenhaus")
    await hass.services.async_call(DOMAIN, "setup_energy_dashboard", {}, blocking=True)
    data = (await async_get_manager(hass)).data
    assert data is not None
    attached = [
        source["config_entry_solar_forecast"]
        for source in data["energy_sources"]
        if source["type"] == "solar"
    ]
    assert sorted(attached, key=str) == [None, [forecast.entry_id]] or attached == [
        [forecast.entry_id],
        None,
    ]


async def test_a_forecast_that_the_user_attached_stays_where_it_is(
    hass: HomeAssistant, forecast: MockConfigEntry
) -> None:
    mine: Any = {
        "type": "solar",
        "stat_energy_from": "sensor.mine",
        "config_entry_solar_forecast": [forecast.entry_id],
    }
    manager = await async_get_manager(hass)
    local(hass)
    with patch(
        "custom_components.hausstrom.energy_dashboard.plan.foreign_statistics", return_value={}
    ):
        await manager.async_update(
            {**EnergyManager.default_preferences(), "energy_sources": [mine]}
        )
        await hass.services.async_call(DOMAIN, "setup_energy_dashboard", {}, blocking=True)
    assert manager.data is not None
    attached = [
        source["config_entry_solar_forecast"]
        for source in manager.data["energy_sources"]
        if source["type"] == "solar"
    ]
    assert attached == [[forecast.entry_id], None]


# --- with our dashboard ---------------------------------------------------------------


@pytest.mark.parametrize(("wanted", "added"), [(None, True), (True, True), (False, False)])
async def test_the_dashboard_is_added_in_the_same_step(
    hass: HomeAssistant, freezer: Any, wanted: bool | None, added: bool
) -> None:
    meter(hass)
    await later(hass, freezer)
    with patch(
        "custom_components.hausstrom.energy_dashboard.repair.async_add_board"
    ) as async_add_board:
        await accept(hass, **({} if wanted is None else {"dashboard": wanted}))
    assert async_add_board.called is added


async def test_whoever_has_the_dashboard_is_not_asked(hass: HomeAssistant, freezer: Any) -> None:
    meter(hass)
    await later(hass, freezer)
    with patch(
        "custom_components.hausstrom.energy_dashboard.repair.async_has_board", return_value=True
    ):
        _, result = await form(hass)
    assert [str(key) for key in result["data_schema"].schema] == ["grid"]


# --- upgrades, and the end ------------------------------------------------------------


@pytest.mark.parametrize("was_ignored", [True, False])
async def test_after_an_upgrade_only_what_came_later_is_offered(
    hass: HomeAssistant, freezer: Any, hass_storage: dict[str, Any], was_ignored: bool
) -> None:
    hass_storage[f"{DOMAIN}.{OFFER}"] = {"version": 1, "data": {"offered": True}}
    if was_ignored:
        ir.async_create_issue(
            hass,
            DOMAIN,
            OFFER,
            is_fixable=True,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=OFFER,
        )
        ignore(hass)
    meter(hass)
    await later(hass, freezer)
    assert await offered(hass) == ([] if was_ignored else ["grid"])
    local(hass)
    await later(hass, freezer)
    assert await offered(hass) == [*([] if was_ignored else ["grid"]), "solar", "battery"]


async def test_nothing_is_looked_at_once_all_entries_are_unloaded(
    hass: HomeAssistant, freezer: Any
) -> None:
    entry = meter(hass)
    await entry._async_process_on_unload(hass)
    await later(hass, freezer)
    assert issue_of(hass) is None
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, str(entry.unique_id)), entry.entry_id
    )
    assert device is not None
    sensor(hass, entry, device.id, "power_import", *POWER)
    await later(hass, freezer)
    assert issue_of(hass) is None


async def test_sensors_of_others_are_no_reason_to_look(hass: HomeAssistant, freezer: Any) -> None:
    meter(hass)
    await later(hass, freezer)
    with patch("custom_components.hausstrom.energy_dashboard.offer.async_offer") as async_look:
        er.async_get(hass).async_get_or_create(Platform.SENSOR, "other", "1")
        await hass.async_block_till_done()
        await later(hass, freezer)
    assert not async_look.called


async def test_the_last_entry_takes_the_offer_with_it(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    entry = meter(hass)
    other = local(hass)
    await async_offer(hass)
    await async_remove_entry(hass, entry)
    assert issue_of(hass) is not None
    await hass.config_entries.async_remove(other.entry_id)
    await async_remove_entry(hass, entry)
    assert issue_of(hass) is None
    assert await watcher_of(hass).async_load() == {"known": [], "open": []}
    assert "hausstrom.energy_dashboard" not in hass_storage


# --- the cases of the project ---------------------------------------------------------


@pytest.mark.skipif(not CASES.exists(), reason="the project's cases are not beside it")
@pytest.mark.parametrize(
    "case_id",
    ["later_device", "accepted_by_action", "ignored_then_new", "wallbox_by_its_name"],
)
async def test_a_case_of_the_project(hass: HomeAssistant, freezer: Any, case_id: str) -> None:
    case = next(case for case in json.loads(CASES.read_text()) if case["id"] == case_id)
    entries: dict[str, MockConfigEntry] = {}
    for step in case["steps"]:
        if new := step.get("add"):
            entries[new["kind"]] = add(
                hass,
                new["kind"],
                new.get("device_id", "1"),
                new["name"],
                wallbox=bool(new.get("wallboxes")),
            )
        elif "call" in step:
            domain, action = step["call"].split(".")
            await hass.services.async_call(domain, action, {}, blocking=True)
        elif "accept" in step:
            if issue_of(hass) is None:
                await later(hass, freezer)
            await accept(hass)
        elif "ignore" in step:
            ignore(hass)
        elif "reload" in step:
            async_schedule_offer(hass, entries[step["reload"]])
        elif "offered" in step:
            await later(hass, freezer, step.get("within_s") or step.get("after_s"))
            assert await offered(hass) == step["offered"]
    if wanted := case["expect"].get("sources"):
        assert await sources(hass) == wanted
    if name := case["expect"].get("consumer_name_contains"):
        data = (await async_get_manager(hass)).data
        assert data is not None
        assert name in data["device_consumption"][0].get("name", "")


async def test_an_entry_that_is_set_up_is_looked_at(
    hass: HomeAssistant, freezer: Any, mqtt_mock: MqttMockHAClient
) -> None:
    """Half a minute after its set-up, whatever sensors it has by then."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="evn_4b464d4855000001",
        data={
            "kind": "evn",
            "source": "homeassistant",
            "topic": "sensors/smartmeter",
            "key": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
            "system_title": "4b464d4855000001",
        },
    )
    entry.add_to_hass(hass)
    with patch("custom_components.hausstrom.energy_dashboard.offer.async_offer") as async_look:
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        async_look.assert_not_called()
        await later(hass, freezer)
    async_look.assert_called_once()
