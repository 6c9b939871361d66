"""What the cloud's clients need of Home Assistant: sessions, hosts, storage, translated errors."""

import os
from typing import Final

from aiohttp import CookieJar
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from ..protocol.errors import Reason, SenecServiceError
from ..protocol.fields import Json
from ..protocol.hosts import Hosts, hosts_from
from .const import CONF_TOTP_SECRET
from .protocol.account import Account, Stored
from .protocol.sign_in import Credentials
from .protocol.totp import OneTimeCodes

STORE_VERSION: Final = 1
CODES: Final[HassKey[OneTimeCodes]] = HassKey(f"{DOMAIN}_one_time_codes")


def hosts() -> Hosts:
    """Return SENEC's hosts, or the simulator of a development build."""
    return hosts_from(os.environ)


def account_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, object]]:
    """Return where an entry's tokens are kept.

    They change every five minutes: in the config entry, each change would write all entries.
    """
    return Store(
        hass, STORE_VERSION, f"{DOMAIN}.{entry_id}.senec_tokens", private=True, atomic_writes=True
    )


class Keeper:
    """Keeps an account's tokens in memory, and in a store once there is one."""

    def __init__(self, store: Store[dict[str, object]] | None = None) -> None:
        """Take the store; a config flow has none yet."""
        self._store = store
        self.state: Stored | None = None

    async def keep(self, state: Stored) -> None:
        """Keep the state; returns when it is on the disk."""
        self.state = state
        if self._store is not None:
            await self._store.async_save(dict(state))


def open_account(hass: HomeAssistant, data: Json, keeper: Keeper, stored: object = None) -> Account:
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
        store=keeper.keep,
        stored=stored,
    )


EXCEPTION_KEYS = {
    Reason.AUTH: "senec_auth",
    Reason.TOTP_REQUIRED: "senec_totp_required",
    Reason.TOTP_NOT_ENROLLED: "senec_totp_required",
    Reason.TOTP_REFUSED: "senec_totp_refused",
    Reason.LOCKED: "senec_locked",
    Reason.MAINTENANCE: "senec_maintenance",
    Reason.RATE_LIMIT: "senec_rate_limit",
    Reason.SESSION: "senec_forbidden",
    Reason.FORBIDDEN: "senec_forbidden",
    Reason.NOT_FOUND: "senec_not_found",
    Reason.REFUSED: "senec_refused",
    Reason.NOT_CONFIRMED: "senec_not_confirmed",
    Reason.SERVER: "senec_cloud_unreachable",
    Reason.UNREACHABLE: "senec_cloud_unreachable",
    Reason.BAD_ANSWER: "senec_bad_answer",
    Reason.STALE: "senec_stale",
}


def translated(error: SenecServiceError) -> HomeAssistantError:
    """Return the error that a person reads: what happened, and SENEC's own words if any."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=EXCEPTION_KEYS[error.reason],
        translation_placeholders={"answer": error.detail},
    )
