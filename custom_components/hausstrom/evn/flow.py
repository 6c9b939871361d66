"""Setting up a smart meter: where its telegrams arrive, and the keys that open them."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from types import MappingProxyType
from typing import Any, Final, override

import probatio as vol
from homeassistant.components.mqtt import valid_subscribe_topic
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PORT
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SerialPortSelector,
)
from homeassistant.setup import async_setup_component

from ..const import (
    CONF_BROKER,
    CONF_SOURCE,
    CONF_TOPIC,
    SOURCE_BROKER,
    SOURCE_HOME_ASSISTANT,
)
from ..flow import PASSWORD, TEXT, KindFlow
from ..kinds import SetUp
from ..mqtt_link.broker_flow import BrokerFlow
from ..mqtt_link.link import LinkError, LinkReason
from ..mqtt_link.opening import link_from_data
from .const import (
    CONF_AUTHENTICATION_KEY,
    CONF_KEY,
    CONF_LINE,
    CONF_METER_NUMBER,
    CONF_SYSTEM_TITLE,
    DEFAULT_TOPIC,
    LISTENING,
    LISTENING_AGAIN,
    QUICK,
    SOURCE_SERIAL,
)
from .listening import Ear, Nothing, async_listen_mqtt, async_listen_port
from .memory import Handover, forget, hand_over
from .options import check_options, feeds_itself, options_schema
from .protocol.ciphering import manufacturer
from .protocol.key import InvalidKeyError, parse_key
from .protocol.reader import Reading
from .serial_link import PortError
from .topics import is_of_several

KIND = "evn"

SOURCE = SelectSelector(
    SelectSelectorConfig(
        options=[SOURCE_HOME_ASSISTANT, SOURCE_BROKER, SOURCE_SERIAL],
        translation_key="meter_source",
    )
)
METER_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_SOURCE, default=SOURCE_HOME_ASSISTANT): SOURCE,
        vol.Optional(CONF_TOPIC, default=DEFAULT_TOPIC): TEXT,
        vol.Required(CONF_KEY): PASSWORD,
        vol.Optional(CONF_AUTHENTICATION_KEY): PASSWORD,
    }
)
KEY_SCHEMA = vol.Schema(
    {vol.Required(CONF_KEY): PASSWORD, vol.Optional(CONF_AUTHENTICATION_KEY): PASSWORD}
)
PORT_SCHEMA = vol.Schema({vol.Required(CONF_PORT): SerialPortSelector()})

_KEYS = frozenset({CONF_KEY, CONF_AUTHENTICATION_KEY})


class EvnFlow(BrokerFlow):
    """The steps of a smart meter."""

    _asking: tuple[str, vol.Schema] = ("evn", METER_SCHEMA)
    _typed: Mapping[str, Any] = MappingProxyType({})
    failed: tuple[Mapping[str, Any], str] = (MappingProxyType({}), "")  # what was entered, and said
    _ear: Ear | None = None
    _task: asyncio.Task[Nothing | None] | None = None
    _seconds: float = LISTENING

    async def async_step_evn(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the source and the keys, then listen."""
        return await self._async_ask_for_meter("evn", user_input)

    @override
    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for source, broker or port, and keys again."""
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
        nothing: Nothing | None = None,
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {} if nothing is None else {"base": nothing.error}
        key_text = ""
        if user_input is not None:
            key_text = user_input[CONF_KEY]
            self._typed = user_input
            self._take_meter(user_input)
            errors = self._check_meter()
            if CONF_AUTHENTICATION_KEY in errors:
                key_text = user_input[CONF_AUTHENTICATION_KEY]
            if not errors:
                self._asking = (step_id, schema)
                source = self.entry_data[CONF_SOURCE]
                if CONF_SOURCE in user_input and source == SOURCE_BROKER:
                    return await self.async_ask_for_broker(self._async_listen)
                if CONF_SOURCE in user_input and source == SOURCE_SERIAL:
                    return await self.async_step_serial()
                return await self._async_listen()
        shown = {key: value for key, value in self.entry_data.items() if key not in _KEYS}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, {**shown, **self._typed}),
            errors=errors,
            description_placeholders={
                "name": self._meter_name,
                "length": str(len(key_text.strip())),
                "hex_digits": str(sum(letter in "0123456789abcdefABCDEF" for letter in key_text)),
                **self._places(),
                **(nothing.placeholders if nothing is not None else {}),
            },
        )

    def _places(self) -> dict[str, str]:
        seconds, minutes = f"{self._seconds:.0f}", f"{LISTENING_AGAIN / 60:.0f}"
        port: str = self.entry_data.get(CONF_PORT, "")
        return {"seconds": seconds, "minutes": minutes, "port": port}

    def _take_meter(self, user_input: Mapping[str, Any]) -> None:
        """Put what was typed into the entry's data; an emptied second key is gone."""
        self.entry_data.update(user_input)
        if not user_input.get(CONF_AUTHENTICATION_KEY, "").strip():
            self.entry_data.pop(CONF_AUTHENTICATION_KEY, None)

    @property
    def _meter_name(self) -> str:
        title = self.entry_data.get(CONF_SYSTEM_TITLE, "")
        return manufacturer(bytes.fromhex(title)) or ""

    def _check_meter(self) -> dict[str, str]:
        """Put the keys into their one spelling; return what is wrong with the fields."""
        errors = {}
        for field in (CONF_KEY, CONF_AUTHENTICATION_KEY):
            if (text := self.entry_data.get(field)) is None:
                continue
            try:
                self.entry_data[field] = parse_key(text).hex()
            except InvalidKeyError:
                errors[field] = "invalid_key"
        if self.entry_data[CONF_SOURCE] == SOURCE_SERIAL:
            return errors
        topic = self.entry_data.get(CONF_TOPIC, DEFAULT_TOPIC).strip()
        try:
            self.entry_data[CONF_TOPIC] = valid_subscribe_topic(topic)
        except vol.Invalid:
            errors[CONF_TOPIC] = "invalid_topic"
        else:
            if self.source == SOURCE_RECONFIGURE and feeds_itself(
                topic, self._get_reconfigure_entry().options
            ):
                errors[CONF_TOPIC] = "feeds_itself"
        return errors

    # --- a serial port ------------------------------------------------------------

    async def async_step_serial(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the port, or its address in the network, then listen at it."""
        if user_input is not None:
            self.entry_data[CONF_PORT] = user_input[CONF_PORT].strip()
            self._asking = ("serial", PORT_SCHEMA)
            return await self._async_listen()
        # The list of ports in the form is that of Home Assistant's own `usb`.
        await async_setup_component(self.hass, "usb", {})
        return self._show_ports()

    def _show_ports(self, nothing: Nothing | None = None) -> ConfigFlowResult:
        known = self.entry_data.get(CONF_PORT)
        return self.async_show_form(
            step_id="serial",
            data_schema=self.add_suggested_values_to_schema(
                PORT_SCHEMA, {CONF_PORT: known} if known else {}
            ),
            errors={} if nothing is None else {"base": nothing.error},
            description_placeholders={
                **self._places(),
                **(nothing.placeholders if nothing is not None else {}),
            },
        )

    # --- listening ----------------------------------------------------------------

    async def _async_broker_refuses(self) -> bool:
        if self.entry_data[CONF_SOURCE] == SOURCE_SERIAL:
            return False
        link = link_from_data(self.hass, self.entry_data)
        try:
            await link.async_start()
        except LinkError as error:
            return error.reason is LinkReason.INVALID_AUTH
        finally:
            await link.async_stop()
        return False

    async def _async_listen(self) -> ConfigFlowResult:
        """Wait for telegrams that the key opens; they tell which meter this is."""
        second = self.entry_data.get(CONF_AUTHENTICATION_KEY)
        again, said = self.failed
        patient = again == self.entry_data
        seconds = LISTENING_AGAIN if patient and said == "no_telegram" else LISTENING
        self._ear = Ear(
            self.hass,
            bytes.fromhex(self.entry_data[CONF_KEY]),
            bytes.fromhex(second) if second else None,
            port=self.entry_data[CONF_SOURCE] == SOURCE_SERIAL,
            patience=LISTENING,
            patient=patient,
            shared=is_of_several(self.entry_data.get(CONF_TOPIC, "")),
        )
        self._seconds = self._patience(seconds)
        self._task = self.hass.async_create_background_task(
            self._async_hear(self._ear), "hausstrom listening for a meter"
        )
        # Most meters are known in seconds: no need to show that something goes on.
        await asyncio.wait({self._task}, timeout=QUICK)
        if self._task.done():
            return await self.async_step_heard()
        return await self.async_step_listen()

    def _patience(self, seconds: float) -> float:
        """Return how long to listen: where the meter's interval is known, for two of them."""
        entry = self._known_entry
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return seconds
        # Only a coordinator of this kind has it, and a flow loads none.
        interval: float | None = getattr(entry.runtime_data, "interval", None)
        return max(seconds, 2.2 * (interval or 0.0))

    async def async_step_listen(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show that Hausstrom is still listening."""
        assert self._task is not None  # noqa: S101  _async_listen made it
        if self._task.done():
            return self.async_show_progress_done(next_step_id="heard")
        return self.async_show_progress(
            step_id="listen",
            progress_action="listen",
            description_placeholders=self._places(),
            progress_task=self._task,
        )

    async def _async_hear(self, ear: Ear) -> Nothing | None:
        """Listen; return why no meter was found."""
        try:
            if self.entry_data[CONF_SOURCE] == SOURCE_SERIAL:
                await self._async_hear_port(ear)
            else:
                await self._async_hear_mqtt(ear)
        except LinkError as error:
            return Nothing(error.reason.value, {})
        except PortError as error:
            return Nothing(error.reason.value, {"port": self.entry_data[CONF_PORT]})
        return None if ear.found is not None else ear.nothing()

    async def _async_hear_port(self, ear: Ear) -> None:
        port = self.entry_data[CONF_PORT]
        # A port can be opened once: the entry that is set up again has it.
        entry = self._entry_at(port)
        if entry is not None:
            await self.hass.config_entries.async_unload(entry.entry_id)
        try:
            line = await async_listen_port(ear, port, self._seconds)
            self.entry_data[CONF_LINE] = line.name
        finally:
            if entry is not None and entry.state is ConfigEntryState.NOT_LOADED:
                await self.hass.config_entries.async_setup(entry.entry_id)

    def _entry_at(self, port: str) -> ConfigEntry | None:
        """Return the entry that is set up again, if it reads this port now."""
        entry = self._known_entry
        if entry is None or entry.data.get(CONF_PORT) != port:
            return None
        return entry if entry.state in _READING else None

    @property
    def _known_entry(self) -> ConfigEntry | None:
        """The entry that is set up again; None where a new one is made."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return self._get_reauth_entry() if self.source == SOURCE_REAUTH else None

    async def _async_hear_mqtt(self, ear: Ear) -> None:
        link = link_from_data(self.hass, self.entry_data)
        try:
            await link.async_start()
            await async_listen_mqtt(ear, link, self.entry_data[CONF_TOPIC], self._seconds)
        finally:
            await link.async_stop()

    async def async_step_heard(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Make the entry of the meter that was found, or ask again."""
        assert self._task is not None  # noqa: S101  _async_listen made it
        nothing = await self._task
        if nothing is not None:
            self.failed = (dict(self.entry_data), nothing.error)
            step_id, schema = self._asking
            if step_id == "serial" and nothing.error in _OF_THE_KEYS:
                step_id, schema = self._first_step, METER_SCHEMA
            elif step_id == "serial":
                return self._show_ports(nothing)
            return await self._async_ask_for_meter(step_id, None, schema, nothing)
        assert self._ear is not None  # noqa: S101  as above
        reading = self._ear.found
        assert reading is not None  # noqa: S101  _async_hear has looked
        return await self._async_found(self._ear, reading)

    @property
    def _first_step(self) -> str:
        return "reconfigure" if self.source == SOURCE_RECONFIGURE else "evn"

    async def _async_found(self, ear: Ear, reading: Reading) -> ConfigFlowResult:
        maker = manufacturer(reading.system_title) or "Smart Meter"
        unique_id = f"evn_{reading.system_title.hex()}"
        self.entry_data[CONF_SYSTEM_TITLE] = reading.system_title.hex()
        self.entry_data[CONF_METER_NUMBER] = reading.meter_number
        self._drop_what_is_not_used()
        if self.source == SOURCE_RECONFIGURE:
            # Whoever sets the meter up again says that what it shows now is right.
            await forget(self.hass, self._get_reconfigure_entry().entry_id)
        keys = (self.entry_data[CONF_KEY], self.entry_data.get(CONF_AUTHENTICATION_KEY))
        hand_over(
            self.hass,
            unique_id,
            Handover(keys, ear.reader, ear.reading, ear.rhythm, monotonic()),
        )
        return await self.async_finish(
            kind=KIND,
            unique_id=unique_id,
            title=_title(maker, reading.meter_number),
            placeholders={"manufacturer": maker, "meter_number": reading.meter_number or "?"},
        )

    def _drop_what_is_not_used(self) -> None:
        """Take out what belongs to another source, left over from a try before."""
        if self.entry_data[CONF_SOURCE] == SOURCE_SERIAL:
            unused = [CONF_TOPIC, CONF_BROKER]
        else:
            unused = [CONF_PORT, CONF_LINE]
        for key in unused:
            self.entry_data.pop(key, None)

    @override
    def begin_again(self, before: KindFlow) -> None:
        """Listen for longer where the same was entered before and nothing came."""
        super().begin_again(before)
        if isinstance(before, EvnFlow):
            self.failed = before.failed

    @callback
    @override
    def async_remove(self) -> None:
        """Stop listening: the dialog was closed."""
        if self._task is not None and not self._task.done():
            self._task.cancel()


_READING = frozenset({ConfigEntryState.LOADED, ConfigEntryState.SETUP_RETRY})
_OF_THE_KEYS = frozenset({"wrong_key", "wrong_authentication_key"})


def _title(maker: str, meter_number: str | None) -> str:
    """Name the entry so that two meters differ and a log does not tell the whole number."""
    return f"{maker} …{meter_number[-4:]}" if meter_number else maker


SETUP: Final = SetUp(flow=EvnFlow, options=options_schema, check_options=check_options)
