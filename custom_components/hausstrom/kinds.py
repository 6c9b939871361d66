"""The kinds of devices: the one list that everything else follows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import probatio as vol
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from .coordinator import HausstromConfigEntry, HausstromCoordinator
from .evn import flow as evn_flow
from .evn.coordinator import EvnCoordinator
from .senec.cloud import actions as senec_cloud_actions
from .senec.cloud import flow as senec_cloud_flow
from .senec.cloud.coordinator import SenecCloudCoordinator
from .senec.connect import flow as senec_connect_flow
from .senec.connect.coordinator import SenecConnectCoordinator
from .senec.local import flow as senec_local_flow
from .senec.local.actions import setup_actions as setup_senec_local_actions
from .senec.local.coordinator import SenecLocalCoordinator
from .smartlog import flow as smartlog_flow
from .smartlog.transports import make_coordinator as make_smartlog_coordinator
from .victron import flow as victron_flow
from .victron.coordinator import VictronCoordinator
from .victron.descriptions import PLATFORMS as VICTRON_PLATFORMS

type OptionsChecker = Callable[[HausstromConfigEntry, Mapping[str, Any]], dict[str, str]]


def _accept(_entry: HausstromConfigEntry, _options: Mapping[str, Any]) -> dict[str, str]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What one kind of device brings: its coordinator, its entities, its options."""

    coordinator: Callable[[HomeAssistant, HausstromConfigEntry], HausstromCoordinator]
    platforms: tuple[Platform, ...]
    options: Callable[[HausstromConfigEntry], vol.Schema]
    """The form of the options; defaults are what a fresh entry has."""
    check_options: OptionsChecker = _accept
    """What is wrong with the options (field: error key), if anything."""
    async_remove: Callable[[HomeAssistant, HausstromConfigEntry], Awaitable[None]] | None = None
    """What goes with the entry when it is deleted: stored data, repair issues."""
    setup_actions: Callable[[HomeAssistant], None] | None = None
    """Registers the kind's actions, once, whether an entry exists or not."""


class DeviceFlows(
    senec_local_flow.SenecLocalFlow,
    senec_cloud_flow.SenecCloudFlow,
    senec_connect_flow.SenecConnectFlow,
    evn_flow.EvnFlow,
    victron_flow.VictronFlow,
    smartlog_flow.SmartLogFlow,
):
    """The set-up steps of every kind."""


KINDS: Final[Mapping[str, Kind]] = {
    "senec_local": Kind(
        coordinator=SenecLocalCoordinator,
        platforms=(
            Platform.BINARY_SENSOR,
            Platform.BUTTON,
            Platform.NUMBER,
            Platform.SELECT,
            Platform.SENSOR,
            Platform.SWITCH,
        ),
        options=senec_local_flow.options_schema,
        async_remove=senec_local_flow.async_remove,
        setup_actions=setup_senec_local_actions,
    ),
    "senec_cloud": Kind(
        coordinator=SenecCloudCoordinator,
        platforms=(
            Platform.BINARY_SENSOR,
            Platform.NUMBER,
            Platform.SELECT,
            Platform.SENSOR,
            Platform.SWITCH,
            Platform.TIME,
        ),
        options=senec_cloud_flow.options_schema,
        async_remove=senec_cloud_flow.async_remove,
        setup_actions=senec_cloud_actions.setup_actions,
    ),
    "senec_connect": Kind(
        coordinator=SenecConnectCoordinator,
        platforms=(Platform.BINARY_SENSOR, Platform.SENSOR),
        options=senec_connect_flow.options_schema,
    ),
    "evn": Kind(
        coordinator=EvnCoordinator,
        platforms=(Platform.SENSOR,),
        options=evn_flow.options_schema,
        check_options=evn_flow.check_options,
        async_remove=evn_flow.async_remove,
    ),
    "victron": Kind(
        coordinator=VictronCoordinator,
        platforms=VICTRON_PLATFORMS,
        options=victron_flow.options_schema,
        async_remove=victron_flow.async_remove,
    ),
    "smartlog": Kind(
        coordinator=make_smartlog_coordinator,
        platforms=(Platform.BINARY_SENSOR, Platform.SENSOR),
        options=smartlog_flow.options_schema,
        async_remove=smartlog_flow.async_remove,
    ),
}
