"""Readings by key, listeners by key, availability."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import UpdateFailed
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.hausstrom.common.throttle import Pace, Pacing
from custom_components.hausstrom.common.value import Value
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.coordinator import HausstromCoordinator, Watch
from custom_components.hausstrom.number import HausstromNumberDescription
from custom_components.hausstrom.push_coordinator import PushCoordinator
from custom_components.hausstrom.sensor import HausstromSensorDescription

QUICK = Pacing(Pace.QUICK)


class Polled(HausstromCoordinator):
    answer: Mapping[str, Value] | Exception = {}
    polls = 0

    async def async_poll(self) -> Mapping[str, Value]:
        self.polls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def device_info(self, device: str | None) -> DeviceInfo:
        return DeviceInfo(identifiers={(DOMAIN, device or "main")})


class Way:
    """A transport that brings nothing by itself."""

    connected = True

    async def async_start(self) -> None:
        self.steps = ["start"]

    async def async_stop(self) -> None:
        self.steps = [*getattr(self, "steps", ()), "stop"]

    def diagnostics(self) -> Mapping[str, object]:
        return {"way": "none"}


class Pushed(PushCoordinator):
    def device_info(self, device: str | None) -> DeviceInfo:
        return DeviceInfo(identifiers={(DOMAIN, device or "main")})


def entry_in(hass: HomeAssistant) -> MockConfigEntry:
    # What a flow needs that a refused login begins in the background.
    data = {"kind": "evn", "source": "homeassistant", "topic": "t", "key": "00" * 16}
    entry = MockConfigEntry(domain=DOMAIN, title="The device", unique_id="device", data=data)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def polled(hass: HomeAssistant) -> Polled:
    return Polled(hass, entry_in(hass), poll_interval=timedelta(seconds=10))


@pytest.fixture
def pushed(hass: HomeAssistant) -> Pushed:
    return Pushed(hass, entry_in(hass), Way(), silence=30)


def watch(
    coordinator: HausstromCoordinator, key: str, *, paced: bool = False, presence: str | None = None
) -> Mock:
    listener = Mock()
    coordinator.async_add_listener(listener, Watch(key, QUICK if paced else Pacing(), presence))
    return listener


async def settle(hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_only_listeners_of_changed_keys_are_called(pushed: Pushed) -> None:
    listeners = {f"value_{number}": watch(pushed, f"value_{number}") for number in range(1500)}
    pushed.async_push(dict.fromkeys(listeners, 0))
    for listener in listeners.values():
        listener.reset_mock()

    changed = {"value_3": 1, "value_700": 1, "value_1499": 1}
    pushed.async_push({**dict.fromkeys(listeners, 0), **changed})

    called = {key for key, listener in listeners.items() if listener.called}
    assert called == set(changed)
    await pushed.async_shutdown()


async def test_a_poll_tells_only_of_changes(polled: Polled, hass: HomeAssistant) -> None:
    one, two = watch(polled, "one"), watch(polled, "two")
    polled.answer = {"one": 1, "two": 2}
    await polled.async_refresh()
    assert (one.call_count, two.call_count) == (1, 1)

    polled.answer = {"one": 1, "two": 3}
    await polled.async_refresh()
    assert (one.call_count, two.call_count) == (1, 2)
    assert polled.data == {"one": 1, "two": 3}
    await polled.async_shutdown()


async def test_values_that_a_poll_does_not_name_stay(polled: Polled) -> None:
    polled.answer = {"fast": 1, "slow": 1}
    await polled.async_refresh()
    polled.answer = {"fast": 2}
    await polled.async_refresh()
    assert polled.data == {"fast": 2, "slow": 1}


async def test_a_failed_poll_and_its_recovery_reach_everyone(polled: Polled) -> None:
    one, two = watch(polled, "one"), watch(polled, "two")
    polled.answer = {"one": 1, "two": 2}
    await polled.async_refresh()
    polled.answer = UpdateFailed("gone")
    await polled.async_refresh()
    assert not polled.available
    assert (one.call_count, two.call_count) == (2, 2)

    polled.answer = {"one": 1, "two": 2}
    await polled.async_refresh()
    assert polled.available
    assert (one.call_count, two.call_count) == (3, 3)
    await polled.async_shutdown()


async def test_paced_values_are_written_once_per_interval(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    coordinator = Pushed(hass, entry_in(hass), Way(), silence=1000, write_interval=5)
    seen: list[Value] = []
    coordinator.async_add_listener(
        lambda: seen.append(coordinator.data["power"]), Watch("power", QUICK)
    )
    coordinator.async_push({"power": 1})  # becomes available: written at once
    coordinator.async_push({"power": 2})  # opens the window
    coordinator.async_push({"power": 3})
    coordinator.async_push({"power": 4})
    assert seen == [1, 2]

    await settle(hass, freezer, 5.1)
    assert seen == [1, 2, 4]
    await settle(hass, freezer, 5.1)
    assert seen == [1, 2, 4]

    coordinator.async_push({"power": 5})
    assert seen == [1, 2, 4, 5]
    await coordinator.async_shutdown()


async def test_states_do_not_wait(hass: HomeAssistant) -> None:
    coordinator = Pushed(hass, entry_in(hass), Way(), silence=1000, write_interval=5)
    state = watch(coordinator, "state")
    coordinator.async_push({"state": "charging"})
    coordinator.async_push({"state": "full"})
    coordinator.async_push({"state": "charging"})
    assert state.call_count == 3
    await coordinator.async_shutdown()


async def test_silence_makes_unavailable_and_a_word_brings_back(
    pushed: Pushed,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    listener = watch(pushed, "power")
    assert not pushed.available

    pushed.async_push({"power": 1})
    assert pushed.available
    await settle(hass, freezer, 20)
    pushed.async_push({"power": 1})
    await settle(hass, freezer, 20)
    assert pushed.available, "heard 20 seconds ago"

    await settle(hass, freezer, 11)
    assert not pushed.available
    assert listener.call_count == 2
    await settle(hass, freezer, 600)
    assert caplog.text.count("Error requesting The device") == 1

    pushed.async_push({"power": 1})
    assert pushed.available
    assert listener.call_count == 3
    assert caplog.text.count("The device is back") == 1
    await settle(hass, freezer, 31)
    assert not pushed.available, "the watch goes on after the return"
    await pushed.async_shutdown()


async def test_notes_are_no_sign_of_life(pushed: Pushed) -> None:
    rejected = watch(pushed, "telegrams_rejected")
    pushed.async_note({"telegrams_rejected": 1})
    assert not pushed.available
    pushed.async_push({"power": 1})
    pushed.async_note({"telegrams_rejected": 2})
    assert rejected.call_count == 3
    await pushed.async_shutdown()


async def test_a_part_comes_and_goes(pushed: Pushed) -> None:
    soc = watch(pushed, "soc", presence="battery")
    other = watch(pushed, "power", presence="grid")
    pushed.async_set_present("battery", present=False)
    pushed.async_set_present("battery", present=False)
    assert not pushed.is_present("battery")
    assert pushed.is_present("grid")
    assert pushed.is_present(None)
    pushed.async_set_present("battery", present=True)
    assert pushed.is_present("battery")
    assert (soc.call_count, other.call_count) == (2, 0)


async def test_a_listener_without_a_key_hears_of_availability_only(pushed: Pushed) -> None:
    listener = Mock()
    remove = pushed.async_add_listener(listener)
    pushed.async_push({"power": 1})
    pushed.async_push({"power": 2})
    assert listener.call_count == 1
    remove()
    await pushed.async_shutdown()


async def test_removed_listeners_leave_nothing(pushed: Pushed) -> None:
    listener = Mock()
    first = pushed.async_add_listener(listener, Watch("power"))
    second = pushed.async_add_listener(Mock(), Watch("power"))
    assert pushed.watched_keys == {"power"}
    first()
    assert pushed.watched_keys == {"power"}
    second()
    assert pushed.watched_keys == set()
    pushed.async_push({"power": 1})
    assert not listener.called
    await pushed.async_shutdown()


async def test_one_faulty_entity_does_not_silence_the_others(
    pushed: Pushed, caplog: pytest.LogCaptureFixture
) -> None:
    pushed.async_push({"power": 0})
    pushed.async_add_listener(Mock(side_effect=ValueError), Watch("power"))
    good = watch(pushed, "power")
    pushed.async_push({"power": 1})
    assert good.call_count == 1
    assert "Unexpected error updating an entity" in caplog.text
    await pushed.async_shutdown()


async def test_offers_reach_platforms_now_and_later(polled: Polled) -> None:
    added: list[list[Any]] = []
    first = HausstromSensorDescription(key="first")
    second = HausstromSensorDescription(key="second")
    polled.async_offer(Platform.SENSOR, [first])
    polled.async_attach(Platform.SENSOR, lambda descriptions: added.append(list(descriptions)))
    polled.async_offer(Platform.SENSOR, [first, second])
    polled.async_offer(Platform.SENSOR, [first, second])
    assert added == [[first], [second]]


async def test_what_is_withdrawn_with_its_device_is_offered_again_when_it_comes_back(
    polled: Polled,
) -> None:
    added: list[list[Any]] = []
    polled.async_attach(Platform.SENSOR, lambda descriptions: added.append(list(descriptions)))
    flat = HausstromSensorDescription(key="flat_energy", device="flat")
    house = HausstromSensorDescription(key="house_energy", device="house")
    polled.async_offer(Platform.SENSOR, [flat, house])
    polled.data.update(flat_energy=5, house_energy=7)
    polled.async_withdraw("flat")
    assert polled.data == {"house_energy": 7}
    assert polled.description_of("sensor", "flat_energy") is None
    polled.async_offer(Platform.SENSOR, [flat, house])
    assert added == [[flat, house], [flat]]


async def test_a_refused_login_is_not_tried_again(polled: Polled) -> None:
    polled.answer = ConfigEntryAuthFailed("refused")
    await polled.async_refresh()
    assert not polled.available
    assert polled.polls == 1
    await polled.async_refresh()  # homeassistant.update_entity leads here
    assert polled.polls == 1
    assert isinstance(polled.last_exception, ConfigEntryAuthFailed)
    polled.async_push({"one": 1})
    await polled.async_refresh()
    assert polled.polls == 2
    await polled.async_shutdown()


async def test_asking_by_hand_does_not_bring_a_silent_device_back(
    pushed: Pushed, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    pushed.async_push({"power": 1})
    await settle(hass, freezer, 31)
    assert not pushed.available
    await pushed.async_refresh()  # homeassistant.update_entity leads here
    assert not pushed.available
    pushed.async_push({"power": 1})
    await pushed.async_refresh()
    assert pushed.available
    await pushed.async_shutdown()


@pytest.mark.parametrize("paced", [False, True])
async def test_a_listener_that_leaves_takes_no_other_with_it(pushed: Pushed, paced: bool) -> None:
    pushed.async_push({"power": 0})
    leaving = Mock()
    leaving.side_effect = pushed.async_add_listener(
        leaving, Watch("power", QUICK if paced else Pacing())
    )
    staying = watch(pushed, "power", paced=paced)
    pushed.async_push({"power": 1})
    assert (leaving.call_count, staying.call_count) == (1, 1)
    pushed.async_push({"power": 2})
    assert (leaving.call_count, staying.call_count) == (1, 2)
    await pushed.async_shutdown()


async def test_two_entities_of_one_key_are_written_once_each(pushed: Pushed) -> None:
    pushed.async_push({"limit": 0})
    sensor, number = watch(pushed, "limit", paced=True), watch(pushed, "limit", paced=True)
    pushed.async_push({"limit": 1})
    assert (sensor.call_count, number.call_count) == (1, 1)
    await pushed.async_shutdown()


async def test_the_transport_is_started_stopped_and_told_of(hass: HomeAssistant) -> None:
    way = Way()
    coordinator = Pushed(hass, entry_in(hass), way, silence=30)
    await coordinator._async_setup()
    assert way.steps == ["start"]
    assert coordinator.diagnostics()["way"] == "none"
    await coordinator.async_shutdown()
    assert way.steps == ["start", "stop"]


async def test_what_waits_at_the_end_is_written_nowhere(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """An entity that is gone has no state to write any more."""
    coordinator = Pushed(hass, entry_in(hass), Way(), silence=30, write_interval=5)
    coordinator.async_push({"power": 1})
    listener = watch(coordinator, "power", paced=True)
    coordinator.async_push({"power": 2})
    coordinator.async_push({"power": 3})
    listener.reset_mock()
    await coordinator.async_shutdown()
    await settle(hass, freezer, 10)
    assert not listener.called


async def test_what_comes_after_the_end_starts_nothing(hass: HomeAssistant) -> None:
    coordinator = Pushed(hass, entry_in(hass), Way(), silence=30, write_interval=5)
    coordinator.async_push({"power": 1})
    await coordinator.async_shutdown()
    listener = watch(coordinator, "power", paced=True)
    coordinator.async_push({"power": 2})
    coordinator.async_push({"power": 3})
    assert not listener.called
    # A timer started here would make the fixture of hass fail the test.


async def test_what_is_described_anew_is_shown_if_it_says_something_else(
    hass: HomeAssistant, polled: Polled
) -> None:
    first = HausstromSensorDescription(key="a", placeholders={"number": "1"})
    polled.async_offer(Platform.SENSOR, [first])
    polled.async_add_listener(told := Mock(), Watch("a"))
    polled.async_describe(
        Platform.SENSOR, HausstromSensorDescription(key="a", placeholders={"number": "1"})
    )
    assert not told.called
    renamed = HausstromSensorDescription(key="a", placeholders={"number": "2"})
    polled.async_describe(Platform.SENSOR, renamed)
    assert told.call_count == 1
    assert polled.description_of("sensor", "a") is renamed


async def test_a_click_that_is_bound_anew_is_no_other_row() -> None:
    async def write(value: float) -> None: ...

    async def again(value: float) -> None: ...

    one = HausstromNumberDescription(key="a", write=write, native_max_value=10)
    assert one == HausstromNumberDescription(key="a", write=again, native_max_value=10)
    assert one != HausstromNumberDescription(key="a", write=write, native_max_value=16)
