"""Setting up a SmartLog: how its reports come, and the first of them."""

import asyncio
import secrets
from typing import Any, Final, override

import probatio as vol
from homeassistant.components.mqtt import valid_subscribe_topic
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME, CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..common.text import tail
from ..const import CONF_SOURCE, CONF_TOPIC, DOMAIN, SOURCE_BROKER, SOURCE_HOME_ASSISTANT
from ..flow import TEXT
from ..kinds import SetUp
from ..mqtt_link.broker_flow import MQTT_SOURCE, BrokerFlow
from ..mqtt_link.link import LinkError
from .const import (
    CONF_CLOUDHOOK,
    CONF_GATEWAY_ID,
    CONF_LOCAL_ONLY,
    CONF_SMARTLOG_ID,
    CONF_TRANSPORT,
    DEFAULT_TOPIC,
    DEFAULT_USERNAME,
    TRANSPORT_MQTT,
    TRANSPORT_WEBHOOK,
)
from .handover import FIRST_REPORTS
from .listen import FirstReport, NothingHeardError, async_first_message, async_first_post
from .options import check_options, options_schema
from .webhook import (
    async_create_cloudhook,
    async_delete_cloudhook,
    async_remove_door,
    report_address,
)

KIND = "smartlog"

# The password is shown: it has to be copied into the logger.
_SHOWN_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.TEXT, autocomplete="off"))
_TRANSPORT = SelectSelector(
    SelectSelectorConfig(
        options=[TRANSPORT_MQTT, TRANSPORT_WEBHOOK], translation_key="smartlog_transport"
    )
)
TRANSPORT_SCHEMA = vol.Schema({vol.Required(CONF_TRANSPORT, default=TRANSPORT_MQTT): _TRANSPORT})
MQTT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_SOURCE, default=SOURCE_HOME_ASSISTANT): MQTT_SOURCE,
        vol.Required(CONF_TOPIC, default=DEFAULT_TOPIC): TEXT,
    }
)
WEBHOOK_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME, default=DEFAULT_USERNAME): TEXT,
        vol.Required(CONF_PASSWORD): _SHOWN_PASSWORD,
        vol.Required(CONF_LOCAL_ONLY, default=False): BooleanSelector(),
    }
)
_WITH_ID = {vol.Optional(CONF_SMARTLOG_ID): TEXT}


class SmartLogFlow(BrokerFlow):
    """The steps of a SmartLog."""

    _smartlog_listening: asyncio.Task[FirstReport] | None = None
    _smartlog_heard: FirstReport | None = None
    _smartlog_error: str | None = None
    _other_smartlogs: str = ""

    async def async_step_smartlog(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how the reports come."""
        if user_input is None:
            return self.async_show_form(step_id="smartlog", data_schema=TRANSPORT_SCHEMA)
        self.entry_data[CONF_TRANSPORT] = user_input[CONF_TRANSPORT]
        if user_input[CONF_TRANSPORT] == TRANSPORT_MQTT:
            return await self.async_step_smartlog_mqtt()
        return await self.async_step_smartlog_webhook()

    # --- MQTT ---------------------------------------------------------------------

    async def async_step_smartlog_mqtt(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for topic and broker, then listen."""
        errors = self._errors_of_listening()
        if user_input is not None:
            errors = self._take_smartlog_mqtt(user_input)
            if not errors:
                await self._async_take_smartlog_id(user_input)
                if self.entry_data[CONF_SOURCE] == SOURCE_BROKER:
                    return await self.async_ask_for_broker(self.async_step_smartlog_listen)
                return await self.async_step_smartlog_listen()
        return self._smartlog_form(
            "smartlog_mqtt", MQTT_SCHEMA.extend(_WITH_ID), user_input, errors
        )

    async def async_step_smartlog_mqtt_again(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for topic and broker again."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take_smartlog_mqtt(user_input)
            if not errors:
                if self.entry_data[CONF_SOURCE] == SOURCE_BROKER:
                    return await self.async_ask_for_broker(self._async_finish_smartlog_again)
                return await self._async_finish_smartlog_again()
        return self._smartlog_form("smartlog_mqtt_again", MQTT_SCHEMA, user_input, errors)

    def _take_smartlog_mqtt(self, user_input: dict[str, Any]) -> dict[str, str]:
        self.entry_data[CONF_SOURCE] = user_input[CONF_SOURCE]
        topic = user_input[CONF_TOPIC].strip()
        self.entry_data[CONF_TOPIC] = topic
        try:
            valid_subscribe_topic(topic)
        except vol.Invalid:
            return {CONF_TOPIC: "invalid_topic"}
        return {}

    # --- webhook ------------------------------------------------------------------

    async def async_step_smartlog_webhook(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the credentials that the logger will send, then show the address."""
        errors = self._errors_of_listening()
        if user_input is not None:
            errors = self._take_smartlog_webhook(user_input)
            if not errors:
                await self._async_take_smartlog_id(user_input)
                await self._async_choose_smartlog_address()
                return await self.async_step_smartlog_address()
        self.entry_data.setdefault(CONF_PASSWORD, secrets.token_urlsafe(15))
        return self._smartlog_form(
            "smartlog_webhook", WEBHOOK_SCHEMA.extend(_WITH_ID), user_input, errors
        )

    async def async_step_smartlog_webhook_again(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the address and the credentials again, to be changed."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._take_smartlog_webhook(user_input)
            if not errors:
                await self._async_choose_smartlog_address()
                return await self._async_finish_smartlog_again()
        return self._smartlog_form("smartlog_webhook_again", WEBHOOK_SCHEMA, user_input, errors)

    def _take_smartlog_webhook(self, user_input: dict[str, Any]) -> dict[str, str]:
        for name in (CONF_USERNAME, CONF_PASSWORD, CONF_LOCAL_ONLY):
            self.entry_data[name] = user_input[name]
        if ":" in user_input[CONF_USERNAME] or not user_input[CONF_USERNAME]:
            return {CONF_USERNAME: "invalid_username"}
        if not user_input[CONF_PASSWORD]:
            return {CONF_PASSWORD: "password_empty"}
        return {}

    async def _async_choose_smartlog_address(self) -> None:
        """Give the webhook its address; short, as the logger's field may be."""
        webhook_id = self.entry_data.setdefault(CONF_WEBHOOK_ID, secrets.token_hex(16))
        if self.entry_data[CONF_LOCAL_ONLY]:
            if self.entry_data.pop(CONF_CLOUDHOOK, None):
                await async_delete_cloudhook(self.hass, webhook_id)
        elif CONF_CLOUDHOOK not in self.entry_data and (
            cloudhook := await async_create_cloudhook(self.hass, webhook_id)
        ):
            self.entry_data[CONF_CLOUDHOOK] = cloudhook

    async def async_step_smartlog_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what to enter in the logger."""
        return self.async_show_menu(
            step_id="smartlog_address",
            menu_options=self._smartlog_ways_on("smartlog_listen"),
            description_placeholders=self._smartlog_placeholders(),
        )

    # --- the first report -----------------------------------------------------------

    async def async_step_smartlog_listen(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Wait for the first report."""
        if self._smartlog_listening is None:
            self._smartlog_listening = self.hass.async_create_task(
                self._async_listen_smartlog(), eager_start=False
            )
        if not self._smartlog_listening.done():
            return self.async_show_progress(
                step_id="smartlog_listen",
                progress_action=f"smartlog_listen_{self._smartlog_transport}",
                progress_task=self._smartlog_listening,
                description_placeholders=self._smartlog_placeholders(),
            )
        task, self._smartlog_listening = self._smartlog_listening, None
        try:
            self._smartlog_heard = task.result()
        except LinkError as error:
            self._smartlog_error = error.reason.value
        except NothingHeardError as nothing:
            self._smartlog_error = nothing.error
            self._other_smartlogs = ", ".join(sorted(nothing.others))
            if self._smartlog_transport == TRANSPORT_MQTT and self.entry_data[CONF_SMARTLOG_ID]:
                return self.async_show_progress_done(next_step_id="smartlog_unheard")
        else:
            return self.async_show_progress_done(next_step_id="smartlog_found")
        return self.async_show_progress_done(next_step_id=f"smartlog_{self._smartlog_transport}")

    async def _async_listen_smartlog(self) -> FirstReport:
        wanted: str = self.entry_data[CONF_GATEWAY_ID]
        known = {str(entry.unique_id) for entry in self._async_current_entries()}
        if self.entry_data[CONF_TRANSPORT] == TRANSPORT_MQTT:
            return await async_first_message(self.hass, self.entry_data, wanted, known)
        return await async_first_post(self.hass, self.entry_data, wanted, known)

    async def async_step_smartlog_unheard(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to do about a SmartLog that is known by its id but was not heard."""
        return self.async_show_menu(
            step_id="smartlog_unheard",
            menu_options=self._smartlog_ways_on("smartlog_listen", "smartlog_mqtt"),
            description_placeholders=self._smartlog_placeholders(),
        )

    async def async_step_smartlog_found(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what came."""
        assert self._smartlog_heard is not None  # noqa: S101  async_step_smartlog_listen leads here
        if user_input is None:
            return self.async_show_form(
                step_id="smartlog_found",
                data_schema=vol.Schema({}),
                description_placeholders={
                    "gateway_id": self._smartlog_heard.gateway_id,
                    "meters": str(self._smartlog_heard.meters),
                    "summary": self._smartlog_heard.summary,
                },
            )
        self.entry_data[CONF_GATEWAY_ID] = self._smartlog_heard.gateway_id
        return await self.async_step_smartlog_finish()

    async def async_step_smartlog_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Make the entry, and hand it the report that came."""
        unique_id = f"{KIND}_{self.entry_data[CONF_GATEWAY_ID]}"
        await self._async_refuse_known(unique_id)
        if self._smartlog_heard is not None:
            self.hass.data.setdefault(FIRST_REPORTS, {})[unique_id] = self._smartlog_heard
        return await self.async_finish(
            kind=KIND,
            unique_id=unique_id,
            title=f"SmartLog {tail(self.entry_data[CONF_GATEWAY_ID])}",
            placeholders=self._smartlog_placeholders(),
        )

    # --- second visits ------------------------------------------------------------

    @override
    async def async_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask again how the reports come."""
        if self._smartlog_transport == TRANSPORT_MQTT:
            return await self.async_step_smartlog_mqtt_again()
        return await self.async_step_smartlog_webhook_again()

    @override
    async def async_reauth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what the own broker no longer accepts."""
        return await self.async_ask_for_broker(self._async_finish_smartlog_again)

    async def _async_finish_smartlog_again(self) -> ConfigFlowResult:
        return await self.async_finish(
            kind=KIND,
            unique_id=f"{KIND}_{self.entry_data[CONF_GATEWAY_ID]}",
            title=f"SmartLog {tail(self.entry_data[CONF_GATEWAY_ID])}",
        )

    # --- what the steps share -------------------------------------------------------

    @property
    def _smartlog_transport(self) -> str:
        transport: str = self.entry_data[CONF_TRANSPORT]
        return transport

    def _errors_of_listening(self) -> dict[str, str]:
        """Return what listening came to nothing for, to be shown once."""
        error, self._smartlog_error = self._smartlog_error, None
        return {} if error is None else {"base": error}

    async def _async_take_smartlog_id(self, user_input: dict[str, Any]) -> None:
        """Take the SmartLog ID, as the reports have it; empty: the first that is heard."""
        given = user_input.get(CONF_SMARTLOG_ID, "").strip()
        self.entry_data[CONF_SMARTLOG_ID] = given
        self.entry_data[CONF_GATEWAY_ID] = given.lower()
        if given:
            await self._async_refuse_known(f"{KIND}_{given.lower()}")

    async def _async_refuse_known(self, unique_id: str) -> None:
        await self.async_set_unique_id(unique_id)
        self._abort_if_unique_id_configured()

    def _smartlog_ways_on(self, *ways: str) -> list[str]:
        """Return the options of a menu; with an id, nothing needs to be heard first."""
        return [*ways, "smartlog_finish"] if self.entry_data[CONF_SMARTLOG_ID] else [*ways]

    def _smartlog_form(
        self,
        step_id: str,
        schema: vol.Schema,
        user_input: dict[str, Any] | None,
        errors: dict[str, str],
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, user_input or self.entry_data),
            errors=errors,
            description_placeholders=self._smartlog_placeholders(),
        )

    def _smartlog_placeholders(self) -> dict[str, str]:
        """Return what the logger's menu asks for, in its words, as far as it is chosen."""
        shown = {"topic": self.entry_data.get(CONF_TOPIC, ""), "others": self._other_smartlogs}
        if CONF_WEBHOOK_ID not in self.entry_data:
            return shown
        address = report_address(self.hass, self.entry_data)
        return {
            **shown,
            "report_mode": address.mode,
            "report_address": address.address,
            "report_port": address.port,
            "report_directory": address.directory,
            "username": self.entry_data[CONF_USERNAME],
            "password": self.entry_data[CONF_PASSWORD],
        }

    @callback
    @override
    def async_remove(self) -> None:
        """Stop listening when the dialog is closed, and keep no address that nobody uses."""
        super().async_remove()
        webhook_id = self.entry_data.get(CONF_WEBHOOK_ID)
        if webhook_id is not None and not any(
            entry.data.get(CONF_WEBHOOK_ID) == webhook_id
            for entry in self.hass.config_entries.async_entries(DOMAIN)
        ):
            async_remove_door(self.hass, webhook_id)
            if self.entry_data.get(CONF_CLOUDHOOK):
                self.hass.async_create_task(async_delete_cloudhook(self.hass, webhook_id))
        if self._smartlog_listening is not None:
            self._smartlog_listening.cancel()


SETUP: Final = SetUp(flow=SmartLogFlow, options=options_schema, check_options=check_options)
