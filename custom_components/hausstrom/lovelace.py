"""Make the dashboard's JavaScript module known to Home Assistant's frontend.

As a Lovelace resource, because extra modules of the frontend race the registration of
elements. Its collection is not a documented interface: whatever goes wrong here is logged,
and nothing else of the integration depends on it.
"""

import re
from asyncio import Lock
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, runtime_checkable

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.hass_dict import HassKey

from .boards import async_restore_boards, async_retire_boards
from .const import DOMAIN, LOGGER
from .frontend_files import BASE_URL, MODULE, Files, ModuleView

MODULE_URL: Final = f"{BASE_URL}/{MODULE}"
"""For resources that are kept in YAML; the version that runs, whichever it is."""
_OURS: Final = re.compile(rf"{re.escape(BASE_URL)}/(?:[^/]+/)?{re.escape(MODULE)}(?:\?.*)?")
YAML_ISSUE: Final = "lovelace_yaml"

_STATE: Final[HassKey[_State]] = HassKey(f"{DOMAIN}_lovelace")


class _State:
    """What is done once per run of Home Assistant."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.version: str | None = None
        """Of the modules that are served."""


@runtime_checkable
class Resources(Protocol):
    """The part of Lovelace's resource collection that every mode has."""

    async def async_get_info(self) -> Mapping[str, int]:
        """Load what is stored."""

    def async_items(self) -> Sequence[Mapping[str, str]]:
        """Return the resources: id, type, url."""


@runtime_checkable
class StoredResources(Resources, Protocol):
    """The collection that is edited in the frontend."""

    async def async_create_item(self, data: dict[str, str]) -> Mapping[str, str]:
        """Add a resource."""

    async def async_update_item(self, item_id: str, updates: dict[str, str]) -> Mapping[str, str]:
        """Change a resource."""

    async def async_delete_item(self, item_id: str) -> None:
        """Remove a resource."""


async def async_add_module(hass: HomeAssistant) -> None:
    """Serve the module and register it, in the version that runs; once is enough."""
    state = hass.data.setdefault(_STATE, _State())
    async with state.lock:
        try:
            if state.version is None:
                state.version = await _async_serve(hass)
            if state.version is not None:
                await _async_register(hass, state.version)
                await async_restore_boards(hass)
        except Exception:  # noqa: BLE001  an interface that may change; see above
            LOGGER.warning(
                "The dashboard strategy could not be registered; everything else works",
                exc_info=True,
            )


async def async_remove_module(hass: HomeAssistant) -> None:
    """Take the registration back, and leave no dashboard behind that needs it."""
    ir.async_delete_issue(hass, DOMAIN, YAML_ISSUE)
    try:
        await async_retire_boards(hass)
        resources = _resources(hass)
        if isinstance(resources, StoredResources):
            await resources.async_get_info()
            for item in _ours(resources):
                await resources.async_delete_item(item["id"])
    except Exception:  # noqa: BLE001  an interface that may change; see above
        LOGGER.warning("The dashboard strategy could not be unregistered", exc_info=True)


async def _async_serve(hass: HomeAssistant) -> str | None:
    """Serve the modules and return their version; None where there is no web server."""
    if "http" not in hass.config.components:
        return None
    files = await hass.async_add_executor_job(Files.load)
    hass.http.register_view(ModuleView(files))
    return files.version


async def _async_register(hass: HomeAssistant, version: str) -> None:
    """Bring the list of resources up to date."""
    resources = _resources(hass)
    if resources is None:
        return
    await resources.async_get_info()
    ours = _ours(resources)
    if not isinstance(resources, StoredResources):
        _ask_for_yaml(hass, known=bool(ours))
        return
    ir.async_delete_issue(hass, DOMAIN, YAML_ISSUE)
    url = f"{BASE_URL}/{version}/{MODULE}"
    if not ours:
        await resources.async_create_item({"res_type": "module", "url": url})
        return
    first, *others = ours
    if first["url"] != url:
        await resources.async_update_item(first["id"], {"url": url})
    for item in others:
        await resources.async_delete_item(item["id"])


def _resources(hass: HomeAssistant) -> Resources | None:
    """Return Lovelace's resources; None where there is no frontend."""
    resources: object = getattr(hass.data.get("lovelace"), "resources", None)
    return resources if isinstance(resources, Resources) else None


def _ours(resources: Resources) -> list[Mapping[str, str]]:
    return [item for item in resources.async_items() or () if _OURS.fullmatch(item.get("url", ""))]


def _ask_for_yaml(hass: HomeAssistant, *, known: bool) -> None:
    """Tell a user who keeps the resources in YAML what to add there."""
    if known:
        ir.async_delete_issue(hass, DOMAIN, YAML_ISSUE)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        YAML_ISSUE,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=YAML_ISSUE,
        translation_placeholders={"url": MODULE_URL},
    )
