"""What reading the app and reading mein-senec.de have in common."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, override
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant, callback

from ...common.value import Value
from ...coordinator import HausstromConfigEntry, HausstromCoordinator
from ..const import CONF_SYSTEM_ID
from ..descriptions import EntityRow
from ..protocol.errors import SenecServiceError, ServiceReason
from .chores import Chore
from .const import CONF_HOLDS_WALLBOX, CONF_WALLBOX_IDS
from .protocol.account import Account
from .protocol.web import Plant
from .writing import Writing

NOT_GIVEN: Final = frozenset(
    {ServiceReason.FORBIDDEN, ServiceReason.NOT_FOUND, ServiceReason.REFUSED}
)


class SenecCloudBase(HausstromCoordinator):
    """The account, the system, and what is known of it so far."""

    writing: Writing
    """What the controls write with."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry, seconds: float) -> None:
        """Poll every so many seconds."""
        super().__init__(hass, entry, poll_interval=timedelta(seconds=seconds))
        self.system_id: str = entry.data[CONF_SYSTEM_ID]
        self._account: Account | None = None
        self._packages: frozenset[str] = frozenset()
        self.plant: Plant | None = None
        self.zone: ZoneInfo = ZoneInfo("UTC")
        ids = entry.data.get(CONF_WALLBOX_IDS)
        self._wallbox_ids: tuple[str, ...] | None = None if ids is None else tuple(ids)
        self._gone_wallboxes: frozenset[str] = frozenset()
        self._first_measurement: datetime | None = None
        self._chores: list[Chore] = []

    @property
    def account(self) -> Account:
        """The account, once the entry is being set up."""
        assert self._account is not None  # noqa: S101  _async_setup made it
        return self._account

    @override
    def secrets(self) -> tuple[str, ...]:
        """Return the tokens of the account: they are kept beside the entry."""
        tokens = None if self._account is None else self._account.tokens.current
        return () if tokens is None else (tokens.access, tokens.refresh)

    @property
    def wallbox_ids(self) -> tuple[str, ...] | None:
        """The ids of the system's wallboxes in the order of their numbers; None: not known."""
        return self._wallbox_ids

    @property
    def consumption_holds_wallbox(self) -> bool:
        """Whether SENEC's consumption has the wallbox in it: as it was seen, else as assumed."""
        return self.config_entry.data.get(CONF_HOLDS_WALLBOX) is not False

    @callback
    def _offer(self, rows: Iterable[EntityRow], values: Mapping[str, Value]) -> None:
        """Have entities made for the values that the system gives."""
        for platform, description in rows:
            if values.get(description.key) is not None:
                self.async_offer(platform, [description])

    def _chore(self, name: str) -> Chore:
        return next(chore for chore in self._chores if chore.name == name)

    @property
    def asked_wallbox_ids(self) -> tuple[str, ...] | None:
        """The ids of the wallboxes that SENEC can be asked for; None: not known.

        One that was replaced keeps its number, but a request that names it is refused.
        """
        if self._wallbox_ids is None:
            return None
        return tuple(id_ for id_ in self._wallbox_ids if id_ not in self._gone_wallboxes)

    async def _find_gone_wallboxes(self) -> bool:
        """Look which wallboxes the system has no more; return whether there are others than known."""
        try:
            systems = await self.account.app.systems()
        except SenecServiceError:
            return False
        for system in systems:
            if system.id == self.system_id:
                self._add_wallbox_ids(system.wallbox_ids)
                gone = frozenset(self._wallbox_ids or ()) - frozenset(system.wallbox_ids)
                is_news = not gone <= self._gone_wallboxes
                self._gone_wallboxes |= gone
                return is_news
        return False

    async def async_known_wallbox_ids(self) -> tuple[str, ...]:
        """Return the ids of the wallboxes, asked for where they are not known yet.

        Raises SenecServiceError. Whoever asks for the past without them gets zeros for the
        wallboxes and another consumption, and must not take that for true.
        """
        if self._wallbox_ids is None:
            for system in await self.account.app.systems():
                if system.id == self.system_id:
                    self._add_wallbox_ids(system.wallbox_ids)
        if self._wallbox_ids is None:
            raise SenecServiceError(
                ServiceReason.NOT_FOUND, "the account does not show this system"
            )
        return self._wallbox_ids

    @callback
    def _add_wallbox_ids(self, ids: Iterable[str]) -> None:
        """Keep ids with the entry: a wallbox keeps its number whatever SENEC's order becomes."""
        known = self._wallbox_ids or ()
        added = tuple(id_ for id_ in dict.fromkeys(ids) if id_ not in known)
        if added or self._wallbox_ids is None:
            self._wallbox_ids = (*known, *added)
            self._remember({CONF_WALLBOX_IDS: list(self._wallbox_ids)})

    @callback
    def _remember(self, learned: Mapping[str, object]) -> None:
        entry = self.config_entry
        self.hass.config_entries.async_update_entry(entry, data={**entry.data, **learned})
