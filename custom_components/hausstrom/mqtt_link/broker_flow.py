"""The set-up of devices that may have a broker of their own."""

from collections.abc import Awaitable, Callable, Mapping
from copy import replace
from typing import Any, Final, override

import probatio as vol
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.helpers.selector import BooleanSelector, SelectSelector, SelectSelectorConfig

from ..const import (
    CONF_BROKER,
    CONF_CERTIFICATE,
    CONF_TLS,
    SOURCE_BROKER,
    SOURCE_HOME_ASSISTANT,
)
from ..flow import PASSWORD, TEXT, KindFlow, whole_number
from .link import Broker, LinkError
from .opening import async_try_broker

MQTT_PORT: Final = 1883
MQTT_TLS_PORT: Final = 8883

MQTT_SOURCE: Final = SelectSelector(
    SelectSelectorConfig(
        options=[SOURCE_HOME_ASSISTANT, SOURCE_BROKER], translation_key="mqtt_source"
    )
)
BROKER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TEXT,
        vol.Optional(CONF_PORT): whole_number(1, 65535),
        vol.Required(CONF_TLS, default=False): BooleanSelector(),
        vol.Optional(CONF_USERNAME): TEXT,
        vol.Optional(CONF_PASSWORD): PASSWORD,
    }
)


class BrokerFlow(KindFlow):
    """The flow of a kind that is heard through a broker, with the step that asks for one."""

    @override
    def __init__(self, handler: ConfigFlow) -> None:
        """Start with nobody waiting for a broker."""
        super().__init__(handler)
        self._after_broker: Callable[[], Awaitable[ConfigFlowResult]] | None = None

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
