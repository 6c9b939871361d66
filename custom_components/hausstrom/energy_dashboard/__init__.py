"""The energy dashboard: what it lacks of a home, the offer to add that, and the action that does."""

from importlib import import_module

from homeassistant.core import HomeAssistant


async def async_load(hass: HomeAssistant) -> None:
    """Load what finds the missing sources: when somebody asks, not while Home Assistant starts."""
    await hass.async_add_import_executor_job(_load)


def _load() -> None:
    for module in ("fill", "offer"):
        import_module(f".{module}", __package__)
