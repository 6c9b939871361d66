"""A GX and its devices, from the broker to the entities and back."""

import asyncio
import re
from datetime import datetime, time, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any, Final, override

from homeassistant.components.diagnostics import REDACTED
from homeassistant.const import CONF_HOST, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntry, DeviceInfo
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import Store
from yarl import URL

from ..common.value import Value
from ..const import CONF_BROKER, CONF_UPDATE_INTERVAL, DOMAIN
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.coordinator import MqttCoordinator
from ..mqtt_link.link import LinkError, MqttMessage
from .const import (
    CONF_CONTROLS,
    CONF_PORTAL_ID,
    CONF_SERVICES,
    CONF_TOPIC_PREFIX,
    DEFAULT_UPDATE_INTERVAL,
    MANUFACTURER,
)
from .descriptions import PLATFORMS, describe, energy_description, platform_of
from .protocol.catalogue import FAMILIES, GX_SERVICES, SERVICES
from .protocol.identity import Identity
from .protocol.metering import (
    BATTERY_CHARGE_ENERGY,
    BATTERY_DISCHARGE_ENERGY,
    DC_PV_ENERGY,
    Metering,
)
from .protocol.offer import Offer
from .protocol.session import SILENCE_TIMEOUT, Phase
from .protocol.system import GxSystem
from .protocol.topics import Publication, ServiceId, Topics
from .protocol.writing import CONFIRM_TIMEOUT, WriteRefusedError

TICK: Final = timedelta(seconds=1)
CALM_FACTOR: Final = 3
"""Voltages, temperatures and counters are written so many times more rarely than power."""
SAVE_DELAY: Final = 300.0
"""Seconds between two writes of our counters; the last one is at Home Assistant's end."""
PROMPT: Final = 0.1
"""Seconds in which changes of state gather before they are written."""

_PRIVATE: Final = re.compile(
    r"serial|uniqueid|latitude|longitude|altitude|course|vin|mac|token|password|pincode|ssid"
    r"|systemname|customname|devicename|/name$|portal",
    re.IGNORECASE,
)


def energy_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, float]]:
    """Return where the counters that we keep for an entry are stored."""
    return Store(hass, 1, f"{DOMAIN}.victron_energy.{entry_id}")


class VictronCoordinator(MqttCoordinator):
    """Talk to the GX of one config entry."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to listen to the entry's portal id, on its broker and below its prefix."""
        # The values of a GX are paced before they are decoded, so nothing waits here.
        super().__init__(hass, entry, silence=SILENCE_TIMEOUT, write_interval=0)
        self._interval: float = entry.options.get(CONF_UPDATE_INTERVAL, DEFAULT_UPDATE_INTERVAL)
        self._controls: bool = entry.options.get(CONF_CONTROLS, False)
        self._wanted: list[str] = entry.options.get(CONF_SERVICES, list(SERVICES))
        self.system = GxSystem(
            Topics(entry.data[CONF_PORTAL_ID], entry.data.get(CONF_TOPIC_PREFIX) or ""),
            token=f"hausstrom-{token_hex(4)}",
            services=self._wanted,
        )
        self._metering = Metering()
        self._store = energy_store(hass, entry.entry_id)
        self._save_waits = False
        self._times: set[str] = set()
        self._next_quick = 0.0
        self._next_calm = 0.0
        self._prompt: asyncio.TimerHandle | None = None

    # --- the connection -----------------------------------------------------------

    @override
    async def async_subscribe(self) -> None:
        stored = await self._store.async_load()
        self._metering.ledger.restore(stored if isinstance(stored, dict) else {})
        self._forget_unwanted_devices()
        await self.link.async_subscribe(self.system.topics.everything, self._receive)
        self.config_entry.async_on_unload(
            async_track_time_interval(
                self.hass, self._tick, TICK, name="hausstrom gx", cancel_on_shutdown=True
            )
        )
        self._publish(self.system.opened(monotonic()))

    @callback
    @override
    def _connection_changed(self, connected: bool) -> None:
        if connected:
            self._publish(self.system.opened(monotonic()))
        else:
            self.system.closed()
        super()._connection_changed(connected)

    @callback
    def _receive(self, message: MqttMessage) -> None:
        self.system.receive(message.topic, message.payload, monotonic())
        if self.system.urgent and self._prompt is None:
            self._prompt = self.hass.loop.call_later(PROMPT, self._write_states)

    @callback
    def _write_states(self) -> None:
        self._prompt = None
        self._collect(monotonic(), quick=False, calm=False)

    @callback
    def _tick(self, _now: datetime) -> None:
        now = monotonic()
        self._publish(self.system.tick(now))
        if self._metering.sample(self.system, now):
            self._save()
        self._announce(now)

    @callback
    def _save(self) -> None:
        """Have the counters stored soon: a store that is asked again waits anew each time."""
        if not self._save_waits:
            self._save_waits = True
            self._store.async_delay_save(self._stored, SAVE_DELAY)

    @callback
    def _stored(self) -> dict[str, float]:
        self._save_waits = False
        return self._metering.ledger.totals()

    @callback
    def _announce(self, now: float) -> None:
        """Show what is due, and whether the GX is there at all."""
        quick, calm = now >= self._next_quick, now >= self._next_calm
        if quick:
            self._next_quick = now + self._interval
        if calm:
            self._next_calm = now + CALM_FACTOR * self._interval
        if quick or calm or self.system.urgent:
            self._collect(now, quick=quick, calm=calm)
        if self.system.session.live:
            if not self.available:
                self.async_push({})
            # At each look, not at each write: writes may be further apart than the watchdog waits.
            self.async_heard()
        elif self.available and self.system.session.phase is Phase.SILENT:
            self.async_set_silent("gx_silent")

    @callback
    def _collect(self, now: float, *, quick: bool, calm: bool) -> None:
        changes: dict[str, Value] = {**self.system.collect(now, quick=quick, calm=calm)}
        news = self.system.news()
        for offer in news.offers:
            self._offer(offer)
        if any(offer.service.service == "system" for offer in news.offers):
            self._offer_energy(news.offers)
        for service in news.services:
            self.async_set_present(str(service), self.system.present(service))
            self._update_device(service)
        for key in changes.keys() & self._times:
            changes[key] = _time_of_day(changes[key])
        if calm:
            changes |= self._metering.readings()
        self.async_note(changes)

    def _publish(self, publications: list[Publication]) -> None:
        if publications:
            self.config_entry.async_create_background_task(
                self.hass, self._async_publish(publications), "hausstrom gx publish"
            )

    async def _async_publish(self, publications: list[Publication]) -> None:
        try:
            for topic, payload in publications:
                await self.link.async_publish(topic, payload)
        except LinkError:
            # The link says so itself, and is asked to connect again: a keepalive waits.
            return

    # --- entities and devices -----------------------------------------------------

    def _offer(self, offer: Offer) -> None:
        platform = platform_of(offer, controls=self._controls)
        if offer.control is not None:
            self._forget_other_platforms(offer.key, platform)
        if platform is None:
            return
        if platform is Platform.TIME:
            self._times.add(offer.key)
        limits = self.system.limits(offer.key)
        self.async_offer(platform, [describe(offer, platform, limits)])

    def _offer_energy(self, offers: tuple[Offer, ...]) -> None:
        """Offer the counters of our own; those that a device counts too are not enabled."""
        offered = {offer.key for offer in offers}
        names = {offer.name for offer in offers if offer.quantity.counter}
        if "system_0_dc_pv_power" in offered:
            self.async_offer(
                Platform.SENSOR,
                [
                    energy_description(
                        DC_PV_ENERGY,
                        "dc_pv_energy",
                        enabled="energy_produced"
                        not in {
                            offer.name
                            for offer in offers
                            if offer.service.service in ("solarcharger", "multi", "inverter")
                        },
                    )
                ],
            )
        if "system_0_dc_battery_power" in offered:
            enabled = "energy_charged" not in names
            self.async_offer(
                Platform.SENSOR,
                [
                    energy_description(
                        BATTERY_CHARGE_ENERGY, "battery_charge_energy", enabled=enabled
                    ),
                    energy_description(
                        BATTERY_DISCHARGE_ENERGY, "battery_discharge_energy", enabled=enabled
                    ),
                ],
            )
        self.async_note(self._metering.readings())

    def _forget_other_platforms(self, key: str, platform: Platform | None) -> None:
        """Remove what a value was shown as before controls were allowed, or are no more."""
        registry = er.async_get(self.hass)
        unique_id = f"{self.config_entry.unique_id}_{key}"
        for other in PLATFORMS:
            if other is not platform and (
                entity_id := registry.async_get_entity_id(other, DOMAIN, unique_id)
            ):
                registry.async_remove(entity_id)

    def _forget_unwanted_devices(self) -> None:
        """Remove the devices of types that the user has deselected."""
        registry = dr.async_get(self.hass)
        for device in dr.async_entries_for_config_entry(registry, self.config_entry.entry_id):
            name = self._name_of(device)
            unwanted = name is not None and name.split("_", 1)[0] not in self._wanted
            if unwanted:
                registry.async_remove_device(device.id)

    def _name_of(self, device: DeviceEntry) -> str | None:
        """Return what a device under the GX is called in keys; None for the GX."""
        prefix = f"{self.config_entry.unique_id}_"
        for domain, identifier in device.identifiers:
            if domain == DOMAIN and identifier.startswith(prefix):
                return identifier.removeprefix(prefix)
        return None

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        if device is None:
            return self._gx_info()
        service = next(one for one in self.system.services if str(one) == device)
        identity = self.system.identity(service)
        info = self._info(identity)
        info["identifiers"] = {(DOMAIN, f"{self.config_entry.unique_id}_{device}")}
        if identity.name is None:
            info["translation_key"] = f"gx_{service.service}"
            info["translation_placeholders"] = {"instance": service.instance}
        else:
            info["name"] = identity.name
        if self.main_device_id is not None:
            info["via_device_id"] = self.main_device_id
        return info

    def _gx_info(self) -> DeviceInfo:
        identity = self.system.gx_identity()
        info = self._info(identity)
        info["identifiers"] = {(DOMAIN, str(self.config_entry.unique_id))}
        info["name"] = identity.name or self.config_entry.title
        broker = self.config_entry.data.get(CONF_BROKER)
        if broker is not None:
            info["configuration_url"] = str(URL.build(scheme="http", host=broker[CONF_HOST]))
        return info

    @staticmethod
    def _info(identity: Identity) -> DeviceInfo:
        info = DeviceInfo(manufacturer=MANUFACTURER)
        if identity.model is not None:
            info["model"] = identity.model
        if identity.serial_number is not None:
            info["serial_number"] = identity.serial_number
        if identity.software is not None:
            info["sw_version"] = identity.software
        if identity.hardware is not None:
            info["hw_version"] = identity.hardware
        return info

    def _update_device(self, service: ServiceId) -> None:
        """Write into the registry what a service says of itself now."""
        if self.main_device_id is None:
            return
        if service.service in GX_SERVICES:
            self.async_update_device()
            return
        registry = dr.async_get(self.hass)
        info = self.device_info(str(service))
        (identifier,) = info["identifiers"]
        entry_id = self.config_entry.entry_id
        if registry.async_get_device_by_identifier(identifier, entry_id) is not None:
            registry.async_get_or_create(config_entry_id=entry_id, **info)

    @override
    def may_remove(self, device: DeviceEntry) -> bool:
        name = self._name_of(device)
        if name is None:
            return False
        named = [service for service in self.system.services if str(service) == name]
        if any(map(self.system.present, named)):
            return False
        # Should it come back, it is a new device.
        for service in named:
            self.system.forget(service)
        self.async_withdraw(name)
        return True

    # --- setting values -----------------------------------------------------------

    @override
    async def async_write(self, key: str, value: Value) -> None:
        done = self.hass.loop.create_future()

        def confirm() -> None:
            if not done.done():
                done.set_result(None)

        try:
            write = self.system.write(key, _as_written(value), confirm)
        except WriteRefusedError as refused:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="gx_write_refused"
            ) from refused
        try:
            for topic, payload in write.publications:
                await self.link.async_publish(topic, payload)
            async with asyncio.timeout(CONFIRM_TIMEOUT):
                await done
        except LinkError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="cannot_connect"
            ) from error
        except TimeoutError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="gx_write_not_confirmed",
                translation_placeholders={"seconds": f"{CONFIRM_TIMEOUT:.0f}"},
            ) from error
        finally:
            write.abandon()
        self._collect(monotonic(), quick=True, calm=True)

    # --- life ---------------------------------------------------------------------

    @override
    async def async_shutdown(self) -> None:
        """Stop what waits, and store the counters."""
        if self._prompt is not None:
            self._prompt.cancel()
            self._prompt = None
        await super().async_shutdown()
        await self._store.async_save(self._metering.ledger.totals())

    @override
    def is_private(self, key: str) -> bool:
        return _PRIVATE.search(key) is not None

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add what the GX says, without what tells whose it is."""
        system = self.system
        return {
            **super().diagnostics(),
            "phase": system.session.phase,
            "messages": system.messages,
            "full_publishes": system.session.full_publishes,
            "faults": {fault.value: count for fault, count in system.faults.items()},
            "unknown_codes": dict(system.unknown_codes),
            "services": {
                str(service): {
                    "present": system.present(service),
                    "model": system.identity(service).model,
                    "software": system.identity(service).software,
                    "known": service.service in FAMILIES,
                }
                for service in system.services
            },
            "values": {
                path: REDACTED if _PRIVATE.search(path) else value
                for path, value in sorted(system.raw_values().items())
            },
        }


def _time_of_day(seconds: Value) -> time | None:
    """Return the time of day so many seconds after midnight."""
    if not isinstance(seconds, (int, float)) or not 0 <= seconds < 86_400:
        return None
    minutes, second = divmod(int(seconds), 60)
    return time(minutes // 60, minutes % 60, second)


def _as_written(value: Value) -> float | str | bool:
    """Return what an entity sets as the pure layer takes it; a press (None) is True."""
    if value is None:
        return True
    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second
    assert isinstance(value, (bool, int, float, str))  # noqa: S101  no entity of ours sets a date
    return value
