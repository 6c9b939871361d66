"""Names and times of the smart meter's side of Home Assistant."""

from typing import Final

CONF_AUTHENTICATION_KEY: Final = "authentication_key"
CONF_KEY: Final = "key"
CONF_LINE: Final = "line"
CONF_METER_NUMBER: Final = "meter_number"
CONF_PUBLISH_TOPIC: Final = "publish_topic"
CONF_SYSTEM_TITLE: Final = "system_title"

SOURCE_SERIAL: Final = "serial"

DEFAULT_TOPIC: Final = "sensors/smartmeter"
DEFAULT_UPDATE_INTERVAL: Final = 5

# Two telegrams of a reader that forwards one a minute.
LISTENING: Final = 130.0
# Some readers send every quarter of an hour: who tries again after nothing was heard is given it.
LISTENING_AGAIN: Final = 960.0
# A meter that sends every five or six seconds is known by then: no progress to be shown.
QUICK: Final = 12.0
# Once something is heard that will not change, another meter may still come on the topic.
SETTLING: Final = 15.0

PRESENCE: Final = "readings"
"""The part of a meter that is there as long as telegrams are believed, not only heard."""
