"""What outlives a stop, a kill and a bad disk."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import STORAGE_MANAGER, Store
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.storage import SELDOM, EntryStore, async_last_recorded

KEY = "hausstrom.meter.abc"
# As Home Assistant has it, before the tests' storage takes its place.
REALLY_WRITE = Store._async_write_data


class Counted:
    """Something that is kept."""

    def __init__(self, hass: HomeAssistant, *, durable: bool = False) -> None:
        self.total = 1.0
        self.store = EntryStore(
            hass, "meter.abc", self.collect, title="<b>Meter</b>", durable=durable
        )

    def collect(self) -> dict[str, Any]:
        return {"total": self.total}


def kept(hass_storage: dict[str, Any]) -> object:
    return hass_storage.get(KEY, {}).get("data")


def on_disk(hass: HomeAssistant, folder: Path, content: bytes) -> None:
    """Put the file into a folder of its own, of which Home Assistant knows nothing yet."""
    hass.config.config_dir = str(folder)
    hass.data.pop(STORAGE_MANAGER, None)
    path = folder / ".storage" / KEY
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def read(path: str) -> object:
    return json.loads(Path(path).read_text())


async def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


@pytest.fixture
def real_disk() -> Iterator[None]:
    """Read files: Home Assistant of the tests finds none, whatever there is."""

    async def load(store: Store[Any]) -> object:
        return await store._async_load_data()  # type: ignore[no-untyped-call]  # as Home Assistant has it

    with patch.object(Store, "_async_load", load):
        yield


@pytest.fixture
def really_write(hass_storage: dict[str, Any]) -> Iterator[None]:
    """Write files: Home Assistant of the tests keeps them in memory."""
    with patch.object(Store, "_async_write_data", REALLY_WRITE):
        yield


async def test_many_changes_are_one_write_within_a_minute(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    counted = Counted(hass)
    for second in range(int(SELDOM) - 1):
        counted.total += 1
        counted.store.changed()
        await wait(hass, freezer, 1)
        assert kept(hass_storage) is None, second
    await wait(hass, freezer, 2)
    assert kept(hass_storage) == {"total": counted.total}


async def test_a_stop_loses_nothing(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    counted = Counted(hass)
    counted.store.changed()
    counted.total = 5.0
    hass.set_state(CoreState.final_write)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert kept(hass_storage) == {"total": 5.0}


async def test_what_identifies_something_is_written_at_once(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    counted = Counted(hass)
    counted.store.changed()
    counted.store.changed(urgent=True)
    await wait(hass, freezer, 0.1)
    assert kept(hass_storage) == {"total": 1.0}
    counted.total = 9.0
    await counted.store.async_save()
    assert kept(hass_storage) == {"total": 9.0}


async def test_a_change_after_a_save_is_written_too(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    """A save ends the wait for the change before it: the next one has to begin its own."""
    counted = Counted(hass)
    counted.store.changed()
    await counted.store.async_save()
    counted.total = 2.0
    counted.store.changed()
    await wait(hass, freezer, SELDOM + 1)
    assert kept(hass_storage) == {"total": 2.0}


async def test_an_unload_writes_what_is_open_and_nothing_afterwards(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    counted = Counted(hass)
    counted.store.changed()
    counted.total = 7.0
    await counted.store.async_close()
    assert kept(hass_storage) == {"total": 7.0}
    counted.total = 8.0
    counted.store.changed()
    await wait(hass, freezer, 100)
    assert kept(hass_storage) == {"total": 7.0}


async def test_a_removed_entry_leaves_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    counted = Counted(hass)
    await counted.store.async_save()
    await counted.store.async_remove()
    assert KEY not in hass_storage
    await counted.store.async_close()
    assert KEY not in hass_storage


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"version": 99, "minor_version": 1, "key": KEY, "data": {}}, "newer"),
        ({"version": 1, "minor_version": 1, "key": KEY, "data": [1, 2]}, "foreign"),
        ({"version": 1, "minor_version": 1, "key": KEY}, "damaged"),
        ([1, 2, 3], "damaged"),
    ],
)
async def test_a_file_that_cannot_be_read_is_put_aside_and_said(
    hass: HomeAssistant, real_disk: None, tmp_path: Path, content: object, reason: str
) -> None:
    on_disk(hass, tmp_path, json.dumps(content).encode())
    counted = Counted(hass)
    assert await counted.store.async_load() is None
    issue = ir.async_get(hass).async_get_issue(DOMAIN, counted.store.issue_id)
    assert issue is not None
    assert issue.translation_key == f"store_{reason}"
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["name"] == "&lt;b&gt;Meter&lt;/b&gt;"
    assert read(issue.translation_placeholders["path"]) == content
    right = {"version": 1, "minor_version": 1, "key": KEY, "data": {"total": 1.0}}
    on_disk(hass, tmp_path, json.dumps(right).encode())
    assert await Counted(hass).store.async_load() == {"total": 1.0}
    assert ir.async_get(hass).async_get_issue(DOMAIN, counted.store.issue_id) is None


async def test_a_removed_entry_leaves_no_complaint_of_its_file(
    hass: HomeAssistant, hass_storage: dict[str, Any], real_disk: None, tmp_path: Path
) -> None:
    foreign = {"version": 1, "minor_version": 1, "key": KEY, "data": [1, 2]}
    on_disk(hass, tmp_path, json.dumps(foreign).encode())
    store = Counted(hass).store
    assert await store.async_load() is None
    full = patch.object(Store, "_async_write_data", side_effect=WriteError("full"))
    with full:
        await store.async_save()
    issues = ir.async_get(hass)
    told = (store.issue_id, store.unwritten_issue_id)
    assert all(issues.async_get_issue(DOMAIN, issue_id) for issue_id in told)
    await store.async_remove()
    assert not any(issues.async_get_issue(DOMAIN, issue_id) for issue_id in told)


@pytest.mark.parametrize("content", [b"", b'{"version": 1, "da', b"\xff\xfe\x00"])
async def test_a_file_cut_by_a_power_cut_is_no_end(
    hass: HomeAssistant, real_disk: None, tmp_path: Path, content: bytes
) -> None:
    on_disk(hass, tmp_path, content)
    assert await Counted(hass).store.async_load() is None
    issues = ir.async_get(hass).issues
    assert len(issues) <= 1  # Home Assistant's own, or ours


@pytest.mark.parametrize("durable", [False, True])
async def test_a_full_disk_is_no_end(
    hass: HomeAssistant,
    tmp_path: Path,
    really_write: None,
    freezer: FrozenDateTimeFactory,
    durable: bool,
) -> None:
    """Written for real, up to the last function, which both versions of Home Assistant have."""
    hass.config.config_dir = str(tmp_path)
    counted = Counted(hass, durable=durable)
    writer = "write_utf8_file_atomic" if durable else "write_utf8_file"
    full = patch(f"homeassistant.helpers.storage.{writer}", side_effect=WriteError("full"))
    with full as full_disk:
        await counted.store.async_save()
        counted.store.changed()
        await wait(hass, freezer, SELDOM + 1)
    ours = [call for call in full_disk.call_args_list if KEY in call.args[0]]
    assert len(ours) == 2
    counted.total = 3.0
    counted.store.changed()
    await wait(hass, freezer, SELDOM + 1)
    kept_file = tmp_path / ".storage" / KEY
    assert json.loads(kept_file.read_text())["data"] == {"total": 3.0}
    # What was kept before goes on being there while the disk is full again.
    with full:
        counted.total = 4.0
        await counted.store.async_save()
    assert json.loads(kept_file.read_text())["data"] == {"total": 3.0}


async def test_older_content_is_brought_up(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[KEY] = {"version": 1, "minor_version": 1, "key": KEY, "data": {"sum": 4.0}}
    store = EntryStore(
        hass,
        "meter.abc",
        dict,
        version=2,
        migrate=lambda version, content: {"total": content["sum"], "from": version},
    )
    assert await store.async_load() == {"total": 4.0, "from": 1}


async def test_the_recorder_knows_what_was_shown_last(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    registry = er.async_get(hass)
    expected = {}
    for name, states, unit in (
        ("plain", ["11.0", "12.5"], "kWh"),
        ("offline", ["7.0", "unavailable", "unknown"], "kWh"),
        ("other_unit", ["2500"], "Wh"),
        ("no_energy", ["20"], "°C"),
        ("never", [], "kWh"),
    ):
        entity = registry.async_get_or_create(
            "sensor", DOMAIN, f"u_{name}", suggested_object_id=name
        )
        for state in states:
            hass.states.async_set(entity.entity_id, state, {"unit_of_measurement": unit})
        expected[name] = f"u_{name}"
    await async_wait_recording_done(hass)
    assert await async_last_recorded(hass, {**expected, "unknown": "u_unknown"}) == {
        "plain": 12.5,
        "offline": 7.0,
        "other_unit": 2.5,
    }


async def test_without_a_recorder_nothing_is_known(hass: HomeAssistant) -> None:
    assert await async_last_recorded(hass, {"a": "u_a"}) == {}
