"""A system of SENEC.Connect: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import Platform

from ...kinds import Kind, Later
from .coordinator import SenecConnectCoordinator

KIND: Final = Kind(
    coordinator=SenecConnectCoordinator,
    set_up=Later(__package__, "flow", "SETUP"),
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.SENSOR,
    ),
    energy_rows=Later(__package__, ".energy_rows", "CONNECT_ROWS"),
    energy_rank=4,
    may_be_shown=frozenset({"scan_interval", "model"}),
)
