"""The six kinds of devices, and the loading of a kind's code when something needs it."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import probatio as vol
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse

from .const import LOGGER
from .coordinator import HausstromConfigEntry, HausstromCoordinator

if TYPE_CHECKING:
    from homeassistant.components.repairs import RepairsFlow

    from .energy_dashboard.rows import SourceRow
    from .flow import KindFlow

# In the order of the set-up menu. A house has one or two of them: the code of a kind, and the
# libraries it needs, are loaded with its first entry, flow or action, and not before.
_DOORS: Final[Mapping[str, str]] = {
    "senec_local": ".senec.local.kind",
    "senec_cloud": ".senec.cloud.kind",
    "senec_connect": ".senec.connect.kind",
    "evn": ".evn.kind",
    "victron": ".victron.kind",
    "smartlog": ".smartlog.kind",
}
KINDS: Final = tuple(_DOORS)

ACTIONS: Final[Mapping[str, tuple[str, SupportsResponse]]] = {
    "read_senec": ("senec_local", SupportsResponse.ONLY),
    "read_senec_log": ("senec_local", SupportsResponse.ONLY),
    "set_peak_shaving": ("senec_cloud", SupportsResponse.NONE),
    "get_peak_shaving_plan": ("senec_cloud", SupportsResponse.ONLY),
    "import_senec_history": ("senec_cloud", SupportsResponse.OPTIONAL),
    "get_consumption": ("smartlog", SupportsResponse.ONLY),
}
"""Which kind carries out an action, and whether it answers."""

type OptionsChecker = Callable[[HausstromConfigEntry, Mapping[str, Any]], dict[str, str]]
type Suggestions = Callable[[HomeAssistant, HausstromConfigEntry], Awaitable[Mapping[str, Any]]]
type Remover = Callable[[HomeAssistant, HausstromConfigEntry], Awaitable[None]]


def _accept(_entry: HausstromConfigEntry, _options: Mapping[str, Any]) -> dict[str, str]:
    return {}


class Action:
    """What an action takes, and what carries it out."""

    def __init__(
        self, schema: vol.Schema, handler: Callable[[ServiceCall], Awaitable[ServiceResponse]]
    ) -> None:
        """Keep both."""
        self.schema = schema
        self.handler = handler


class Later[T]:
    """A part of a kind that its entries run without: loaded when somebody asks for it."""

    def __init__(self, package: str, module: str, name: str) -> None:
        """Find it by its name in a module of the kind's package."""
        self._package = package
        self._module = module
        self._name = name
        self._part: T | None = None

    def load(self) -> T:
        """Return it; imports, so not for the event loop."""
        part: T = getattr(import_module(f".{self._module}", self._package), self._name)
        return part

    async def async_get(self, hass: HomeAssistant) -> T:
        """Return it; at once, once it is there: nothing is heard while a form waits for it."""
        if self._part is None:
            self._part = await hass.async_add_import_executor_job(self.load)
        return self._part


class SetUp:
    """How a device of a kind is set up, and what can be changed of it later."""

    def __init__(
        self,
        flow: type[KindFlow],
        options: Callable[[HausstromConfigEntry], vol.Schema],
        check_options: OptionsChecker = _accept,
        suggestions: Suggestions | None = None,
    ) -> None:
        """Take what makes the forms."""
        self.flow = flow
        self.options = options
        """The form of the options; defaults are what a fresh entry has."""
        self.check_options = check_options
        """What is wrong with the options (field: error key), if anything."""
        self.suggestions = suggestions
        """What the form of the options suggests where nothing has been entered yet."""


type FixFlow = Callable[[str, Mapping[str, Any]], RepairsFlow]


class Kind:
    """What one kind of device brings; its module `kind.py` is the only one that others load."""

    def __init__(
        self,
        *,
        coordinator: Callable[[HomeAssistant, HausstromConfigEntry], HausstromCoordinator],
        platforms: tuple[Platform, ...],
        may_be_shown: frozenset[str],
        set_up: Later[SetUp],
        energy_rows: Later[tuple[SourceRow, ...]],
        energy_rank: int,
        async_remove: Remover | None = None,
        prepare: Callable[[HomeAssistant], None] | None = None,
        actions: Later[Mapping[str, Action]] | None = None,
        fix_flow: Later[FixFlow] | None = None,
        on_demand: frozenset[Platform] = frozenset(),
    ) -> None:
        """Take what the kind brings; a named tuple would be made anew at each start."""
        self.coordinator = coordinator
        self.platforms = platforms
        self.may_be_shown = may_be_shown
        """The names in an entry's data and options that diagnostics show; all others are hidden."""
        self.set_up = set_up
        self.energy_rows = energy_rows
        """Which of its sensors make which source of the energy dashboard, the better ones first."""
        self.energy_rank = energy_rank
        """Whose sensors come first where several kinds measure the same: the lowest.

        The meter that the bill is written by comes before all that only look on; then what is
        nearer: the local SENEC reports every few seconds, the cloud every few minutes.
        """
        self.async_remove = async_remove
        """What goes with the entry when it is deleted: stored data, repair issues."""
        self.prepare = prepare
        """What has to be there before its entries are loaded, and while they are not."""
        self.actions = actions
        self.fix_flow = fix_flow
        """The answer to a repair issue of the kind's own, by its id and its data (with the kind)."""
        self.on_demand = on_demand
        """Those of `platforms` that few of its devices need: set up with their first description."""


def _load(name: str) -> Kind:
    kind: Kind = import_module(_DOORS[name], __package__).KIND
    return kind


async def async_get_kind(hass: HomeAssistant, name: str) -> Kind:
    """Return a kind of device by its name in KINDS, loading its code if it is not there yet."""
    if (known := _LOADED.get(name)) is None:
        known = _LOADED[name] = await hass.async_add_import_executor_job(_load, name)
    return known


async def async_find_kind(hass: HomeAssistant, name: str) -> Kind | None:
    """Return a kind for what concerns the whole home; None, logged once, if it does not load.

    A library that one kind needs may be broken or missing, or an entry be of a later release:
    that must not take the energy dashboard, the actions and the other entries with it. Setting up
    an entry of that kind fails by itself, with the reason.
    """
    try:
        kind = await async_get_kind(hass, name)
    except Exception as error:  # noqa: BLE001  importing runs whatever a library does
        if name not in _FAILED:
            _FAILED.add(name)
            LOGGER.error("What belongs to %s is left out, since it does not load: %r", name, error)
        return None
    _FAILED.discard(name)
    return kind


_LOADED: Final[dict[str, Kind]] = {}
_FAILED: Final[set[str]] = set()
