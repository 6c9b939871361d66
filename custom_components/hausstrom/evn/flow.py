"""Setting up a smart meter: where its telegrams arrive, and the key that opens them."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, override

import probatio as vol
from homeassistant.components.mqtt import valid_publish_topic, valid_subscribe_topic
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.util import dt as dt_util
from paho.mqtt.client import topic_matches_sub

from ..const import (
    CONF_SOURCE,
    CONF_TOPIC,
    CONF_UPDATE_INTERVAL,
    SOURCE_BROKER,
    SOURCE_HOME_ASSISTANT,
)
from ..coordinator import HausstromConfigEntry
from ..flow import MQTT_SOURCE, PASSWORD, TEXT, KindFlow, whole_number
from ..mqtt_link.link import LinkError, LinkReason, MqttLink, MqttMessage
from ..mqtt_link.opening import link_from_data
from .const import (
    CONF_KEY,
    CONF_METER_NUMBER,
    CONF_PUBLISH_TOPIC,
    CONF_SYSTEM_TITLE,
    DEFAULT_TOPIC,
    DEFAULT_UPDATE_INTERVAL,
    LISTENING,
)
from .protocol.ciphering import manufacturer
from .protocol.errors import Reason
from .protocol.key import InvalidKeyError, parse_key
from .protocol.reader import MeterReader, Reading

KIND = "evn"

METER_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_SOURCE, default=SOURCE_HOME_ASSISTANT): MQTT_SOURCE,
        vol.Required(CONF_TOPIC, default=DEFAULT_TOPIC): TEXT,
        vol.Required(CONF_KEY): PASSWORD,
    }
)
KEY_SCHEMA = vol.Schema({vol.Required(CONF_KEY): PASSWORD})


class EvnFlow(KindFlow):
    """The steps of a smart meter."""

    async def async_step_evn(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the topic and the key, then listen."""
        return await self._async_ask_for_meter("evn", user_input)

    @override
    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for topic, broker and key again."""
        return await self._async_ask_for_meter("reconfigure", user_input)

    @override
    async def async_reauth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what no longer fits: the broker's login or the key."""
        if user_input is None and await self._async_broker_refuses():
            return await self.async_ask_for_broker(self._async_listen)
        return await self._async_ask_for_meter("reauth_confirm", user_input, KEY_SCHEMA)

    async def _async_ask_for_meter(
        self,
        step_id: str,
        user_input: dict[str, Any] | None,
        schema: vol.Schema = METER_SCHEMA,
        error: str | None = None,
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {} if error is None else {"base": error}
        key_text = ""
        if user_input is not None:
            key_text = user_input[CONF_KEY]
            self._typed = user_input
            self.entry_data.update(user_input)
            errors = self._check_meter()
            if not errors:
                self._listening_step = (step_id, schema)
                if CONF_SOURCE in user_input and self.entry_data[CONF_SOURCE] == SOURCE_BROKER:
                    return await self.async_ask_for_broker(self._async_listen)
                return await self._async_listen()
        shown = {key: value for key, value in self.entry_data.items() if key != CONF_KEY}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, {**shown, **self._typed}),
            errors=errors,
            description_placeholders={
                "name": self._meter_name,
                "length": str(len(key_text.strip())),
                "hex_digits": str(sum(letter in "0123456789abcdefABCDEF" for letter in key_text)),
                "seconds": f"{LISTENING:.0f}",
            },
        )

    _listening_step: tuple[str, vol.Schema] = ("evn", METER_SCHEMA)
    _typed: Mapping[str, Any] = MappingProxyType({})

    @property
    def _meter_name(self) -> str:
        title = self.entry_data.get(CONF_SYSTEM_TITLE, "")
        return manufacturer(bytes.fromhex(title)) or ""

    def _check_meter(self) -> dict[str, str]:
        """Put the key into its one spelling; return what is wrong with the fields."""
        errors = {}
        try:
            self.entry_data[CONF_KEY] = parse_key(self.entry_data[CONF_KEY]).hex()
        except InvalidKeyError:
            errors[CONF_KEY] = "invalid_key"
        topic = self.entry_data[CONF_TOPIC].strip()
        try:
            self.entry_data[CONF_TOPIC] = valid_subscribe_topic(topic)
        except vol.Invalid:
            errors[CONF_TOPIC] = "invalid_topic"
        else:
            if self.source == SOURCE_RECONFIGURE and _feeds_itself(
                topic, self._get_reconfigure_entry().options
            ):
                errors[CONF_TOPIC] = "feeds_itself"
        return errors

    async def _async_broker_refuses(self) -> bool:
        link = link_from_data(self.hass, self.entry_data)
        try:
            await link.async_start()
        except LinkError as error:
            return error.reason is LinkReason.INVALID_AUTH
        finally:
            await link.async_stop()
        return False

    async def _async_listen(self) -> ConfigFlowResult:
        """Wait for a telegram that the key opens; it tells which meter this is."""
        link = link_from_data(self.hass, self.entry_data)
        try:
            await link.async_start()
            reading = await _async_first_reading(
                link, self.entry_data[CONF_TOPIC], bytes.fromhex(self.entry_data[CONF_KEY])
            )
        except LinkError as error:
            return await self._async_ask_again(error.reason.value)
        except NothingFitsError as nothing:
            return await self._async_ask_again(nothing.error)
        finally:
            await link.async_stop()
        maker = manufacturer(reading.system_title) or "Smart Meter"
        self.entry_data[CONF_SYSTEM_TITLE] = reading.system_title.hex()
        self.entry_data[CONF_METER_NUMBER] = reading.meter_number
        return await self.async_finish(
            kind=KIND,
            unique_id=f"evn_{reading.system_title.hex()}",
            title=_title(maker, reading.meter_number),
            placeholders={"manufacturer": maker, "meter_number": reading.meter_number or "?"},
        )

    async def _async_ask_again(self, error: str) -> ConfigFlowResult:
        step_id, schema = self._listening_step
        return await self._async_ask_for_meter(step_id, None, schema, error)


def _title(maker: str, meter_number: str | None) -> str:
    """Name the entry so that two meters differ and a log does not tell the whole number."""
    return f"{maker} …{meter_number[-4:]}" if meter_number else maker


class NothingFitsError(Exception):
    """What came while listening was nothing, or nothing that the key opens."""

    def __init__(self, error: str) -> None:
        """Keep the key of the error that the form shows."""
        super().__init__(error)
        self.error = error


async def _async_first_reading(link: MqttLink, topic: str, key: bytes) -> Reading:
    """Return the first reading that the key opens; raises LinkError or NothingFitsError."""
    reader = MeterReader(key)
    found: asyncio.Future[Reading] = asyncio.get_running_loop().create_future()

    @callback
    def receive(message: MqttMessage) -> None:
        heard = reader.feed(message.payload, received=dt_util.utcnow(), retained=message.retain)
        if found.done():
            return
        if heard.readings:
            found.set_result(heard.readings[0])
        elif any(rejection.reason is Reason.WRONG_KEY for rejection in heard.rejections):
            found.set_exception(NothingFitsError("wrong_key"))

    unsubscribe = await link.async_subscribe(topic, receive)
    try:
        async with asyncio.timeout(LISTENING):
            return await found
    except TimeoutError:
        heard_anything = reader.rejected.total() > reader.rejected[Reason.RETAINED]
        raise NothingFitsError("not_a_telegram" if heard_anything else "no_telegram") from None
    finally:
        unsubscribe()


def options_schema(_entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a meter: how often states are written, where values go."""
    return vol.Schema(
        {
            vol.Required(CONF_UPDATE_INTERVAL, default=DEFAULT_UPDATE_INTERVAL): whole_number(
                0, 3600, "s"
            ),
            vol.Optional(CONF_PUBLISH_TOPIC): TEXT,
        }
    )


def check_options(entry: HausstromConfigEntry, options: Mapping[str, Any]) -> dict[str, str]:
    """Refuse a topic that cannot be published to, or whose messages would come back to us."""
    topic = options.get(CONF_PUBLISH_TOPIC, "")
    if not topic:
        return {}
    try:
        valid_publish_topic(topic)
    except vol.Invalid:
        return {CONF_PUBLISH_TOPIC: "invalid_topic"}
    if _feeds_itself(entry.data[CONF_TOPIC], options):
        return {CONF_PUBLISH_TOPIC: "feeds_itself"}
    return {}


def _feeds_itself(topic: str, options: Mapping[str, Any]) -> bool:
    published: str = options.get(CONF_PUBLISH_TOPIC, "")
    return bool(published) and topic_matches_sub(topic, published)
