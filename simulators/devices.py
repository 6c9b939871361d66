"""The devices that scripts/develop simulates: one row per config entry."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

from simulators.home_assistant_client import FlowSteps
from simulators.house import House


@dataclass(frozen=True, slots=True)
class SimulatedDevice:
    """A device that runs on this machine, and how a person would add it.

    `run` starts the device in the given house, keeps it running inside its context, and
    yields what to enter in the config flow: step → fields, the menu's option included.
    """

    name: str
    run: Callable[[House], AbstractAsyncContextManager[FlowSteps]]


DEVICES: Final[tuple[SimulatedDevice, ...]] = ()
