"""The base of all coordinators: readings by key, listeners by key."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import compress
from operator import ne
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntry, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .common.throttle import Pace, Pacing, Throttle
from .common.value import Value, Values
from .const import LOGGER

if TYPE_CHECKING:
    from .platforms import EntryPlatforms

type HausstromConfigEntry = ConfigEntry[HausstromCoordinator]
type DescriptionsAdder = Callable[[Iterable[EntityDescription]], None]

_AT_ONCE: Final = Pacing()


class Watch:
    """What a listener wants to hear of: the context given to async_add_listener."""

    __slots__ = ("key", "pacing", "presence")

    def __init__(self, key: str, pacing: Pacing = _AT_ONCE, presence: str | None = None) -> None:
        """Say which reading, how often, and which part (a service, a meter) has to be present."""
        self.key = key
        self.pacing = pacing
        self.presence = presence


CALM_INTERVAL: Final = 60.0
"""Seconds between two writes of a value that is no power: a database is somebody's disk."""


class HausstromCoordinator(DataUpdateCoordinator[Values]):
    """Keep a device's readings and tell each entity of its own value alone.

    A plain DataUpdateCoordinator writes every entity when one value changes. Here `data`
    maps keys to values (None: known to be missing), a push names only what was read, and
    only the listeners of keys whose value changed are called. All are called when the
    availability changes.
    """

    config_entry: HausstromConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HausstromConfigEntry,
        *,
        poll_interval: timedelta | None = None,
        write_interval: float | None = None,
    ) -> None:
        """Poll every poll_interval (None: never), write powers every write_interval (s).

        None: powers as they come. 0: every number as it comes.
        """
        super().__init__(
            hass, LOGGER, config_entry=entry, name=entry.title, update_interval=poll_interval
        )
        self.data = {}
        self._changed: list[str] = []
        self._announced: bool | None = None
        # Tuples, since a listener may remove itself or another while it is called.
        self._watchers: dict[str, tuple[tuple[CALLBACK_TYPE, Watch], ...]] = {}
        self._absent: set[str] = set()
        self._watchers_of_part: defaultdict[str, list[CALLBACK_TYPE]] = defaultdict(list)
        self._throttle = Throttle(
            quick=write_interval or 0.0,
            calm=0.0 if write_interval == 0 else max(CALM_INTERVAL, write_interval or 0.0),
        )
        self._write_timer: CALLBACK_TYPE | None = None
        self._write_at = 0.0
        self._now = 0.0
        self._descriptions: defaultdict[Platform, dict[str, EntityDescription]] = defaultdict(dict)
        self._adders: dict[Platform, DescriptionsAdder] = {}
        self.platforms: EntryPlatforms | None = None
        """Sets platforms up on demand; none until the entry is set up."""
        self.main_device_id: str | None = None

    # --- readings -----------------------------------------------------------------

    @property
    def available(self) -> bool:
        """Whether the device is there and its readings are current."""
        return self.last_update_success

    async def async_poll(self) -> Mapping[str, Value]:
        """Ask the device once and return what it said; only for devices that are polled."""
        return {}

    @override
    async def _async_update_data(self) -> Values:
        refusal = self.last_exception
        if not self.last_update_success and isinstance(refusal, ConfigEntryAuthFailed):
            # Polling has stopped, but the user's "update entity" leads here too: each further
            # try with a login that is refused brings the account nearer to being locked.
            raise refusal.with_traceback(None)
        values = await self.async_poll()
        # Only now: what the poll notes by itself has begun a new list of changes.
        self._changed.extend(self._take(values))
        return self.data

    @callback
    def async_push(self, values: Mapping[str, Value]) -> None:
        """Take readings that came by themselves; they may be a few of all."""
        if self._shutdown_requested:
            return
        if not self.last_update_success:
            self.last_update_success = True
            LOGGER.info("%s is back", self.name)
        self.async_note(values)

    @callback
    def async_note(self, values: Mapping[str, Value]) -> None:
        """Take readings that do not show the device to be alive, like our own counts."""
        self._changed.extend(self._take(values))
        self.async_update_listeners()

    def _take(self, values: Mapping[str, Value]) -> list[str]:
        """Put values into data and return the keys of those that are new.

        A key that was never heard of is as good as one whose value is missing (None). The
        comparison runs in C from end to end: it is all that an unchanged value costs.
        """
        known = self.data
        changed = list(
            compress(values, map(ne, values.values(), map(known.get, values), strict=True))
        )
        for key in changed:
            known[key] = values[key]
        return changed

    # --- listeners ----------------------------------------------------------------

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> Callable[[], None]:
        """Call back when a key changes (context: a Watch), else when anything does."""
        remove = super().async_add_listener(update_callback, context)
        if not isinstance(context, Watch):
            return remove
        watcher = (update_callback, context)
        self._watchers[context.key] = (*self._watchers.get(context.key, ()), watcher)
        if context.pacing.pace is not Pace.NOW:
            # What is there now is what the entity writes first.
            self._throttle.note(context.key, self.data.get(context.key))
        if context.presence is not None:
            self._watchers_of_part[context.presence].append(update_callback)

        @callback
        def remove_watcher() -> None:
            remove()
            if context.presence is not None:
                self._watchers_of_part[context.presence].remove(update_callback)
            others = tuple(item for item in self._watchers[context.key] if item is not watcher)
            if others:
                self._watchers[context.key] = others
            else:
                del self._watchers[context.key]

        return remove_watcher

    @property
    def watched_keys(self) -> set[str]:
        """The keys that an enabled entity shows."""
        return set(self._watchers)

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Tell the listeners of the keys that changed; all, if the availability did."""
        changed, self._changed = self._changed, []
        if self._shutdown_requested:
            return
        if self._announced is not self.available:
            self._announced = self.available
            self._throttle.forget(self.data)
            super().async_update_listeners()
            return
        paced: dict[str, Pacing] = {}  # each key once, in order
        for key in changed:
            for listener, watch in self._watchers.get(key, ()):
                if watch.pacing.pace is not Pace.NOW:
                    paced[key] = watch.pacing
                else:
                    self._call(listener)
        if paced:
            self._write(self._throttle.passing(paced.items(), self.data, self._clock()))
            self._wait_for_turn()

    def _clock(self) -> float:
        """Return the time (s) on a clock that a timer of ours never runs ahead of."""
        self._now = max(self._now, monotonic())
        return self._now

    @callback
    def _wait_for_turn(self) -> None:
        """Have what waits written when its turn comes."""
        wait = self._throttle.next_due(now := self._clock())
        if wait is None or (self._write_timer is not None and self._write_at <= now + wait):
            return
        if self._write_timer is not None:
            self._write_timer()
        self._write_at = now + wait
        self._write_timer = async_call_later(
            self.hass, wait, HassJob(self._take_turn, "hausstrom throttle", cancel_on_shutdown=True)
        )

    @callback
    def _take_turn(self, _now: datetime) -> None:
        self._write_timer = None
        self._now = max(self._now, self._write_at)
        self._write(self._throttle.due(self.data, self._clock()))
        self._wait_for_turn()

    @callback
    def _write(self, keys: Iterable[str]) -> None:
        for key in keys:
            for listener, watch in self._watchers.get(key, ()):
                if watch.pacing.pace is not Pace.NOW:
                    self._call(listener)

    @callback
    def _call(self, listener: CALLBACK_TYPE) -> None:
        try:
            listener()
        except Exception:  # noqa: BLE001  one entity's fault must not silence the others
            LOGGER.exception("Unexpected error updating an entity of %s", self.name)

    # --- parts of a device that come and go -----------------------------------------

    def is_present(self, presence: str | None) -> bool:
        """Whether a part of the device is there (None: the device itself)."""
        return presence not in self._absent

    @callback
    def async_set_present(self, presence: str, present: bool) -> None:
        """Say that a part of the device came or went; its entities follow at once."""
        if present is (presence not in self._absent):
            return
        if present:
            self._absent.discard(presence)
        else:
            self._absent.add(presence)
        for listener in list(self._watchers_of_part.get(presence, ())):
            self._call(listener)

    # --- entities -----------------------------------------------------------------

    @callback
    def async_offer(self, platform: Platform, descriptions: Iterable[EntityDescription]) -> None:
        """Have entities made for these descriptions, now or when the platform is set up.

        May be called at any time; a key that a platform has already is left alone.
        """
        known = self._descriptions[platform]
        fresh = [description for description in descriptions if description.key not in known]
        known.update((description.key, description) for description in fresh)
        if fresh and platform in self._adders:
            self._adders[platform](fresh)
        elif fresh and self.platforms is not None:
            self.platforms.want(platform)

    @property
    def offered_platforms(self) -> set[Platform]:
        """The platforms that there is something for."""
        return {platform for platform, known in self._descriptions.items() if known}

    @callback
    def async_describe(self, platform: Platform, description: EntityDescription) -> None:
        """Replace what was offered under a key: its name, limits or choices are others now."""
        known = self._descriptions[platform]
        key = description.key
        if key not in known or known[key] == description:
            return
        known[key] = description
        for listener, _ in self._watchers.get(key, ()):
            self._call(listener)

    @callback
    def async_withdraw_key(self, platform: Platform, key: str) -> None:
        """Take back one offer: the value is shown by another platform now."""
        self._descriptions[platform].pop(key, None)

    @callback
    def description_of(self, platform: str, key: str) -> EntityDescription | None:
        """Return what is offered under a key of a platform now."""
        return self._descriptions[Platform(platform)].get(key)

    def options_of(self, key: str) -> frozenset[str]:
        """Return the words that a reading can be, as its rows say."""
        return frozenset(
            option
            for known in self._descriptions.values()
            if (description := known.get(key)) is not None
            for option in getattr(description, "options", None) or ()
        )

    def code_of(self, key: str) -> float | None:
        """Return the number that stands for a reading on the wire, where it is shown as a word."""
        return None

    @callback
    def async_withdraw(self, device: str) -> None:
        """Take back what was offered for a device that the user deletes; it may come back."""
        for known in self._descriptions.values():
            for key in [key for key, one in known.items() if getattr(one, "device", "") == device]:
                del known[key]
                self.data.pop(key, None)

    @callback
    def async_attach(self, platform: Platform, add: DescriptionsAdder) -> None:
        """Take the function that makes entities of one platform; used by the platforms."""
        self._adders[platform] = add
        self.config_entry.async_on_unload(lambda: self._detach(platform))
        if offered := self._descriptions[platform]:
            add(list(offered.values()))

    @callback
    def _detach(self, platform: Platform) -> None:
        self._adders.pop(platform, None)

    # --- devices ------------------------------------------------------------------

    @abstractmethod
    def device_info(self, device: str | None) -> DeviceInfo:
        """Describe the entry's device (None) or a device under it, for the registry."""

    @callback
    def async_register_device(self) -> None:
        """Put the entry's device into the registry, before devices under it name it."""
        device = dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.config_entry.entry_id, **self.device_info(None)
        )
        self.main_device_id = device.id

    @callback
    def async_update_device(self) -> None:
        """Write what is known of the entry's device now (a new firmware, its serial)."""
        if self.main_device_id is not None:
            self.async_register_device()

    def may_remove(self, device: DeviceEntry) -> bool:
        """Whether the user may delete this device of the entry: not while it is there."""
        return False

    # --- life ---------------------------------------------------------------------

    @override
    async def async_shutdown(self) -> None:
        """Stop everything that was started; called on unload."""
        if self._write_timer is not None:
            self._write_timer()
            self._write_timer = None
        await super().async_shutdown()

    def secrets(self) -> tuple[str, ...]:
        """Return what opens a door and stands in no entry: no log line of ours may hold it."""
        return ()

    def diagnostics(self) -> dict[str, Any]:
        """Return what helps in a bug report; redaction of secrets is done by the caller."""
        return {}

    def is_private(self, key: str) -> bool:
        """Whether a reading tells who or where somebody is, and so stays out of diagnostics."""
        return False

    def readings_for_diagnostics(self) -> Mapping[str, Value]:
        """Return the readings as a bug report may show them; keys may have to be disguised."""
        return {key: value for key, value in self.data.items() if not self.is_private(key)}
