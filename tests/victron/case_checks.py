"""Runs the steps of a case, and looks at what it expects."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
import pytest
from homeassistant.core import State
from homeassistant.helpers import device_registry as dr

from tests.victron.case_driver import Json, Player, is_shown, number_of

LOOK: Final = 5.0
"""When a case does not say when (s)."""
_IGNORED: Final = {
    "why",
    "at",
    "after",
    "within",
    "from",
    "to",
    "device",
    "for",
    "tolerance",
    "kept",
}


class Runner:
    """Plays the steps in their order, and checks between them."""

    def __init__(self, player: Player, option: str = "") -> None:
        self.player = player
        self.option = option
        self.counted: dict[float, dict[str, int]] = {}
        self.checked = 0

    async def run(self) -> None:
        """Play everything."""
        case = self.player.case
        agenda: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        for step in case["steps"]:
            begin = step.get("from", step.get("at"))
            agenda.append((begin, 1, lambda step=step: self._do(step)))  # type: ignore[misc]  # bound at once
        for expected in case["expect"]:
            if "from" in expected:
                agenda.append((expected["from"], 0, lambda e=expected: self._count(e)))  # type: ignore[misc]
                agenda.append((expected["to"], 2, lambda e=expected: self._look(e)))  # type: ignore[misc]
                continue
            moment = expected.get("at", expected.get("after", 0) + expected.get("within", LOOK))
            agenda.append((moment, 2, lambda e=expected: self._look(e)))  # type: ignore[misc]
        for moment, _, act in sorted(agenda, key=lambda one: one[:2]):
            await self.player.until(moment)
            await act()
        assert self.checked, "the case expects nothing that this looks at"

    # --- steps ----------------------------------------------------------------------------

    async def _do(self, step: dict[str, Json]) -> None:
        player = self.player
        if "set" in step:
            player.set(step["set"])
        if "publish" in step:
            player.appear(step["publish"])
        if "leave" in step:
            player.leave(step["leave"])
        if "appear" in step:
            player.appear(step["appear"])
        if "retained_on_the_broker" in step:
            for path, payload in step["retained_on_the_broker"].items():
                player.publish(path, orjson.dumps(payload), retain=True)
        if "restart" in step:
            await player.restart()
        if "call" in step:
            await self._call(step["call"])
        if "set_in_turn" in step:
            await self._in_turn(step)

    async def _in_turn(self, step: dict[str, Json]) -> None:
        player = self.player
        every = step["every"]
        for number in range(round((step["to"] - step["from"]) / every)):
            player.set(
                {path: values[number % len(values)] for path, values in step["set_in_turn"].items()}
            )
            await player.pass_time(every, min(every, 0.5))

    async def _call(self, text: str) -> None:
        """Do `number.set_value 25 on evcharger_40_setcurrent`; `-` is no value."""
        service, value, _, key = text.split()
        domain, name = service.split(".")
        more: dict[str, Json] = {}
        if domain == "number":
            more["value"] = float(value)
        elif domain == "select":
            more["option"] = value
        entity_id = next(one.entity_id for one in self.player.entities(key) if one.domain == domain)
        task = self.player.hass.async_create_background_task(
            self.player.hass.services.async_call(
                domain, name, {"entity_id": entity_id, **more}, blocking=True
            ),
            "call",
        )
        for _ in range(24):
            # At a real broker the write, and the answer to it, take their time.
            await self.player.pass_time(0.5)
            if task.done():
                break
        await task

    # --- what is expected -----------------------------------------------------------------

    async def _count(self, expected: dict[str, Json]) -> None:
        self.counted[id(expected)] = dict(self.player.writes)

    async def _look(self, expected: dict[str, Json]) -> None:
        for name, wanted in expected.items():
            if name in _IGNORED:
                continue
            check = getattr(self, f"_check_{name}")
            check(wanted, expected)
            self.checked += 1

    def _check_state(self, wanted: dict[str, Json], _: Json) -> None:
        for key, value in wanted.items():
            if key == "some other entity":
                states = [
                    one for one in self.player.hass.states.async_all() if is_shown(one, value)
                ]
                assert states, f"nothing shows {value}"
                continue
            if key.startswith("the entity that was "):
                former = f"victron_{self.player.portal}_{key.removeprefix('the entity that was ')}"
                state = self.player.hass.states.get(self.player.first_ids[former])
                assert state is not None
            else:
                state = self.player.state(key)
            assert is_shown(state, value), f"{key}: {state.state}, not {value}"

    def _shown(self, expected: dict[str, Json]) -> list[State]:
        device = expected.get("device")
        return self.player.states_of(None if device == "gx" else device)

    def _check_an_enabled_sensor_shows(self, wanted: Json, expected: dict[str, Json]) -> None:
        states = self._shown(expected)
        for one in wanted if isinstance(wanted, list) else [wanted]:
            fits = [state for state in states if is_shown(state, one["value"])]
            assert fits, f"{one}: {[(state.entity_id, state.state) for state in states]}"

    def _check_unknown(self, wanted: str, _: Json) -> None:
        assert "consumption" in wanted
        assert self.player.state("system_0_ac_consumption_power").state == "unknown"

    def _check_registered(self, wanted: list[str], _: Json) -> None:
        assert not [key for key in wanted if not self.player.entities(key)]

    def _check_not_registered(self, wanted: list[str], _: Json) -> None:
        assert not [key for key in wanted if self.player.entities(key)]

    def _check_platform(self, wanted: dict[str, str], _: Json) -> None:
        found = {key: {one.domain for one in self.player.entities(key)} for key in wanted}
        assert found == {key: {platform} for key, platform in wanted.items()}

    def _check_not_enabled(self, wanted: list[str], _: Json) -> None:
        for key in wanted:
            assert all(one.disabled_by is not None for one in self.player.entities(key)), key

    def _check_enabled_and_shown(self, wanted: dict[str, Json], expected: Json) -> None:
        self._check_state(wanted, expected)

    def _check_state_writes_at_most(self, wanted: dict[str, Json], expected: Json) -> None:
        before = self.counted[id(expected)]
        for key, most in wanted.items():
            limit = most[self.option] if isinstance(most, dict) else most
            written = self.player.writes[key] - before.get(key, 0)
            assert written <= limit, f"{key}: {written} writes"

    def _check_max(self, wanted: dict[str, float], _: Json) -> None:
        for key, value in wanted.items():
            assert self.player.state(key).attributes["max"] == value, key

    def _check_written(self, wanted: dict[str, Json], _: Json) -> None:
        for path, payload in wanted.items():
            assert self.player.written[path] == payload

    def _check_friendly_name_contains(self, wanted: dict[str, str], _: Json) -> None:
        for key, name in wanted.items():
            assert name in self.player.state(key).attributes["friendly_name"]

    def _check_names_at_most(self, wanted: int, _: Json) -> None:
        for state in self.player.hass.states.async_all():
            name = str(state.attributes.get("friendly_name", ""))
            assert len(name) <= wanted, name
            assert name.isprintable(), name

    def _check_entity_ids(self, wanted: str, _: Json) -> None:
        assert wanted == "unchanged"
        assert self.player.ids() == self.player.first_ids

    def _check_not_on(self, wanted: str, _: Json) -> None:
        device = next(word for word in wanted.replace(";", " ").split() if "_" in word)
        for state in self.player.states_of(device):
            name = state.attributes["friendly_name"].lower()
            charging = state.attributes.get("device_class") == "battery_charging" or (
                "charging" in name and "allowed" not in name and "station" not in name
            )
            assert not (charging and state.state in ("on", "charging")), name

    def _check_no_live_device(self, wanted: str, _: Json) -> None:
        assert self.player.states_of(wanted) == []

    def _check_full_publishes(self, wanted: int, _: Json) -> None:
        assert self.player.full_publishes == wanted

    def _check_same_entity_ids_as_at(self, wanted: int, _: Json) -> None:
        assert wanted == 0
        now = self.player.ids()
        assert {key: now.get(key) for key in self.player.first_ids} == self.player.first_ids

    def _check_the_same(self, _wanted: bool, _: Json) -> None:
        self._check_same_entity_ids_as_at(0, None)

    def _check_devices_with_serial(self, wanted: dict[str, int], _: Json) -> None:
        assert self.player.entry is not None
        registry = dr.async_get(self.player.hass)
        devices = dr.async_entries_for_config_entry(registry, self.player.entry.entry_id)
        for serial, count in wanted.items():
            assert sum(device.serial_number == serial for device in devices) == count, serial

    def _check_counted_kwh(self, wanted: dict[str, float], expected: dict[str, Any]) -> None:
        keys = {"bought": "import", "sold": "export"}
        for what, value in wanted.items():
            state = self.player.state(f"system_0_ac_grid_{keys[what]}_energy")
            assert number_of(state) == pytest.approx(value, rel=expected["tolerance"])

    def _check_statistics(self, _wanted: str, expected: dict[str, Any]) -> None:
        """Words for people: what they say is looked at by the check of the dashboard."""
        assert "setup_energy_dashboard" in expected

    def _check_setup_energy_dashboard(self, wanted: dict[str, Json], expected: Json) -> None:
        raise NotImplementedError("see test_cases.test_grid_without_a_meter")
