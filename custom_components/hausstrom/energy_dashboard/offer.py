"""Offer what the energy dashboard lacks: each source once, as a repair that a person may ignore.

A source is known by the unique id of its energy, so that neither a renamed entity nor a restart
offers it again. What was ignored stays ignored; what comes later is offered beside it.
"""

from asyncio import Lock
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypedDict

from homeassistant.core import CALLBACK_TYPE, Event, HassJob, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from ..boards import async_refresh_boards
from ..const import DOMAIN, LOGGER
from ..coordinator import HausstromConfigEntry
from ..kinds import Later
from ..storage import Content, EntryStore

if TYPE_CHECKING:
    from .plan import Plan, Source

OFFER: Final = "energy_dashboard"
OFFER_DELAY: Final = 30.0
"""Seconds after something new came, in which a device shows what it has."""
STORAGE_VERSION: Final = 2
# Finds what is missing: when something is to be offered, not while Home Assistant starts.
_PLAN: Final = Later[Callable[[HomeAssistant], Awaitable["Plan"]]](
    __package__, "fill", "async_plan"
)


class Offered(TypedDict):
    """What is stored: unique ids of sources."""

    known: list[str] | None
    """Offered before, or added; None: kept by a version that knew only whether it had offered."""
    open: list[str]
    """Of those the ones that the open offer names."""


def _from_version_1(_version: int, content: Content) -> Content:
    """Version 1 kept one flag for all sources: {"offered": true}."""
    return {"known": None if content.get("offered") else [], "open": []}


def _offered(content: Content | None) -> Offered:
    """Return what was kept; what is no list of ids is as if nothing had been offered."""
    kept = content or {}
    known = kept.get("known", [])
    return Offered(
        known=None if known is None else _ids(known),
        open=_ids(kept.get("open")),
    )


def _ids(kept: object) -> list[str]:
    return [one for one in kept if isinstance(one, str)] if isinstance(kept, list) else []


class Watcher:
    """Looks some time after a device or a sensor came whether something is to be offered."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Watch nothing yet."""
        self.hass = hass
        self.lock = Lock()
        self._store = EntryStore(
            hass, OFFER, version=STORAGE_VERSION, migrate=_from_version_1, title="Hausstrom"
        )
        self._followers = 0
        self._due: CALLBACK_TYPE | None = None
        self._stop_listening: CALLBACK_TYPE | None = None

    async def async_load(self) -> Offered:
        """Return what was offered before."""
        return _offered(await self._store.async_load())

    async def async_save(self, offered: Offered) -> None:
        """Keep what was offered."""
        await self._store.async_put({**offered})

    async def async_forget(self) -> None:
        """Forget that anything was ever offered."""
        await self._store.async_remove()

    @callback
    def follow(self) -> Callable[[], None]:
        """Watch as long as one entry at least is set up; the returned function ends it."""
        self._followers += 1
        if self._stop_listening is None:
            self._stop_listening = self.hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._registered, self._is_new
            )
        self._schedule()

        @callback
        def leave() -> None:
            self._followers -= 1
            if self._followers == 0:
                self._stop()

        return leave

    @callback
    def _is_new(self, event_data: er.EventEntityRegistryUpdatedData) -> bool:
        if event_data["action"] != "create":
            return False
        entry = er.async_get(self.hass).async_get(event_data["entity_id"])
        return entry is not None and entry.platform == DOMAIN

    @callback
    def _registered(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self._schedule()

    def _schedule(self) -> None:
        # Not put off by what comes meanwhile: meters of a building come for hours.
        if self._due is None:
            job = HassJob(self._look, f"{DOMAIN} {OFFER} offer", cancel_on_shutdown=True)
            self._due = async_call_later(self.hass, OFFER_DELAY, job)

    async def _look(self, _now: datetime) -> None:
        self._due = None
        await async_offer(self.hass)

    def _stop(self) -> None:
        if self._due is not None:
            self._due()
            self._due = None
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None


_WATCHER: Final[HassKey[Watcher]] = HassKey(f"{DOMAIN}_{OFFER}")


def watcher_of(hass: HomeAssistant) -> Watcher:
    """Return the one of this Home Assistant."""
    return hass.data.setdefault(_WATCHER, Watcher(hass))


@callback
def async_schedule_offer(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Look soon, and when new sensors come, whether the energy dashboard lacks something."""
    entry.async_on_unload(watcher_of(hass).follow())


async def async_offer(hass: HomeAssistant) -> None:
    """Offer the sources that were never offered; withdraw the offer when nothing is missing."""
    if "energy" not in hass.config.components:
        return
    watcher = watcher_of(hass)
    async with watcher.lock:
        missing = [source.unique_id for source in await _async_missing(hass)]
        issue = ir.async_get(hass).async_get_issue(DOMAIN, OFFER)
        ignored = issue is not None and issue.dismissed_version is not None
        kept = await watcher.async_load()
        known = kept["known"]
        if known is None:
            # All was offered, then ignored; or accepted, and what is missing now came later.
            known = missing if ignored else []
        still = [] if issue is None or ignored else [one for one in kept["open"] if one in missing]
        new = [one for one in missing if one not in known]
        if not missing or (issue is not None and not ignored and not (still or new)):
            ir.async_delete_issue(hass, DOMAIN, OFFER)
        elif new:
            LOGGER.debug("Offering %d sources for the energy dashboard", len(new))
            _show(hass, anew=ignored)
        now = Offered(known=[*known, *new], open=[*still, *new])
        if now != kept:
            await watcher.async_save(now)


@callback
def _show(hass: HomeAssistant, *, anew: bool) -> None:
    if anew:
        # Else it would be ignored as the one before it.
        ir.async_delete_issue(hass, DOMAIN, OFFER)
    # Persistent: each source is offered once, and the offer has to outlive a restart.
    ir.async_create_issue(
        hass,
        DOMAIN,
        OFFER,
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,  # there is none below
        translation_key=OFFER,
    )


async def _async_missing(hass: HomeAssistant) -> list[Source]:
    plan = await (await _PLAN.async_get(hass))(hass)
    return plan.added


async def async_offered(hass: HomeAssistant) -> list[Source]:
    """Return the sources that the open offer names and that are still missing."""
    wanted = (await watcher_of(hass).async_load())["open"]
    return [source for source in await _async_missing(hass) if source.unique_id in wanted]


async def async_note(hass: HomeAssistant, sources: list[Source]) -> None:
    """Note that sources were added: they are not offered if the user removes them.

    Dashboards that show the offer are built again.
    """
    watcher = watcher_of(hass)
    async with watcher.lock:
        kept = await watcher.async_load()
        added = [source.unique_id for source in sources]
        known = kept["known"] or []
        await watcher.async_save(
            Offered(
                known=[*known, *(one for one in added if one not in known)],
                open=[one for one in kept["open"] if one not in added],
            )
        )
    await async_offer(hass)
    await async_refresh_boards(hass)


async def async_forget_offer(hass: HomeAssistant) -> None:
    """Withdraw the offer and forget what was offered; with the last entry."""
    ir.async_delete_issue(hass, DOMAIN, OFFER)
    await watcher_of(hass).async_forget()
