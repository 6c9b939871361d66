"""The answer to the question whether meters that came in great numbers are the user's own."""

from collections.abc import Mapping
from typing import Any

import probatio as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from .const import CONF_MOST_METERS


class AddMetersFlow(RepairsFlow):
    """Ask, and let the meters appear if the user says so; ignoring the question leaves them out."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        """Take the data of the question."""
        super().__init__()
        self._asked = asked

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Go to the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, and raise the bound by as many as are waiting."""
        entry = self.hass.config_entries.async_get_entry(str(self._asked["entry_id"]))
        if entry is None:
            return self.async_abort(reason="entry_removed")
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders=issue.translation_placeholders if issue else None,
            )
        options = {**entry.options, CONF_MOST_METERS: self._asked[CONF_MOST_METERS]}
        self.hass.config_entries.async_update_entry(entry, options=options)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


def fix_flow(_issue_id: str, data: Mapping[str, Any]) -> RepairsFlow:
    """Return the flow of a question of a SmartLog."""
    return AddMetersFlow(data)
