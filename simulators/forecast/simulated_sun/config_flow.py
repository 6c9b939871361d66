"""Adds the forecast without a question."""

from typing import Any, override

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult


class SimulatedSunFlow(ConfigFlow, domain="simulated_sun"):
    """One step."""

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Add it."""
        return self.async_create_entry(title="Simulated sun", data={})
