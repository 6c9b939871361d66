"""What users lived through, as cases: the shared ones where they are, and variants of each kind of ours."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from . import variants
from .cases import Driver, base_table, table_of
from .fake import FakeSenec
from .support import InThread

NOON: Final = "2026-06-21 12:40:00+00:00"
RESTARTS: Final = {"restart_mid_import", "power_cut_mid_import"}


def _shared_folder() -> Path | None:
    for parent in Path(__file__).resolve().parents:
        if (found := parent / "shared/cases/senec_local").is_dir():
            return found
    return None


def shared_cases() -> list[Any]:
    folder = _shared_folder()
    if folder is None:
        return []
    return [
        pytest.param(case, id=case["id"])
        for path in sorted(folder.glob("*.json"))
        if path.name != "base.json" and (case := json.loads(path.read_text()))["id"] not in RESTARTS
    ]


class Stored(Driver):
    """A driver whose Home Assistant keeps its storage in memory."""

    storage: dict[str, Any]

    async def forget_stored(self, keys: set[str]) -> None:
        def without(tree: Any) -> Any:
            if isinstance(tree, dict):
                return {key: without(value) for key, value in tree.items() if key not in keys}
            if isinstance(tree, list):
                return [without(item) for item in tree if item not in keys]
            return tree

        for name in list(self.storage):
            if name.startswith("hausstrom."):
                self.storage[name] = without(self.storage[name])


@pytest.fixture
def drive(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    socket_enabled: None,
    tmp_path: Path,
) -> Iterator[Any]:
    """Return what makes a driver for a table."""
    freezer.move_to(NOON)
    opened: list[InThread[FakeSenec]] = []

    def make(table: Any) -> Driver:
        device = FakeSenec(table, lambda: dt_util.utcnow().timestamp(), tmp_path)
        running = InThread(device)
        running.__enter__()
        opened.append(running)
        driver = Stored(hass, freezer, running)
        driver.storage = hass_storage
        return driver

    yield make
    for running in opened:
        running.__exit__()


async def play(driver: Driver, case: dict[str, Any]) -> None:
    steps = deepcopy(case["steps"])
    if "values" in case:
        await play_values(driver, case)
        return
    # What is before set_up in the steps holds from the beginning.
    await driver.run(steps)


async def play_values(driver: Driver, case: dict[str, Any]) -> None:
    if "variable" in case:
        section, _, name = case["variable"].partition(".")
        name, _, index = name.partition("[")
        await driver.do_set_up({})
        if driver.state(case["key"]) is None:
            await driver.do_enable({"keys": [case["key"]]})
        for value in case["values"]:
            now = driver.device.table[section][name]
            raw = value["raw"]
            if index:
                raw = [raw if place == int(index[:-1]) else item for place, item in enumerate(now)]
            driver.device.update({section: {name: raw}})
            means = value["means"]
            assert await driver.by(
                330,
                lambda means=means: (
                    (driver.words(case["key"]) or "").lower() == (means or "").lower()
                ),
            ), (value, driver.words(case["key"]))
        return
    await play_limits(driver, case)


async def play_limits(driver: Driver, case: dict[str, Any]) -> None:
    from simulators.senec_local import typed

    is_set_up = False
    for value in case["values"]:
        for name in ("MAX_CHARGING_CURRENT_RATED", "MAX_CHARGING_CURRENT_ICMAX"):
            amperes = value[name]
            driver.device.update(
                {
                    "WALLBOX": {
                        name: None
                        if amperes is None
                        else [
                            typed("fl", amperes if place == case.get("box", 0) else 0)
                            for place in range(4)
                        ]
                    }
                }
            )
        if not is_set_up:
            await driver.do_set_up({})
            await driver.do_enable({"keys": case["keys"]})
            is_set_up = True
        for key in case["keys"]:
            entity_id = driver.entity_id(key)
            assert entity_id is not None

            def limits(entity_id: str = entity_id) -> tuple[float, float]:
                state = driver.hass.states.get(entity_id)
                assert state is not None
                return state.attributes["min"], state.attributes["max"]

            wanted = (6, value["max"])
            assert await driver.by(330, lambda: limits() == wanted), (key, value, limits())  # noqa: B023
            for refused in (value["max"] + 1, 5):
                await driver.do_call(
                    {
                        "action": "number.set_value",
                        "key": key,
                        "data": {"value": refused},
                        "error": True,
                    }
                )
                assert driver.written(None) == {}


@pytest.mark.parametrize("case", shared_cases())
async def test_shared_cases(drive: Any, case: dict[str, Any]) -> None:
    folder = _shared_folder()
    assert folder is not None
    base = json.loads((folder / "base.json").read_text())
    await play(drive(table_of(case, base)), case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in variants.ALL])
async def test_variants(drive: Any, case: dict[str, Any]) -> None:
    await play(drive(table_of(case, base_table())), case)
