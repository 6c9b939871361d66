"""The questions of a local SENEC under Repairs: shown, answered, looked at once more, done."""

from collections.abc import Mapping
from typing import Any

import probatio as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers import issue_registry as ir

from ...const import DOMAIN
from .trust import async_agree


class TrustFlow(RepairsFlow):
    """Ask whether who answers is to be trusted from now on."""

    def __init__(self, agreed: Mapping[str, Any]) -> None:
        """Take the data of the question."""
        super().__init__()
        self._agreed = agreed

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Go to the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, and do what was agreed to."""
        errors: dict[str, str] = {}
        if user_input is not None:
            entry = self.hass.config_entries.async_get_entry(str(self._agreed["entry_id"]))
            if entry is None:
                return self.async_abort(reason="entry_removed")
            reason = await async_agree(self.hass, entry, self._agreed)
            if reason is None:
                self.hass.config_entries.async_schedule_reload(entry.entry_id)
                return self.async_create_entry(data={})
            if reason != "cannot_connect":
                return self.async_abort(reason=reason)
            errors["base"] = reason
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            errors=errors,
            description_placeholders=issue.translation_placeholders if issue else None,
        )


def fix_flow(_issue_id: str, data: Mapping[str, Any]) -> RepairsFlow:
    """Return the flow of a question; its data says what is asked."""
    return TrustFlow(data)
