"""The base of all entities, and what their descriptions have in common."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import FrozenInstanceError
from itertools import batched
from typing import Final, Self, dataclass_transform, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .common.throttle import Pacing
from .common.value import Value
from .coordinator import HausstromConfigEntry, HausstromCoordinator, Watch


@dataclass_transform(frozen_default=True, kw_only_default=True)
def _described[T](cls: type[T]) -> type[T]:
    """Make a data class for type checkers, and for Home Assistant's own, but compile nothing."""
    cls.__dataclass_fields__ = {}  # type: ignore[attr-defined]  # all that one is known by
    return cls


# What describes an entity is written by hand, once: a data class per platform would be compiled at
# each start of Home Assistant again, and hold all that Home Assistant's own classes may say for
# each of thousands of entities.
@_described
class Traits:
    """What a description of ours says beyond Home Assistant's own fields.

    The key of a description is the key of its reading in the coordinator's data.
    """

    device: str | None = None
    """The device under the entry's device that shows it; None: the entry's own."""
    presence: str | None = None
    """The part that has to be present for the value to be current."""
    placeholders: Mapping[str, str] | None = None
    """What the translated name leaves open: a phase, the name of a tracker."""
    pacing: Pacing | None = None
    """How often it may be written; None: as is usual for its quantity."""
    tried_when_gone: bool = False
    """A control that is called while it is unavailable tries, and says what stands in the way.

    Home Assistant leaves such calls out without a word, and the automation goes on as if they were
    done."""
    outlives_silence: bool = False
    """A value that stays true while the device is silent, like a meter's total."""
    attributes: Mapping[str, str] | None = None
    """What says where a value is from, for programs that read it elsewhere; never recorded."""

    def __init__(self, **said: object) -> None:
        """Keep what is said; of all else the classes have what is usual."""
        vars(self).update(said)

    @override
    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: what was said stays, for an entity has looked at it."""
        raise FrozenInstanceError(name)

    def __replace__(self, **said: object) -> Self:
        """Return the same with something else said of it, for copy.replace."""
        return self.__class__(**{**vars(self), **said})

    @override
    def __eq__(self, other: object) -> bool:
        """Compare what two descriptions say; what a click calls is no part of it."""
        if self.__class__ is not other.__class__:
            return NotImplemented
        names = (vars(self).keys() | vars(other).keys()) - {"write"}
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]  # some hold lists


type Write[V] = Callable[[V], Awaitable[None]]
"""Has the device take a value, and returns when it has.

What a control writes is in its description: from a click it goes to the device without a detour.
Raises HomeAssistantError, translated, where the device does not take it, or has it no more.
"""
type Press = Callable[[], Awaitable[None]]
"""As Write, for what has no value."""

_PLAIN: Final = Traits()
_DESCRIBED: Final = (
    "name",
    "native_max_value",
    "native_min_value",
    "native_step",
    "native_unit_of_measurement",
    "options",
)
"""Cached properties of entities that a description decides."""


class HausstromEntity(CoordinatorEntity[HausstromCoordinator]):
    """One value of a device."""

    _attr_has_entity_name = True
    # Where a value is from is the same for years: for exports, not for the database.
    _unrecorded_attributes = frozenset({"portal_id", "instance", "field", "value"})

    def __init__(self, coordinator: HausstromCoordinator, description: EntityDescription) -> None:
        """Show coordinator.data[description.key]."""
        traits = description if isinstance(description, Traits) else _PLAIN
        super().__init__(
            coordinator, Watch(description.key, self.pacing_of(description), traits.presence)
        )
        if description.translation_key is None:
            self._attr_translation_key = description.key
        self._attr_unique_id = f"{coordinator.config_entry.unique_id}_{description.key}"
        self._attr_device_info = coordinator.device_info(traits.device)
        self._describe(description)

    def _describe(self, description: EntityDescription) -> None:
        """Follow a description: the first one, or one that took its place."""
        self._traits = description if isinstance(description, Traits) else _PLAIN
        self.entity_description = description
        if self._traits.placeholders is not None:
            self._attr_translation_placeholders = self._traits.placeholders
        for cached in _DESCRIBED:
            # Home Assistant keeps what it once read from a description.
            self.__dict__.pop(cached, None)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state; limits, choices and the name follow what is described now."""
        description = self.coordinator.description_of(
            self.platform.domain, self.entity_description.key
        )
        if description is not None and description is not self.entity_description:
            self._describe(description)
        super()._handle_coordinator_update()

    @staticmethod
    def pacing_of(description: EntityDescription) -> Pacing:
        """Return how often this value may be written: at once, unless a platform says otherwise."""
        return Pacing()

    @property
    def reading(self) -> Value:
        """The reading; None if it is missing."""
        return self.coordinator.data.get(self.entity_description.key)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Value] | None:
        """Where the value is from, and its code, where the kind says so."""
        if self._traits.attributes is None:
            return None
        code = self.coordinator.code_of(self.entity_description.key)
        return (
            self._traits.attributes if code is None else {**self._traits.attributes, "value": code}
        )

    @property
    def is_current(self) -> bool:
        """Whether the device, and the part of it that this value belongs to, are there."""
        if self._traits.outlives_silence:
            return True
        return self.coordinator.available and self.coordinator.is_present(self._traits.presence)

    @property
    @override
    def available(self) -> bool:
        """Whether the value is current, or a call may be tried although it is not."""
        return self._traits.tried_when_gone or self.is_current

    @override
    def _stringify_state(self, available: bool) -> str:
        """Show a value that is not current as unavailable, whatever may be tried."""
        return super()._stringify_state(available and self.is_current)


SLICE: Final = 100
"""Entities that are added in one go; a building has thousands, and the event loop other work."""

type PlatformSetup = Callable[
    [HomeAssistant, HausstromConfigEntry, AddConfigEntryEntitiesCallback], Awaitable[None]
]


def entities_of(
    platform: Platform, make: Callable[[HausstromCoordinator, EntityDescription], Entity]
) -> PlatformSetup:
    """Return a platform's async_setup_entry: make what the coordinator offers, now and later."""

    async def async_setup_entry(
        hass: HomeAssistant,
        entry: HausstromConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        coordinator = entry.runtime_data

        @callback
        def add(descriptions: Iterable[EntityDescription]) -> None:
            waiting = list(descriptions)
            add_some(waiting[:SLICE])
            if len(waiting) > SLICE:
                entry.async_create_task(
                    hass, async_add_rest(waiting[SLICE:]), "hausstrom entities", eager_start=False
                )

        async def async_add_rest(waiting: Sequence[EntityDescription]) -> None:
            for some in batched(waiting, SLICE, strict=False):
                add_some(some)
                await asyncio.sleep(0)

        @callback
        def add_some(descriptions: Sequence[EntityDescription]) -> None:
            async_add_entities(make(coordinator, description) for description in descriptions)

        coordinator.async_attach(platform, add)

    return async_setup_entry
