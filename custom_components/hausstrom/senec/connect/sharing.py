"""One poll for all entries on the same key, and the month's budget across restarts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from ...storage import EntryStore
from ..environment import hosts
from ..protocol.http import Requests
from .protocol.client import Budget, Connect

type SaveBudget = Callable[[Budget], None]

SAVE_INTERVAL: Final = 300.0
"""Seconds: a budget that is some calls behind after a crash is no harm."""


@dataclass(slots=True, eq=False, repr=False)
class Shared:
    """A key's client and the entries that use it."""

    connect: Connect
    store: EntryStore
    users: set[str] = field(default_factory=set)


SHARED: Final[HassKey[dict[str, Shared]]] = HassKey(f"{DOMAIN}_senec_connect")


def fingerprint(key: str) -> str:
    """Return what names a key without telling it."""
    return sha256(key.encode()).hexdigest()[:16]


async def async_share(hass: HomeAssistant, key: str, entry_id: str) -> Connect:
    """Return the client of a key; the same one for every entry that has it."""
    all_shared = hass.data.setdefault(SHARED, {})
    name = fingerprint(key)
    if name not in all_shared:
        store = EntryStore(
            hass, f"senec_connect_{name}", lambda: {**client.budget.as_dict()}, seldom=SAVE_INTERVAL
        )
        budget = Budget.from_dict(await store.async_load())
        client = new_client(hass, key, budget, lambda _budget: store.changed())
        # Another entry of the same key may have come meanwhile.
        all_shared.setdefault(name, Shared(client, store))
    all_shared[name].users.add(entry_id)
    return all_shared[name].connect


async def async_release(hass: HomeAssistant, key: str, entry_id: str) -> None:
    """Forget the client of a key with the last entry that uses it, but not what was spent."""
    all_shared = hass.data.get(SHARED, {})
    name = fingerprint(key)
    if (shared := all_shared.get(name)) is None:
        return
    shared.users.discard(entry_id)
    if not shared.users:
        await shared.store.async_save()
        if shared.connect.has_to_wait:
            # A set-up that failed is tried again in seconds: what the server asked for still holds.
            return
        if not shared.users and all_shared.get(name) is shared:
            del all_shared[name]


def new_client(
    hass: HomeAssistant, key: str, budget: Budget | None = None, store: SaveBudget | None = None
) -> Connect:
    """Return a client in Home Assistant's own session: SENEC.Connect uses no cookies."""
    return Connect(
        async_get_clientsession(hass),
        hosts(),
        key,
        clock=dt_util.utcnow,
        requests=Requests(dt_util.utcnow),
        budget=budget,
        store=store,
    )
