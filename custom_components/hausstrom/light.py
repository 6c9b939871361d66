"""A lamp, dimmable or coloured, on an output of a device."""

from typing import Any, Final, NamedTuple, Self, override

from homeassistant.components.light import LightEntity, LightEntityDescription
from homeassistant.components.light.const import (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_HS_COLOR,
    ATTR_WHITE,
    ColorMode,
)
from homeassistant.const import Platform

from .entity import HausstromEntity, Traits, Write, entities_of

PARALLEL_UPDATES = 1

MIN_KELVIN: Final = 2000
MAX_KELVIN: Final = 6500
_FULL: Final = 255


class Lamp(NamedTuple):
    """What a lamp shows. Its text, six numbers, is the reading of the entity and what is written."""

    on: bool
    hue: float
    """0..360 degrees."""
    saturation: float
    """%"""
    brightness: float
    """%"""
    white: float
    """% of the white channel."""
    kelvin: float

    @classmethod
    def parse(cls, text: object) -> Self | None:
        """Read the text of a lamp; None for anything else."""
        try:
            on, *rest = (float(part) for part in str(text).split())
            hue, saturation, brightness, white, kelvin = rest
        except ValueError:
            return None
        return cls(on != 0, hue, saturation, brightness, white, kelvin)

    def as_text(self) -> str:
        """Return what `parse` reads; the numbers are whole."""
        return " ".join(f"{round(value)}" for value in self)


class HausstromLightDescription(Traits, LightEntityDescription):
    """What a reading is as a light."""

    write: Write[str]
    """Takes the text of a Lamp."""

    color_modes: frozenset[ColorMode]


class HausstromLight(HausstromEntity, LightEntity):
    """A lamp."""

    entity_description: HausstromLightDescription
    _attr_min_color_temp_kelvin = MIN_KELVIN
    _attr_max_color_temp_kelvin = MAX_KELVIN

    @property
    def _lamp(self) -> Lamp | None:
        return Lamp.parse(self.reading)

    @property
    @override
    def supported_color_modes(self) -> set[ColorMode]:
        """What of the lamp can be set."""
        return {*self.entity_description.color_modes}

    @property
    @override
    def color_mode(self) -> ColorMode | None:
        """What of the lamp is set."""
        modes = self.entity_description.color_modes
        if len(modes) == 1:
            return next(iter(modes))
        lamp = self._lamp
        white = lamp is not None and lamp.white > 0 and lamp.brightness == 0
        return ColorMode.WHITE if white else ColorMode.HS

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is lit."""
        return None if self._lamp is None else self._lamp.on

    @property
    @override
    def brightness(self) -> int | None:
        """How bright it is, 0 to 255."""
        if (lamp := self._lamp) is None:
            return None
        level = lamp.white if self.color_mode is ColorMode.WHITE else lamp.brightness
        return round(level * _FULL / 100)

    @property
    @override
    def hs_color(self) -> tuple[float, float] | None:
        """Hue (degrees) and saturation (%)."""
        return None if self._lamp is None else (self._lamp.hue, self._lamp.saturation)

    @property
    @override
    def color_temp_kelvin(self) -> int | None:
        """How warm its white is (K)."""
        return None if self._lamp is None else round(self._lamp.kelvin)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Light it, with what is asked for."""
        lamp = (self._lamp or Lamp(False, 0, 0, 100, 0, MIN_KELVIN))._replace(on=True)
        if (color := kwargs.get(ATTR_HS_COLOR)) is not None:
            lamp = lamp._replace(hue=color[0] % 360, saturation=color[1], white=0)
        if (kelvin := kwargs.get(ATTR_COLOR_TEMP_KELVIN)) is not None:
            lamp = lamp._replace(kelvin=kelvin)
        if (white := kwargs.get(ATTR_WHITE)) is not None:
            lamp = lamp._replace(white=white * 100 / _FULL, brightness=0)
        elif (level := kwargs.get(ATTR_BRIGHTNESS)) is not None:
            share = level * 100 / _FULL
            if self.color_mode is ColorMode.WHITE and color is None:
                lamp = lamp._replace(white=share)
            else:
                lamp = lamp._replace(brightness=share)
        if lamp.brightness == 0 and lamp.white == 0:
            # On, but dark: what somebody who switches on a lamp does not mean.
            lamp = lamp._replace(brightness=100)
        await self.entity_description.write(lamp.as_text())

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Put it out; it keeps its colours."""
        lamp = self._lamp or Lamp(False, 0, 0, 0, 0, MIN_KELVIN)
        await self.entity_description.write(lamp._replace(on=False).as_text())


async_setup_entry = entities_of(Platform.LIGHT, HausstromLight)
