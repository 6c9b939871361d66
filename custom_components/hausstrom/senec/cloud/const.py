"""Names of the cloud's entries: what the flow writes and the coordinator reads."""

from typing import Final

from .protocol.models import Generation

KIND: Final = "senec_cloud"
CONF_CONTROL_UNIT: Final = "control_unit_number"
CONF_GENERATION: Final = "generation"
CONF_TIMEZONE: Final = "timezone"
CONF_TOKENS: Final = "tokens"
CONF_TOTP_SECRET: Final = "totp_secret"  # noqa: S105  the name of a field
CONF_WALLBOX_IDS: Final = "wallbox_ids"
CONF_HOLDS_WALLBOX: Final = "consumption_holds_wallbox"

# The rhythms in which the systems report to SENEC; asking oftener brings nothing new.
DEFAULT_SCAN_INTERVAL: Final = {Generation.V4: 60, Generation.V123: 300}
SITE: Final = "https://mein-senec.de"

CONF_PEAK_POWER: Final = "pv_peak_power"  # kWp of the roof
CONF_EXPORT_LIMIT: Final = "export_limit"  # percent of it
CONF_BUY_PRICE: Final = "buy_price"  # € per kWh
CONF_SELL_PRICE: Final = "sell_price"  # € per kWh fed in
CONF_FORECASTS: Final = "forecasts"  # config entries, where the energy dashboard names none
