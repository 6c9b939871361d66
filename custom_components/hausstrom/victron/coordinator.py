"""A GX and its devices, from the broker to the entities and back."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any, Final, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.device_registry import DeviceEntry, DeviceInfo
from homeassistant.helpers.event import async_track_time_interval

from ..common.value import Value
from ..const import CONF_UPDATE_INTERVAL, DOMAIN
from ..coordinator import HausstromConfigEntry
from ..mqtt_link.link import LinkError, MqttLink, MqttMessage
from ..mqtt_link.transport import MqttTransport
from ..push_coordinator import PushCoordinator
from ..storage import EntryStore, async_last_recorded
from .about import about, is_private
from .const import (
    CONF_CONTROLS,
    CONF_PORTAL_ID,
    CONF_SERVICES,
    CONF_TOPIC_PREFIX,
    DEFAULT_UPDATE_INTERVAL,
)
from .descriptions import PLATFORMS, Gx, ValueShape, describe, energy_descriptions, platform_of
from .devices import (
    async_load_names,
    forget_unwanted,
    gx_info,
    info_of,
    name_of,
    names_store,
)
from .protocol.catalogue import GX_SERVICES, SERVICES
from .protocol.metering import KEYS, Metering
from .protocol.naming import Names
from .protocol.offer import Offer
from .protocol.roster import MAX_SERVICES
from .protocol.session import SILENCE_TIMEOUT, Phase
from .protocol.system import GxSystem
from .protocol.topics import Publication, Topics
from .setting import SettingWriter

TICK: Final = timedelta(seconds=1)
CALM_INTERVAL: Final = 60.0
"""Seconds between two writes of voltages, temperatures and counters, or more if power has more."""
COUNT_INTERVAL: Final = 25.0
"""Seconds between two writes of the counters that we keep ourselves."""
SLICE: Final = 40
"""Entities that are made in one go: more would keep the event loop."""
PROMPT: Final = 0.1
"""Seconds in which changes of state gather before they are written."""

TOO_MANY: Final = "gx_too_many_services"


def energy_store(
    hass: HomeAssistant,
    entry_id: str,
    collect: Callable[[], dict[str, Any]] = dict,
    title: str = "",
) -> EntryStore:
    """Return where the counters that we keep for an entry are stored."""
    return EntryStore(hass, f"victron_energy.{entry_id}", collect, title=title)


class VictronCoordinator(PushCoordinator):
    """Talk to the GX of one config entry."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Prepare to listen to the entry's portal id, on its broker and below its prefix."""
        mqtt = MqttTransport(
            hass, entry, subscribe=self._async_subscribe, lost=self._lost, back=self._back
        )
        # The values of a GX are paced before they are decoded, so nothing waits here.
        super().__init__(hass, entry, mqtt, silence=SILENCE_TIMEOUT, write_interval=0)
        self.link = mqtt.link
        self._interval: float = entry.options.get(CONF_UPDATE_INTERVAL, DEFAULT_UPDATE_INTERVAL)
        self._controls: bool = entry.options.get(CONF_CONTROLS, False)
        self._wanted: list[str] = entry.options.get(CONF_SERVICES, list(SERVICES))
        self.portal_id: str = entry.data[CONF_PORTAL_ID]
        self.system = self._make_system(Names())
        self._metering = Metering()
        self._store = energy_store(hass, entry.entry_id, self._stored, entry.title)
        self._names_store = names_store(hass, entry.entry_id, self._named, entry.title)
        self._shapes: dict[str, ValueShape] = {}
        setting = SettingWriter(hass, lambda: self.system, self._async_publish_one, self._show_all)
        self._gx = Gx(self.portal_id, setting.async_set, controls=self._controls)
        self._next_quick = 0.0
        self._next_calm = 0.0
        self._next_count = 0.0
        self._prompt: asyncio.TimerHandle | None = None
        self._offers: deque[Offer] = deque()
        self._making: asyncio.Task[None] | None = None
        self._shown_energy: set[str] = set()

    def _make_system(self, names: Names) -> GxSystem:
        data = self.config_entry.data
        return GxSystem(
            Topics(self.portal_id, data.get(CONF_TOPIC_PREFIX) or ""),
            token=f"hausstrom-{token_hex(4)}",
            services=self._wanted,
            names=names,
            interval=self._interval,
        )

    # --- the connection -----------------------------------------------------------

    async def _async_subscribe(self, link: MqttLink) -> None:
        self._metering.ledger.restore(await self._store.async_load() or {})
        # After a power cut what was shown may be ahead of what was stored.
        self._metering.ledger.restore(
            await async_last_recorded(
                self.hass, {key: f"{self.config_entry.unique_id}_{key}" for key in KEYS}
            )
        )
        forget_unwanted(self.hass, self.config_entry, self._wanted)
        self.system = self._make_system(await async_load_names(self.hass, self.config_entry))
        await link.async_subscribe(self.system.topics.everything, self._receive, confirmed=True)
        self.config_entry.async_on_unload(
            async_track_time_interval(
                self.hass, self._tick, TICK, name="hausstrom gx", cancel_on_shutdown=True
            )
        )
        self._publish(self.system.opened(monotonic()))

    @callback
    def _lost(self, translation_key: str, /, **placeholders: str) -> None:
        self.system.closed()
        self.async_set_silent(translation_key, **placeholders)

    @callback
    def _back(self) -> None:
        self.config_entry.async_create_background_task(
            self.hass, self._async_reopen(), "hausstrom gx subscribe"
        )

    async def _async_reopen(self) -> None:
        """Ask for everything once, when we can hear the answer."""
        await self.link.async_resubscribed(self.system.topics.everything)
        if self.link.connected:
            self._publish(self.system.opened(monotonic()))

    @callback
    def _receive(self, message: MqttMessage) -> None:
        if message.retain:
            # A GX retains nothing but its serial number: this is what somebody left behind.
            return
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
            self._store.changed()
        self._announce(now)

    @callback
    def _stored(self) -> dict[str, Any]:
        return self._metering.ledger.totals()

    @callback
    def _named(self) -> dict[str, Any]:
        return {**self.system.roster.names.as_data()}

    @callback
    def _announce(self, now: float) -> None:
        """Show what is due, and whether the GX is there at all."""
        quick, calm = now >= self._next_quick, now >= self._next_calm
        if quick:
            self._next_quick = now + self._interval
        if calm:
            self._next_calm = now + max(CALM_INTERVAL, self._interval)
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
            self._take_offer(offer)
        for offer in news.reshaped:
            self._reshape(offer)
        self._offer_energy(news.offers)
        for label in news.services:
            self.async_set_present(label, self.system.present(label))
            self._update_device(label)
        for key in changes.keys() & self._shapes.keys():
            changes[key] = self._shapes[key].as_shown(changes[key])
        if now >= self._next_count:
            self._next_count = now + COUNT_INTERVAL
            changes |= self._metering.readings()
        self.async_note(changes)
        self._remember_names()
        if self.system.roster.refused:
            self._complain_of_number()

    def _remember_names(self) -> None:
        """Store new devices at once: their names have to outlive a power cut."""
        names = self.system.roster.names
        if names.changed:
            names.changed = False
            self._names_store.changed(urgent=True)

    def _complain_of_number(self) -> None:
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            f"{TOO_MANY}_{self.config_entry.entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=TOO_MANY,
            translation_placeholders={"name": self.name, "number": str(MAX_SERVICES)},
        )

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

    async def _async_publish_one(self, topic: str, payload: bytes) -> None:
        await self.link.async_publish(topic, payload)

    @callback
    def _show_all(self) -> None:
        """Show everything that is new now, as somebody waits for it."""
        self._collect(monotonic(), quick=True, calm=True)

    # --- entities and devices -----------------------------------------------------

    def _take_offer(self, offer: Offer) -> None:
        """Have an entity made, soon: of thousands only some at a time."""
        self._offers.append(offer)
        if self._making is None:
            self._making = self.config_entry.async_create_task(
                self.hass, self._async_make_entities(), "hausstrom gx entities", eager_start=False
            )

    async def _async_make_entities(self) -> None:
        try:
            while self._offers:
                for _ in range(min(SLICE, len(self._offers))):
                    platform = platform_of(self._offers[0], controls=self._controls)
                    ready = platform is None or await self._gx.async_prepare(self.hass, platform)
                    offer = self._offers.popleft()
                    if ready:
                        self._offer(offer, platform)
                await asyncio.sleep(0)
        finally:
            self._making = None

    def _offer(self, offer: Offer, platform: Platform | None) -> None:
        self._forget_other_platforms(offer.key, platform)
        if platform is None:
            return
        shape = ValueShape.of(offer, platform)
        if shape is not None:
            self._shapes[offer.key] = shape
            if offer.key in self.data:
                self.data[offer.key] = shape.as_shown(self.system.readings.get(offer.key))
        # A name that came while its platform was being loaded is the second offer of a key.
        description = describe(offer, platform, self._gx)
        self.async_offer(platform, [description])
        self.async_describe(platform, description)

    def _reshape(self, offer: Offer) -> None:
        """Follow a value that has another name, other limits, or another form now."""
        platform = platform_of(offer, controls=self._controls)
        if platform is None or self.description_of(platform, offer.key) is None:
            self._take_offer(offer)
        else:
            self.async_describe(platform, describe(offer, platform, self._gx))

    def _offer_energy(self, offers: tuple[Offer, ...]) -> None:
        """Offer the counters of our own; those that a device counts too are not enabled."""
        if not offers:
            return
        fresh = [
            description
            for description in energy_descriptions(offers, self.portal_id, self.system.counted())
            if description.key not in self._shown_energy
        ]
        if fresh:
            self._shown_energy |= {description.key for description in fresh}
            self.async_note(self._metering.readings())
            self.async_offer(Platform.SENSOR, fresh)

    def _forget_other_platforms(self, key: str, platform: Platform | None) -> None:
        """Remove what a value was shown as before it could be set, or while it could.

        The user allows it in the options, and a device may do so in its own settings.
        """
        registry = er.async_get(self.hass)
        unique_id = f"{self.config_entry.unique_id}_{key}"
        for other in PLATFORMS:
            if other is platform:
                continue
            self.async_withdraw_key(other, key)
            if entity_id := registry.async_get_entity_id(other, DOMAIN, unique_id):
                registry.async_remove(entity_id)

    @override
    def device_info(self, device: str | None) -> DeviceInfo:
        if device is None:
            return gx_info(self.config_entry, self.system.gx_identity())
        identity = self.system.identity(device)
        info = info_of(identity)
        info["identifiers"] = {(DOMAIN, f"{self.config_entry.unique_id}_{device}")}
        if identity.name is None:
            service, _, instance = device.partition("_")
            info["translation_key"] = f"gx_{service}"
            info["translation_placeholders"] = {"instance": instance}
        else:
            info["name"] = identity.name
        if self.main_device_id is not None:
            info["via_device_id"] = self.main_device_id
        return info

    def _update_device(self, label: str) -> None:
        """Write into the registry what a service says of itself now."""
        if self.main_device_id is None:
            return
        if label.partition("_")[0] in GX_SERVICES:
            self.async_update_device()
            return
        registry = dr.async_get(self.hass)
        entry_id = self.config_entry.entry_id
        identifier = (DOMAIN, f"{self.config_entry.unique_id}_{label}")
        if registry.async_get_device_by_identifier(identifier, entry_id) is not None:
            registry.async_get_or_create(config_entry_id=entry_id, **self.device_info(label))

    @override
    def may_remove(self, device: DeviceEntry) -> bool:
        name = name_of(self.config_entry, device)
        if name is None or self.system.present(name):
            return False
        # Should it come back, it is a new device.
        self.system.forget(name)
        self._remember_names()
        self.async_withdraw(name)
        return True

    @override
    def code_of(self, key: str) -> float | None:
        return self.system.code(key)

    # --- life ---------------------------------------------------------------------

    @override
    async def async_shutdown(self) -> None:
        """Stop what waits, and store the counters."""
        if self._prompt is not None:
            self._prompt.cancel()
            self._prompt = None
        await super().async_shutdown()
        await self._store.async_close()
        await self._names_store.async_close()

    @override
    def is_private(self, key: str) -> bool:
        return is_private(key)

    @override
    def diagnostics(self) -> dict[str, Any]:
        """Add what the GX says, without what tells whose it is."""
        return {**super().diagnostics(), **about(self.system)}
