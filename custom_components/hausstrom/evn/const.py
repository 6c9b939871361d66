"""Names and times of the smart meter's side of Home Assistant."""

from typing import Final

CONF_KEY: Final = "key"
CONF_METER_NUMBER: Final = "meter_number"
CONF_PUBLISH_TOPIC: Final = "publish_topic"
CONF_SYSTEM_TITLE: Final = "system_title"

DEFAULT_TOPIC: Final = "sensors/smartmeter"
SUGGESTED_PUBLISH_TOPIC: Final = "sensors/smartmeter/values"
DEFAULT_UPDATE_INTERVAL: Final = 5

# Six telegrams of a meter that sends every five seconds.
SILENCE: Final = 30.0
# Three telegrams and a half: one may be lost, one may be half.
LISTENING: Final = 18.0
