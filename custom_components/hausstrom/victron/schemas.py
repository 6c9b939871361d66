"""The forms of a GX: how it is reached, and its options."""

from typing import Final

import probatio as vol
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_SOURCE, CONF_TLS, CONF_UPDATE_INTERVAL, SOURCE_HOME_ASSISTANT
from ..coordinator import HausstromConfigEntry
from ..flow import PASSWORD, TEXT, whole_number
from ..mqtt_link.broker_flow import MQTT_TLS_PORT
from .const import (
    CONF_CONTROLS,
    CONF_PAIRING,
    CONF_PORTAL_ID,
    CONF_SERVICES,
    CONF_TAKE_OVER,
    CONF_TOKEN,
    CONF_TOPIC_PREFIX,
    DEFAULT_UPDATE_INTERVAL,
    SOURCE_GX,
    SOURCE_VRM,
)
from .protocol.catalogue import SERVICES

SOURCE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_SOURCE, default=SOURCE_GX): SelectSelector(
            SelectSelectorConfig(
                options=[SOURCE_GX, SOURCE_HOME_ASSISTANT, SOURCE_VRM],
                translation_key="victron_source",
                mode=SelectSelectorMode.LIST,
            )
        )
    }
)
GX_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TEXT,
        vol.Optional(CONF_PORT, default=MQTT_TLS_PORT): whole_number(1, 65535),
        vol.Optional(CONF_TLS, default=True): BooleanSelector(),
        vol.Optional(CONF_USERNAME): TEXT,
        vol.Optional(CONF_PASSWORD): PASSWORD,
        vol.Optional(CONF_PAIRING, default=False): BooleanSelector(),
    }
)
VRM_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PORTAL_ID): TEXT,
        vol.Required(CONF_USERNAME): TEXT,
        vol.Optional(CONF_TOKEN): PASSWORD,
        vol.Optional(CONF_PASSWORD): PASSWORD,
    }
)
REPLACED_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_TAKE_OVER, default=False): BooleanSelector()}
)
BRIDGE_SCHEMA: Final = vol.Schema({vol.Optional(CONF_TOPIC_PREFIX): TEXT})
LOGIN_SCHEMA: Final = vol.Schema({vol.Optional(CONF_PASSWORD): PASSWORD})


def options_schema(_entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a GX: which devices, how often, and whether it may be set."""
    services = SelectSelectorConfig(
        options=list(SERVICES),
        multiple=True,
        translation_key="victron_services",
        mode=SelectSelectorMode.DROPDOWN,
        sort=True,
    )
    return vol.Schema(
        {
            vol.Required(CONF_SERVICES, default=list(SERVICES)): SelectSelector(services),
            vol.Required(CONF_UPDATE_INTERVAL, default=DEFAULT_UPDATE_INTERVAL): whole_number(
                1, 600, "s"
            ),
            vol.Required(CONF_CONTROLS, default=False): BooleanSelector(),
        }
    )
