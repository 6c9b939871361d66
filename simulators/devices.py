"""The devices that scripts/develop simulates: one row per config entry."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from simulators.evn_device import evn_meter
from simulators.home_assistant_client import FlowSteps
from simulators.house import House
from simulators.senec_cloud_entries import (
    senec_connect,
    senec_p4_in_the_cloud,
    senec_v3_in_the_cloud,
)
from simulators.senec_local_devices import senec_v2_1, senec_v3
from simulators.smartlog import smartlog_by_mqtt, smartlog_by_webhook
from simulators.victron_gx import run_gx


@dataclass(frozen=True, slots=True)
class SimulatedDevice:
    """A device that runs on this machine, and how a person would add it.

    `run` starts the device in the given house, keeps it running inside its context, and
    yields what to enter in the config flow: step → fields, the menu's option included.
    """

    name: str
    run: Callable[[House], AbstractAsyncContextManager[FlowSteps]]


METER: Final = "EVN smart meter"
DEVICES: Final = (
    SimulatedDevice(METER, evn_meter),
    SimulatedDevice("SENEC.Home V3", senec_v3),
    SimulatedDevice("SENEC.Home V2.1", senec_v2_1),
    SimulatedDevice("SENEC V3 from the cloud", senec_v3_in_the_cloud),
    SimulatedDevice("SENEC P4 from the cloud", senec_p4_in_the_cloud),
    SimulatedDevice("SENEC P4 through SENEC.Connect", senec_connect),
    SimulatedDevice("SmartLog by MQTT", smartlog_by_mqtt),
    SimulatedDevice("SmartLog by webhook", smartlog_by_webhook),
    SimulatedDevice("Victron GX", run_gx),
)

HOMES: Final = {
    "home": (
        METER,
        "SENEC.Home V3",
        "SENEC V3 from the cloud",
        "Victron GX",
        "SmartLog by MQTT",
    ),
    "family": (METER, "SENEC.Home V3", "SENEC V3 from the cloud"),
    "victron": ("Victron GX",),
    "building": ("SmartLog by MQTT",),
    "meter": (METER,),
    "all": tuple(device.name for device in DEVICES),
}
"""Which devices make one home together; in `all` further homes stand beside it."""
