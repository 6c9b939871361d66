"""The options of a smart meter: how often states are written, where values are published."""

from collections.abc import Mapping
from typing import Any

import probatio as vol
from homeassistant.components.mqtt import valid_publish_topic
from paho.mqtt.client import topic_matches_sub

from ..const import CONF_SOURCE, CONF_TOPIC, CONF_UPDATE_INTERVAL
from ..coordinator import HausstromConfigEntry
from ..flow import TEXT, whole_number
from .const import CONF_PUBLISH_TOPIC, DEFAULT_UPDATE_INTERVAL, SOURCE_SERIAL


def options_schema(entry: HausstromConfigEntry) -> vol.Schema:
    """Return the options of a meter: how often states are written, where values go."""
    options: dict[Any, Any] = {
        vol.Required(CONF_UPDATE_INTERVAL, default=DEFAULT_UPDATE_INTERVAL): whole_number(
            0, 3600, "s"
        )
    }
    if entry.data[CONF_SOURCE] != SOURCE_SERIAL:
        options[vol.Optional(CONF_PUBLISH_TOPIC)] = TEXT
    return vol.Schema(options)


def check_options(entry: HausstromConfigEntry, options: Mapping[str, Any]) -> dict[str, str]:
    """Refuse a topic that cannot be published to, or whose messages would come back to us."""
    topic = options.get(CONF_PUBLISH_TOPIC, "")
    if not topic:
        return {}
    try:
        valid_publish_topic(topic)
    except vol.Invalid:
        return {CONF_PUBLISH_TOPIC: "invalid_topic"}
    if feeds_itself(entry.data[CONF_TOPIC], options):
        return {CONF_PUBLISH_TOPIC: "feeds_itself"}
    return {}


def feeds_itself(topic: str, options: Mapping[str, Any]) -> bool:
    """Whether what is published would be received as a telegram."""
    published: str = options.get(CONF_PUBLISH_TOPIC, "")
    return bool(published) and topic_matches_sub(topic, published)
