"""The firmware of a device, and a newer one."""

from typing import Any, Final, cast, override

from homeassistant.components.update import (
    UpdateDeviceClass,
    UpdateEntity,
    UpdateEntityDescription,
)
from homeassistant.components.update.const import UpdateEntityFeature
from homeassistant.const import Platform

from .coordinator import Watch
from .entity import HausstromEntity, Press, Traits, entities_of

PARALLEL_UPDATES = 1

_NOTHING: Final = UpdateEntityFeature(0)


class HausstromUpdateDescription(Traits, UpdateEntityDescription):
    """What a reading (the version that is installed) is as an update."""

    latest_key: str
    """The key of the newest version there is; None: the one that is installed."""
    progress_key: str
    """The key of how far an installation is (%)."""
    write: Press | None = None
    """Has the newest version installed; None: we may not."""


class HausstromUpdate(HausstromEntity, UpdateEntity):
    """A firmware."""

    entity_description: HausstromUpdateDescription
    _attr_device_class = UpdateDeviceClass.FIRMWARE

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the newest version and the progress too."""
        await super().async_added_to_hass()
        for key in (self.entity_description.latest_key, self.entity_description.progress_key):
            self.async_on_remove(
                self.coordinator.async_add_listener(self._handle_coordinator_update, Watch(key))
            )

    @property
    @override
    def supported_features(self) -> UpdateEntityFeature:
        """Installing only where settings may be changed."""
        if self.entity_description.write is None:
            return _NOTHING
        return UpdateEntityFeature.INSTALL | UpdateEntityFeature.PROGRESS

    @property
    @override
    def installed_version(self) -> str | None:
        """The version that is installed."""
        return cast("str | None", self.reading)

    @property
    @override
    def latest_version(self) -> str | None:
        """The newest version that the device knows of."""
        latest = self.coordinator.data.get(self.entity_description.latest_key)
        return str(latest) if latest else self.installed_version

    @property
    def _progress(self) -> float | None:
        progress = self.coordinator.data.get(self.entity_description.progress_key)
        return progress if isinstance(progress, (int, float)) and 0 < progress < 100 else None

    @property
    @override
    def in_progress(self) -> bool:
        """Whether it is being installed."""
        return self._progress is not None

    @property
    @override
    def update_percentage(self) -> float | None:
        """How far it is (%)."""
        return self._progress

    @override
    async def async_install(self, version: str | None, backup: bool, **kwargs: Any) -> None:
        """Have the device install the newest version."""
        install = self.entity_description.write
        assert install is not None  # noqa: S101  without it there is no feature INSTALL
        await install()


async_setup_entry = entities_of(Platform.UPDATE, HausstromUpdate)
