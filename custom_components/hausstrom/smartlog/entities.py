"""Which entities a meter has, and which of them are shown by themselves."""

from collections.abc import Callable, Iterable
from typing import Final

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription

from .descriptions import is_shown, last_reading_of, problems_of, sensors_of
from .protocol.gateway import Gateway
from .protocol.meter import Meter
from .protocol.point import KnownPoint
from .protocol.units import is_known

BUILDING: Final = 100
"""More meters than this are a building: of each only the totals are enabled by themselves."""

type OfferEntities = Callable[[Platform, Iterable[EntityDescription]], None]


class MeterEntities:
    """Offers the entities of one gateway's meters."""

    def __init__(self, offer: OfferEntities) -> None:
        """Take what makes entities of descriptions."""
        self._offer = offer
        self._sparing = False
        self.unknown_units: set[str] = set()
        """Units that no table knows."""

    @callback
    def count(self, gateway: Gateway) -> None:
        """Look whether there are too many meters to show more than totals."""
        self._sparing = len(gateway.meters) > BUILDING

    def shows(self, meter: Meter, point: KnownPoint) -> bool:
        """Return whether the sensor of a point is enabled by itself."""
        return is_shown(meter, point, sparing=self._sparing)

    @callback
    def offer(self, meter: Meter, points: Iterable[KnownPoint]) -> None:
        """Offer what these points of a meter are."""
        if not (known := list(points)):
            return
        units = {point.signature.unit for point in known}
        self.unknown_units |= {unit for unit in units if not is_known(unit)}
        self._offer(
            Platform.SENSOR,
            [*sensors_of(meter, known, sparing=self._sparing), last_reading_of(meter)],
        )
        if problems := problems_of(meter, known):
            self._offer(Platform.BINARY_SENSOR, problems)
