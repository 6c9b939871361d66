"""Dashboards of users that use our strategy: made on wish, and never left behind broken.

When the last device goes, so does the module that draws them. A dashboard that is kept in storage
then says so, and is what it was as soon as a device is back; one in YAML can only be named.
Lovelace's collections are no documented interface: callers expect anything.
"""

import inspect
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final, Protocol, runtime_checkable

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations

from .common.text import plain
from .const import DOMAIN, LOGGER

STRATEGY: Final = f"custom:{DOMAIN}"
BOARD_URL: Final = f"{DOMAIN}-home"
BOARD_ISSUE: Final = "dashboard_left"
_KEPT: Final = f"{DOMAIN}_kept"
"""Where a retired dashboard keeps what it was; Lovelace passes over keys that it does not know."""
_CREATE: Final = "lovelace/dashboards/create"
_UPDATED: Final = "lovelace_updated"
"""Lovelace's own event: pages that show a dashboard then load it again."""


@runtime_checkable
class Board(Protocol):
    """The part of Lovelace's dashboards that every mode has."""

    config: Mapping[str, Any] | None
    mode: str
    url_path: str | None

    async def async_load(self, force: bool) -> dict[str, Any]:
        """Return what is shown."""

    async def async_save(self, config: dict[str, Any]) -> None:
        """Change what is shown."""


async def async_has_board(hass: HomeAssistant) -> bool:
    """Whether a dashboard of ours is there."""
    return any([True async for _ in _async_ours(hass)])


async def async_add_board(hass: HomeAssistant) -> bool:
    """Add our dashboard to the sidebar, unless one is there; tell success."""
    if "lovelace" not in hass.data:
        return False
    try:
        if await async_has_board(hass):
            return True
        # The collection is reached only through the command that the settings page uses.
        handler = hass.data["websocket_api"][_CREATE][0]
        collection = inspect.unwrap(handler).__self__.storage_collection
        url = BOARD_URL
        while url in hass.data["lovelace"].dashboards:
            url += "-2"
        await collection.async_create_item(
            {
                "url_path": url,
                "title": "Hausstrom",
                "icon": "mdi:home-lightning-bolt",
                "show_in_sidebar": True,
                "require_admin": False,
            }
        )
        await hass.data["lovelace"].dashboards[url].async_save({"strategy": {"type": STRATEGY}})
    except Exception:  # noqa: BLE001  an interface that may change; see above
        LOGGER.warning("The dashboard could not be added; everything else works", exc_info=True)
        return False
    return True


async def async_refresh_boards(hass: HomeAssistant) -> None:
    """Have pages that show our dashboards build them again."""
    async for board, _ in _async_ours(hass):
        hass.bus.async_fire(_UPDATED, {"url_path": board.url_path})


async def async_retire_boards(hass: HomeAssistant) -> None:
    """Have our dashboards say that nothing is there to show, and name those that cannot."""
    left = []
    async for board, config in _async_ours(hass):
        if board.mode == "storage":
            await board.async_save({**await _async_farewell(hass), _KEPT: config})
        else:
            left.append(plain((board.config or {}).get("title") or "Lovelace"))
    if left:
        # Persistent: after a restart nobody of ours is there to say it again.
        ir.async_create_issue(
            hass,
            DOMAIN,
            BOARD_ISSUE,
            is_fixable=False,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=BOARD_ISSUE,
            translation_placeholders={"dashboards": ", ".join(left)},
        )


async def async_restore_boards(hass: HomeAssistant) -> None:
    """Give dashboards back what they were before the last device went."""
    ir.async_delete_issue(hass, DOMAIN, BOARD_ISSUE)
    for board in _boards(hass):
        kept = (await _async_config(board)).get(_KEPT)
        if isinstance(kept, dict):
            await board.async_save(kept)


async def _async_farewell(hass: HomeAssistant) -> dict[str, Any]:
    texts = await async_get_translations(hass, hass.config.language, "common", {DOMAIN})
    text = texts.get(f"component.{DOMAIN}.common.dashboard_left", "Hausstrom")
    return {"views": [{"title": "Hausstrom", "cards": [{"type": "markdown", "content": text}]}]}


async def _async_ours(hass: HomeAssistant) -> AsyncIterator[tuple[Board, dict[str, Any]]]:
    """Yield the dashboards that use our strategy, with what they show."""
    for board in _boards(hass):
        config = await _async_config(board)
        strategy = config.get("strategy")
        if isinstance(strategy, dict) and strategy.get("type") == STRATEGY:
            yield board, config


async def _async_config(board: Board) -> dict[str, Any]:
    try:
        return dict(await board.async_load(False))
    except HomeAssistantError:
        # Not there yet (the default dashboard), or a YAML file with a mistake.
        return {}


def _boards(hass: HomeAssistant) -> Iterator[Board]:
    dashboards: object = getattr(hass.data.get("lovelace"), "dashboards", None)
    if isinstance(dashboards, dict):
        yield from (board for board in dashboards.values() if isinstance(board, Board))
