"""One poll for all entries on the same key, and the month's budget across restarts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ...const import DOMAIN
from ...storage import async_read
from ..environment import hosts
from ..protocol.http import Requests
from .protocol.client import Budget, Connect

type SaveBudget = Callable[[Budget], None]

SAVE_INTERVAL: Final = 300.0  # a budget that is some calls behind after a crash is no harm


@dataclass(slots=True)
class Shared:
    """A key's client and the entries that use it."""

    connect: Connect
    store: Store[dict[str, str | int]]
    users: set[str] = field(default_factory=set)


SHARED: Final[HassKey[dict[str, Shared]]] = HassKey(f"{DOMAIN}_senec_connect")


def fingerprint(key: str) -> str:
    """Return what names a key without telling it."""
    return sha256(key.encode()).hexdigest()[:16]


async def async_share(hass: HomeAssistant, key: str, entry_id: str) -> Connect:
    """Return the client of a key; the same one for every entry that has it."""
    all_shared = hass.data.setdefault(SHARED, {})
    name = fingerprint(key)
    store: Store[dict[str, str | int]] = Store(hass, 1, f"{DOMAIN}.senec_connect_{name}")
    stored: object = None
    if name not in all_shared:
        issue_id = f"store_senec_connect_{name}"
        stored = await async_read(hass, store, title="SENEC.Connect", issue_id=issue_id)
    if name not in all_shared:
        client = new_client(hass, key, Budget.from_dict(stored), _saver(store))
        all_shared[name] = Shared(client, store)
    all_shared[name].users.add(entry_id)
    return all_shared[name].connect


def _saver(store: Store[dict[str, str | int]]) -> SaveBudget:
    """Return what writes a budget to disk, seldom; a delay alone would be put off by each call."""
    saved_at = float("-inf")

    @callback
    def save(budget: Budget) -> None:
        nonlocal saved_at
        if monotonic() - saved_at >= SAVE_INTERVAL:
            saved_at = monotonic()
            store.async_delay_save(budget.as_dict, 1)

    return save


async def async_release(hass: HomeAssistant, key: str, entry_id: str) -> None:
    """Forget the client of a key with the last entry that uses it, but not what was spent."""
    all_shared = hass.data.get(SHARED, {})
    name = fingerprint(key)
    if (shared := all_shared.get(name)) is None:
        return
    shared.users.discard(entry_id)
    if not shared.users:
        await shared.store.async_save(shared.connect.budget.as_dict())
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
