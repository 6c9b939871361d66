"""Problems that only the user can decide, and the flows that do what is decided."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import probatio as vol
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from yarl import URL

from .certificates import async_report_certificate, certificate_holder
from .const import CONF_CERTIFICATE, CONF_KIND, DOMAIN
from .coordinator import HausstromConfigEntry
from .energy_dashboard.offer import OFFER
from .kinds import Later, async_get_kind
from .tls import async_fetch_certificate

_FILL: Final[Later[Callable[[], RepairsFlow]]] = Later(
    __package__, "energy_dashboard.repair", "FillEnergyDashboardFlow"
)


class AcceptCertificateFlow(RepairsFlow):
    """Show both fingerprints and trust the new certificate if the user says so."""

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Go to the question."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, and pin the certificate that was shown when the issue was raised."""
        if user_input is None:
            issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders=issue.translation_placeholders if issue else None,
            )
        assert self.data is not None  # noqa: S101  async_report_certificate gave it
        entry = self.hass.config_entries.async_get_entry(str(self.data["entry_id"]))
        if entry is None:
            return self.async_abort(reason="entry_removed")
        return await self._async_trust(entry, str(self.data[CONF_CERTIFICATE]))

    async def _async_trust(self, entry: HausstromConfigEntry, asked: str) -> RepairsFlowResult:
        """Trust what the question was about, if that is still what the device shows."""
        data = dict(entry.data)
        holder = certificate_holder(data)
        try:
            shown = await async_fetch_certificate(*_address(holder))
        except OSError:
            return self.async_abort(reason="cannot_connect")
        if shown == holder.get(CONF_CERTIFICATE):
            # The right one is back, and with it the reason for the question gone.
            return self.async_create_entry(data={})
        if shown != asked:
            async_report_certificate(self.hass, entry, shown)
            return self.async_abort(reason="another_certificate")
        holder[CONF_CERTIFICATE] = shown
        self.hass.config_entries.async_update_entry(entry, data=data)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


def _address(holder: Mapping[str, Any]) -> tuple[str, int]:
    """Return host and port of a broker, or of a device that is spoken to over https."""
    host = str(holder[CONF_HOST])
    if port := holder.get(CONF_PORT):
        return host, int(port)
    url = URL(f"https://{host}")
    return str(url.host), url.port or 443


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow for a fixable issue: the home's, a kind's own, or that of a certificate."""
    if issue_id == OFFER:
        return (await _FILL.async_get(hass))()
    if data is not None and (name := data.get(CONF_KIND)) is not None:
        kind = await async_get_kind(hass, str(name))
        if kind.fix_flow is not None:
            return (await kind.fix_flow.async_get(hass))(issue_id, data)
    return AcceptCertificateFlow()
