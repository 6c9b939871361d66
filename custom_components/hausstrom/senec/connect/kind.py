"""A system of SENEC.Connect: what the rest of the integration may know of it."""

from typing import Final

from homeassistant.const import Platform

from ...kinds import Kind
from ..energy_rows import senec_rows
from .coordinator import SenecConnectCoordinator
from .flow import SenecConnectFlow, options_schema

KIND: Final = Kind(
    coordinator=SenecConnectCoordinator,
    flow=SenecConnectFlow,
    platforms=(
        Platform.BINARY_SENSOR,
        Platform.SENSOR,
    ),
    options=options_schema,
    energy_rows=senec_rows("senec_connect"),
    may_be_shown=frozenset({"scan_interval", "model"}),
)
