"""Names that the whole integration shares."""

import logging
from typing import Final

DOMAIN: Final = "hausstrom"
LOGGER: Final = logging.getLogger(__package__)
