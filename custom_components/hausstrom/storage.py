"""What must outlive a stop: kept beside the entry, seldom on disk, and at every stop.

Home Assistant's stop is no unload: coordinators are not shut down. What is kept here is
written at most a minute after it changed, at once if it identifies something, and at
EVENT_HOMEASSISTANT_FINAL_WRITE, so that a normal restart loses nothing and a power cut a minute.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, override

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfEnergy,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.exceptions import HomeAssistantError, UnsupportedStorageVersionError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.recorder import DATA_INSTANCE, get_instance
from homeassistant.helpers.storage import Store
from homeassistant.util.file import WriteError
from homeassistant.util.unit_conversion import EnergyConverter

from .common.text import plain
from .const import DOMAIN, LOGGER

SELDOM: Final = 50.0
"""Seconds after a change until it is on disk: with the writing itself, at most a minute."""

type Content = dict[str, Any]
type Migrate = Callable[[int, Content], Content]


class Lost(StrEnum):
    """Why nothing could be read of what was kept."""

    DAMAGED = "damaged"
    NEWER = "newer"
    FOREIGN = "foreign"


class _Store(Store[Content]):
    """Home Assistant's file, with the way up from older versions, and a word on a disk that takes nothing."""

    def __init__(
        self,
        hass: HomeAssistant,
        version: int,
        key: str,
        *,
        durable: bool,
        migrate: Migrate | None,
        told: Callable[[str | None], None],
    ) -> None:
        """Keep a file; `told` is called after each write, with what prevented it."""
        super().__init__(hass, version, key, private=True, atomic_writes=durable)
        self._migrate = migrate
        self._told = told

    @override
    async def _async_write_data(self, data: Content) -> None:
        try:
            await super()._async_write_data(data)
        except (WriteError, OSError) as error:
            # A full disk is a WriteError, a read-only one may be an OSError, which would end a set-up.
            self._told(str(error) or type(error).__name__)
        else:
            self._told(None)

    @override
    async def _async_migrate_func(
        self, old_major_version: int, old_minor_version: int, old_data: Content
    ) -> Content:
        return old_data if self._migrate is None else self._migrate(old_major_version, old_data)


class EntryStore:
    """One file of one entry under .storage.

    `collect` gives its content whenever it is written; without it that is what was put last. A
    file that is damaged, comes from a newer version or is of another form is put aside and said to
    the user, and the entry starts without it. A disk that takes nothing is said too, for as long
    as it does.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        name: str,
        collect: Callable[[], Content] | None = None,
        *,
        version: int = 1,
        migrate: Migrate | None = None,
        title: str = "",
        seldom: float = SELDOM,
        durable: bool = False,
    ) -> None:
        """Keep what collect returns in the file hausstrom.<name>; title is the entry's.

        durable: what is saved has to be on the disk itself, whatever it costs (tokens, whose
        predecessors are void).
        migrate: what makes the content of this version from that of an older one.
        """
        self._hass = hass
        self._name = name
        self._content_put: Content = {}
        self._collect = collect or (lambda: self._content_put)
        self._title = title
        self._seldom = seldom
        self._store = _Store(
            hass,
            version,
            f"{DOMAIN}.{name}",
            durable=durable,
            migrate=migrate,
            told=self._written,
        )
        self._dirty = False
        self._closed = False

    @property
    def issue_id(self) -> str:
        """The repair issue that tells of a file that could not be read."""
        return f"store_{self._name}"

    @property
    def unwritten_issue_id(self) -> str:
        """The repair issue that tells of a disk that takes nothing."""
        return f"store_unwritten_{self._name}"

    async def async_load(self) -> Content | None:
        """Return what was kept; None if there is nothing, or nothing that can be read."""
        try:
            content: object = await self._store.async_load()
        except UnsupportedStorageVersionError:
            await self._async_say(Lost.NEWER)
            return None
        except (HomeAssistantError, OSError, ValueError, TypeError, LookupError) as error:
            LOGGER.debug("%s could not be read: %s", self._store.path, error)
            await self._async_say(Lost.DAMAGED)
            return None
        except AttributeError:  # JSON, but no object
            await self._async_say(Lost.FOREIGN)
            return None
        if content is None or isinstance(content, dict):
            ir.async_delete_issue(self._hass, DOMAIN, self.issue_id)
            self._content_put = content or {}
            return content
        await self._async_say(Lost.FOREIGN)
        return None

    async def _async_say(self, lost: Lost) -> None:
        try:
            await self._hass.async_add_executor_job(
                shutil.copyfile, self._store.path, f"{self._store.path}.{lost}"
            )
        except OSError as error:
            LOGGER.debug("%s could not be put aside: %s", self._store.path, error)
        LOGGER.warning("%s could not be read (%s); starting without it", self._store.path, lost)
        self._complain(
            self.issue_id, ir.IssueSeverity.WARNING, lost.value, path=f"{self._store.path}.{lost}"
        )

    @callback
    def _written(self, cause: str | None) -> None:
        """Say once that nothing can be written, and take it back when it can."""
        if cause is None:
            ir.async_delete_issue(self._hass, DOMAIN, self.unwritten_issue_id)
            return
        self._complain(
            self.unwritten_issue_id,
            ir.IssueSeverity.ERROR,
            "unwritten",
            path=self._store.path,
            cause=plain(cause),
        )

    def _complain(
        self, issue_id: str, severity: ir.IssueSeverity, key: str, **placeholders: str
    ) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=severity,
            translation_key=f"store_{key}",
            translation_placeholders={"name": plain(self._title or self._name), **placeholders},
        )

    @callback
    def changed(self, *, urgent: bool = False) -> None:
        """Have the content written: within a minute, or at once if it identifies something.

        A write that is pending is also done when Home Assistant stops.
        """
        if self._closed:
            return
        if urgent or not self._dirty:
            self._store.async_delay_save(self._content, 0 if urgent else self._seldom)
        self._dirty = True

    @callback
    def _content(self) -> Content:
        self._dirty = False
        return self._collect()

    async def async_save(self) -> None:
        """Write now, and return when it is on disk: before what is new is shown to anybody.

        What cannot be written is said, and no end: what is shown goes on without it.
        """
        self._dirty = False
        try:
            await self._store.async_save(self._collect())
        except (TypeError, ValueError, RecursionError) as error:
            LOGGER.error("%s could not be written: %s", self._store.path, error)

    async def async_put(self, content: Content) -> None:
        """Write this now; for what is kept nowhere else, and has no `collect`."""
        self._content_put = content
        await self.async_save()

    async def async_close(self) -> None:
        """Write what is not yet on disk; called when the entry is unloaded."""
        if self._dirty and not self._closed:
            await self.async_save()
        self._closed = True

    async def async_remove(self) -> None:
        """Delete the file and what was said of it; called when the entry is deleted."""
        self._closed = True
        for issue_id in (self.issue_id, self.unwritten_issue_id):
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
        try:
            await self._store.async_remove()
        except OSError as error:
            LOGGER.warning("%s could not be deleted: %s", self._store.path, error)


async def async_last_recorded(
    hass: HomeAssistant, unique_ids: Mapping[str, str]
) -> dict[str, float]:
    """Return the last energy (kWh) that the recorder holds of each sensor.

    unique_ids: the unique id of a sensor by the name under which its energy is returned. After
    a power cut what was kept may be older than what was shown: a counter resumes at the larger
    of both, or the fall is booked as a reset and the whole total counted once more. What is not
    there, or no energy, is left out.
    """
    if DATA_INSTANCE not in hass.data:
        return {}
    registry = er.async_get(hass)
    entity_ids = {
        name: entity_id
        for name, unique_id in unique_ids.items()
        if (entity_id := registry.async_get_entity_id("sensor", DOMAIN, unique_id))
    }
    if not entity_ids:
        return {}
    try:
        states = await get_instance(hass).async_add_executor_job(
            _last_states, hass, sorted(set(entity_ids.values()))
        )
    except Exception as error:  # noqa: BLE001  a database in trouble keeps no device away
        LOGGER.warning("What was recorded cannot be read: %s", error)
        return {}
    return {
        name: energy
        for name, entity_id in entity_ids.items()
        if (energy := _last_energy(states.get(entity_id, ()))) is not None
    }


def _last_states(hass: HomeAssistant, entity_ids: list[str]) -> dict[str, list[State]]:
    """Ask the recorder for the last states of each; runs in its executor."""
    # The recorder is there when this runs; importing it with this module would load it always.
    from homeassistant.components.recorder import history  # noqa: PLC0415

    found: dict[str, list[State]] = {}
    for entity_id in entity_ids:
        # A few, since the last ones before a stop are often "unavailable".
        states = history.get_last_state_changes(hass, 5, entity_id).get(entity_id, [])
        found[entity_id] = [state for state in states if isinstance(state, State)]
    return found


def _last_energy(states: Iterable[State]) -> float | None:
    """Return the last number among states, oldest first, as kWh."""
    for state in reversed(list(states)):
        if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            continue
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        if unit not in EnergyConverter.VALID_UNITS:
            return None
        try:
            return EnergyConverter.convert(float(state.state), unit, UnitOfEnergy.KILO_WATT_HOUR)
        except ValueError:
            return None
    return None
