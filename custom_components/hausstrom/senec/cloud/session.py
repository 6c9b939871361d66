"""What the cloud's clients need of Home Assistant: sessions, storage, time."""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import CookieJar
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import CoreState, HassJob, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from ...coordinator import HausstromConfigEntry
from ...storage import EntryStore
from ..environment import hosts
from ..protocol.fields import JsonObject, object_of
from .const import CONF_TOKENS, CONF_TOTP_SECRET
from .protocol.account import Account, Stored
from .protocol.confirming import Sleep
from .protocol.doors import Door
from .protocol.sign_in import Credentials
from .protocol.tokens import TokenSet
from .protocol.totp import OneTimeCodes

UNLOADED: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_senec_cloud_unloaded")
REST_BETWEEN_RELOADS: Final = timedelta(hours=1)  # automations reload entries, too
CODES: Final[HassKey[OneTimeCodes]] = HassKey(f"{DOMAIN}_one_time_codes")


def account_store(hass: HomeAssistant, entry_id: str) -> EntryStore:
    """Return where an entry's tokens are kept.

    They change every five minutes: in the config entry, each change would write all entries.
    """
    return EntryStore(hass, f"{entry_id}.senec_tokens", durable=True)


class Keeper:
    """Keeps an account's tokens in memory, and in a store once there is one."""

    def __init__(self, store: EntryStore | None = None) -> None:
        """Take the store; a config flow has none yet."""
        self._store = store
        self.state: Stored | None = None

    async def load(self) -> JsonObject:
        """Return what was kept before a restart; nothing usable is nothing."""
        return object_of(None if self._store is None else await self._store.async_load())

    async def keep(self, state: Stored) -> None:
        """Keep the state; returns when it is on the disk."""
        self.state = state
        if self._store is not None:
            await self._store.async_put(dict(state))


def sleeper(hass: HomeAssistant) -> Sleep:
    """Return what waits by Home Assistant's clock, and not beyond its end."""

    async def sleep(seconds: float) -> None:
        over: asyncio.Future[None] = hass.loop.create_future()

        @callback
        def end(_now: datetime) -> None:
            if not over.done():
                over.set_result(None)

        cancel = async_call_later(
            hass, seconds, HassJob(end, "hausstrom wait", cancel_on_shutdown=True)
        )
        try:
            await over
        finally:
            cancel()

    return sleep


def open_account(
    hass: HomeAssistant, data: JsonObject, keeper: Keeper, stored: object = None
) -> Account:
    """Return the account of an entry's data, in a session with a cookie jar of its own."""
    where = hosts()
    totp_secret = data.get(CONF_TOTP_SECRET)
    return Account(
        # Addresses of this machine are numbers, to which cookies are not given otherwise.
        async_create_clientsession(hass, cookie_jar=CookieJar(unsafe=where.simulated)),
        where,
        Credentials(
            str(data[CONF_USERNAME]),
            str(data[CONF_PASSWORD]),
            str(totp_secret) if totp_secret else None,
        ),
        clock=dt_util.utcnow,
        codes=hass.data.setdefault(CODES, OneTimeCodes(dt_util.utcnow)),
        sleep=sleeper(hass),
        store=keeper.keep,
        stored=stored,
    )


async def async_open_account(hass: HomeAssistant, entry: HausstromConfigEntry) -> Account:
    """Return the account of an entry, with what it kept, and with what the user has decided.

    A sign-in of the config flow is a decision: its tokens go where the later tokens go, and every
    door is tried again. So is a reload of the entry, for mein-senec.de alone, since that door has
    no form of its own; a restart of Home Assistant is none.
    """
    keeper = Keeper(account_store(hass, entry.entry_id))
    stored = await keeper.load()
    fresh: object = entry.data.get(CONF_TOKENS)
    if fresh is not None:
        if _obtained(fresh) >= _obtained(stored):
            stored = object_of(fresh)
        stored = {key: value for key, value in stored.items() if key != "doors"}
        await keeper.keep(stored)
        without = {key: value for key, value in entry.data.items() if key != CONF_TOKENS}
        hass.config_entries.async_update_entry(entry, data=without)
    account = open_account(hass, entry.data, keeper, stored)
    if entry.entry_id in (unloaded := hass.data.setdefault(UNLOADED, set())):
        unloaded.discard(entry.entry_id)
        posted = account.doors.posted(Door.SITE)
        if posted is not None and dt_util.utcnow() - posted >= REST_BETWEEN_RELOADS:
            account.doors.user_acted(Door.SITE)
    return account


@callback
def note_unload(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Remember that the entry was unloaded while Home Assistant goes on: the next is a reload."""
    if hass.state is CoreState.running:
        hass.data.setdefault(UNLOADED, set()).add(entry.entry_id)


def _obtained(stored: object) -> datetime:
    """Return when stored tokens were obtained; long ago if there are none."""
    tokens = TokenSet.from_dict(object_of(stored).get("tokens"))
    return dt_util.utc_from_timestamp(0) if tokens is None else tokens.obtained


async def async_zone(name: object) -> ZoneInfo:
    """Return the zone of a name, or Home Assistant's own: SENEC sends "CEST", too."""
    if isinstance(name, str):
        try:
            zone = await dt_util.async_get_time_zone(name)
        except ValueError, OSError:
            zone = None
        if isinstance(zone, ZoneInfo):
            return zone
    home = dt_util.get_default_time_zone()
    return home if isinstance(home, ZoneInfo) else ZoneInfo("UTC")
