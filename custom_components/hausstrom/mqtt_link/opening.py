"""Making links: what an entry's data describes, and trying a broker before an entry is made."""

from collections.abc import Mapping
from copy import replace
from typing import Any

from homeassistant.core import HomeAssistant

from ..const import CONF_BROKER, CONF_SOURCE, SOURCE_HOME_ASSISTANT
from ..tls import async_fetch_certificate
from .broker import BrokerLink
from .home_assistant import HomeAssistantLink
from .link import Broker, FailureListener, LinkError, LinkReason, MqttLink


async def async_try_broker(
    hass: HomeAssistant, broker: Broker, *, authority: str | None = None
) -> Broker:
    """Connect once; return the broker, with its certificate pinned if it signed its own.

    With an `authority` (PEM) nothing is taken at first use: what the system does not trust has
    to be signed by it. That is for brokers on the internet, where anybody may be in between.

    Raises LinkError if the broker cannot be reached or refuses the login.
    """
    link = BrokerLink(hass, broker)
    try:
        await link.async_start()
    except LinkError as error:
        if error.reason is not LinkReason.CERTIFICATE:
            raise
        if broker.authority:
            raise
        if authority is not None:
            return await async_try_broker(
                hass, replace(broker, certificate=authority, authority=True)
            )
        try:
            certificate = await async_fetch_certificate(broker.host, broker.port)
        except OSError as fetch_error:
            raise LinkError(LinkReason.CANNOT_CONNECT, str(fetch_error)) from fetch_error
        return await async_try_broker(hass, replace(broker, certificate=certificate))
    await link.async_stop()
    return broker


def link_from_data(
    hass: HomeAssistant, data: Mapping[str, Any], *, on_failure: FailureListener | None = None
) -> MqttLink:
    """Make the link that a config entry's data (source, broker) describes."""
    if data[CONF_SOURCE] == SOURCE_HOME_ASSISTANT:
        return HomeAssistantLink(hass)
    return BrokerLink(hass, Broker.from_data(data[CONF_BROKER]), on_failure=on_failure)
