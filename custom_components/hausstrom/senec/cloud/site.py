"""Reading mein-senec.de, and what the planner of peak shaving needs of it."""

from homeassistant.core import HomeAssistant, callback

from ...common.value import Value
from ...coordinator import HausstromConfigEntry
from ..exceptions import translated
from ..protocol.errors import SenecServiceError, ServiceReason
from .base import NOT_GIVEN, SenecCloudBase
from .const import CONF_CONTROL_UNIT
from .descriptions import peak_shaving_rows, reserve_row, sg_ready_rows, socket_rows
from .protocol import readings
from .protocol.peak_shaving import PeakShaving
from .protocol.web import Plant


class SiteReading(SenecCloudBase):
    """Reads what only mein-senec.de offers."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry, seconds: float) -> None:
        """Know the system by its control unit."""
        super().__init__(hass, entry, seconds)
        self._control_unit: str = entry.data[CONF_CONTROL_UNIT]
        self.peak_shaving: PeakShaving | None = None
        """The settings as they were read last; None: not read yet, or the system has none."""

    async def _read_plant(self) -> None:
        self.plant = await self.account.portal.find(self._control_unit) or self.plant

    async def async_find_plant(self) -> Plant:
        """Return the system as mein-senec.de knows it; raises SenecServiceError if it does not."""
        if self.plant is None:
            await self._read_plant()
        if self.plant is None:
            raise SenecServiceError(
                ServiceReason.NOT_FOUND, "mein-senec.de does not show this system"
            )
        return self.plant

    async def _known_plant(self) -> Plant | None:
        """Return the system at mein-senec.de, None if it is not shown there."""
        if self.plant is None and (error := self._chore("plant").error) is not None:
            raise error
        return self.plant

    @property
    def has_peak_shaving(self) -> bool:
        """Whether the system has peak shaving, as far as it has been read."""
        return self.peak_shaving is not None

    async def _read_peak_shaving(self) -> None:
        plant = await self._known_plant()
        if plant is not None and (plant.peak_shaving or "PEAK_SHAVING" in self._packages):
            self.async_take_peak_shaving(await self.account.portal.peak_shaving(plant))

    @callback
    def async_take_peak_shaving(self, settings: PeakShaving) -> None:
        """Show settings as they were read just now."""
        self.peak_shaving = settings
        for platform, description in peak_shaving_rows(self.writing):
            self.async_offer(platform, [description])
        self.async_note(readings.from_peak_shaving(settings))

    async def async_read_peak_shaving(self) -> PeakShaving:
        """Read the settings now, show them, and return them.

        Raises HomeAssistantError, translated: mein-senec.de is closed or does not answer.
        """
        try:
            settings = await self.account.portal.peak_shaving(await self.async_find_plant())
        except SenecServiceError as error:
            raise translated(error) from error
        self.async_take_peak_shaving(settings)
        return settings

    async def _read_sg_ready(self) -> None:
        plant = await self._known_plant()
        if plant is not None and (plant.sg_ready or "SG_READY" in self._packages):
            values = readings.from_sg_ready(await self.account.portal.sg_ready(plant))
            self._offer(sg_ready_rows(self.writing), values)
            self.async_note(values)

    async def _read_reserve(self) -> None:
        if (plant := await self._known_plant()) is None:
            return
        try:
            reserve = await self.account.portal.emergency_reserve(plant)
        except SenecServiceError as error:
            if error.reason not in NOT_GIVEN:
                raise
            reserve = None  # a system without backup power
        values: dict[str, Value] = {"emergency_reserve": reserve}
        self._offer([reserve_row(self.writing)], values)
        self.async_note(values)

    async def _read_sockets(self) -> None:
        plant = await self._known_plant()
        if plant is not None and (plant.sockets or "SOCKETS" in self._packages):
            sockets = await self.account.portal.sockets(plant)
            values = readings.from_sockets(sockets)
            for socket in sockets:
                self._offer(socket_rows(socket.number, self.writing), values)
            self.async_note(values)
