"""The actions of the integration: those of each kind, and those of the whole home."""

from homeassistant.core import HomeAssistant, callback

from .energy_dashboard.offer import async_setup_action
from .kinds import KINDS


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register all actions; they exist whether an entry is loaded or not."""
    async_setup_action(hass)
    for kind in KINDS.values():
        if kind.setup_actions is not None:
            kind.setup_actions(hass)
