"""The repair that adds a home to the energy dashboard: a choice per source, and our dashboard."""

from collections import defaultdict
from typing import Any, Final

import probatio as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..boards import async_add_board, async_has_board
from ..common.text import plain
from .fill import async_fill, async_texts, line_of
from .offer import async_note, async_offered
from .plan import Source

CONF_DASHBOARD: Final = "dashboard"


class FillEnergyDashboardFlow(RepairsFlow):
    """Say what the energy dashboard lacks, and add what the user wants of it."""

    _sources: list[Source]

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> RepairsFlowResult:
        """Go to the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask, and add.

        A field per role, since the frontend names fields in the language of the user, and
        only what Home Assistant itself says in that of the server.
        """
        if user_input is not None:
            return await self._add(user_input)
        self._sources = await async_offered(self.hass)
        if not self._sources:
            return self.async_abort(reason="nothing_missing")
        roles: defaultdict[str, list[Source]] = defaultdict(list)
        for source in self._sources:
            roles[source.row.name or source.role].append(source)
        schema: dict[vol.Marker, Any] = {
            vol.Optional(role, default=[one.unique_id for one in sources]): _choice(sources)
            for role, sources in roles.items()
        }
        if not await async_has_board(self.hass):
            schema[vol.Optional(CONF_DASHBOARD, default=True)] = BooleanSelector()
        texts = await async_texts(self.hass)
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema(schema),
            description_placeholders={
                "sources": "\n".join(f"- {plain(line_of(one, texts))}" for one in self._sources)
            },
        )

    async def _add(self, wanted: dict[str, Any]) -> RepairsFlowResult:
        chosen = {one for value in wanted.values() if isinstance(value, list) for one in value}
        plan = await async_fill(self.hass, only=chosen)
        if wanted.get(CONF_DASHBOARD):
            await async_add_board(self.hass)
        await async_note(self.hass, plan.added)
        return self.async_create_entry(data={})


def _choice(sources: list[Source]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=source.unique_id, label=source.name or source.device_name)
                for source in sources
            ],
            multiple=True,
            mode=SelectSelectorMode.LIST,
        )
    )
