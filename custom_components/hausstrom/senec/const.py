"""Names that the entries of the cloud and of SENEC.Connect have in common."""

from typing import Final

CONF_MODEL: Final = "model"
CONF_SYSTEM_ID: Final = "system_id"
