"""What the set-up of all kinds of devices has in common."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import probatio as vol
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import (
    CONF_BROKER,
    CONF_CERTIFICATE,
    CONF_KIND,
    CONF_SOURCE,
    CONF_TLS,
    SOURCE_BROKER,
    SOURCE_HOME_ASSISTANT,
)
from .mqtt_link.link import Broker, LinkError, async_try_broker

MQTT_PORT: Final = 1883
MQTT_TLS_PORT: Final = 8883

PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
TEXT: Final = TextSelector()
MQTT_SOURCE: Final = SelectSelector(
    SelectSelectorConfig(
        options=[SOURCE_HOME_ASSISTANT, SOURCE_BROKER], translation_key="mqtt_source"
    )
)


def whole_number(minimum: int, maximum: int, unit: str | None = None) -> vol.All[int]:
    """Return the field for a whole number, typed rather than dragged."""
    config = NumberSelectorConfig(min=minimum, max=maximum, step=1, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return vol.All(NumberSelector(config), vol.Coerce(int))


BROKER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TEXT,
        vol.Optional(CONF_PORT): whole_number(1, 65535),
        vol.Required(CONF_TLS, default=False): BooleanSelector(),
        vol.Optional(CONF_USERNAME): TEXT,
        vol.Optional(CONF_PASSWORD): PASSWORD,
    }
)


class HausstromFlow(ConfigFlow):
    """Steps and endings that the kinds share."""

    def __init__(self) -> None:
        """Start with nothing known of the device."""
        self.entry_data: dict[str, Any] = {}
        """What will be the entry's data; the steps fill it."""
        self._after_broker: Callable[[], Awaitable[ConfigFlowResult]] | None = None

    # --- an own broker ------------------------------------------------------------

    async def async_ask_for_broker(
        self, then: Callable[[], Awaitable[ConfigFlowResult]]
    ) -> ConfigFlowResult:
        """Have the step `broker` fill entry_data, then go on with `then`."""
        self._after_broker = then
        return await self.async_step_broker()

    async def async_step_broker(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a broker of the device's own, and try it."""
        assert self._after_broker is not None  # noqa: S101  only async_ask_for_broker leads here
        errors: dict[str, str] = {}
        if user_input is not None:
            default_port = MQTT_TLS_PORT if user_input[CONF_TLS] else MQTT_PORT
            broker = Broker(
                host=user_input[CONF_HOST].strip(),
                port=user_input.get(CONF_PORT, default_port),
                tls=user_input[CONF_TLS],
                username=user_input.get(CONF_USERNAME),
                password=user_input.get(CONF_PASSWORD),
            )
            broker = replace(broker, certificate=self._pinned_certificate(broker))
            try:
                broker = await async_try_broker(self.hass, broker)
            except LinkError as error:
                errors["base"] = error.reason.value
            else:
                self.entry_data[CONF_BROKER] = broker.as_data()
                return await self._after_broker()
        return self.async_show_form(
            step_id="broker",
            data_schema=self.add_suggested_values_to_schema(
                BROKER_SCHEMA, user_input or self._known_broker()
            ),
            errors=errors,
        )

    def _known_broker(self) -> Mapping[str, Any]:
        known = self.entry_data.get(CONF_BROKER) or {}
        return {key: value for key, value in known.items() if value is not None}

    def _pinned_certificate(self, broker: Broker) -> str | None:
        """Return the certificate to trust: first use is the first use of this address."""
        known = self.entry_data.get(CONF_BROKER) or {}
        if not broker.tls or (known.get(CONF_HOST), known.get(CONF_PORT)) != (
            broker.host,
            broker.port,
        ):
            return None
        certificate: str | None = known.get(CONF_CERTIFICATE)
        return certificate

    # --- the ending ---------------------------------------------------------------

    async def async_finish(
        self,
        *,
        kind: str,
        unique_id: str,
        title: str,
        placeholders: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Make the entry from entry_data, or change the one that is there.

        The same device twice, or another device in place of the known one, is refused.
        """
        await self.async_set_unique_id(unique_id)
        data = {**self.entry_data, CONF_KIND: kind}
        if data.get(CONF_SOURCE) == SOURCE_HOME_ASSISTANT:
            # Left over from another try or from before: a password that nothing uses.
            data.pop(CONF_BROKER, None)
        if self.source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
            self._abort_if_unique_id_mismatch(reason="wrong_device")
            entry = (
                self._get_reauth_entry()
                if self.source == SOURCE_REAUTH
                else self._get_reconfigure_entry()
            )
            return self.async_update_reload_and_abort(entry, data=data)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(
            title=title,
            data=data,
            description=kind,
            description_placeholders=placeholders,
        )

    # --- second visits ------------------------------------------------------------

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change how a device is reached; the kind's async_reconfigure_<kind> asks."""
        if user_input is None:
            self.entry_data = {**self._get_reconfigure_entry().data}
        return await self._async_ask("reconfigure", user_input)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin to ask for what the device or its broker no longer accepts."""
        self.entry_data = {**entry_data}
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new secret; the kind's async_reauth_<kind> does."""
        return await self._async_ask("reauth", user_input)

    async def _async_ask(self, visit: str, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        ask: Callable[[dict[str, Any] | None], Awaitable[ConfigFlowResult]] = getattr(
            self, f"async_{visit}_{self.entry_data[CONF_KIND]}"
        )
        return await ask(user_input)
