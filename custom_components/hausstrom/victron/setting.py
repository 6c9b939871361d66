"""Setting a value of a GX, and waiting until the GX shows that it took it."""

import asyncio
from collections.abc import Awaitable, Callable

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..mqtt_link.link import LinkError
from .protocol.system import GxSystem
from .protocol.writing import CONFIRM_TIMEOUT, WriteRefusedError


class SettingWriter:
    """Sets the values of one GX. `publish` sends to a topic, `show` tells the entities what is new."""

    def __init__(
        self,
        hass: HomeAssistant,
        system: Callable[[], GxSystem],
        publish: Callable[[str, bytes], Awaitable[None]],
        show: Callable[[], None],
    ) -> None:
        """Take the ways to the GX and back."""
        self._hass = hass
        self._system = system
        self._publish = publish
        self._show = show

    async def async_set(self, key: str, value: float | str | bool) -> None:
        """Set the value of a key as a person sees it; True presses what is pressed.

        Raises HomeAssistantError, translated, where the GX does not take it within 10 s, and
        before anything is sent where it has no such value (any more), or must not be set now.
        """
        done = self._hass.loop.create_future()

        def confirm() -> None:
            if not done.done():
                done.set_result(None)

        try:
            write = self._system().write(key, value, confirm)
        except WriteRefusedError as refused:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="gx_write_refused"
            ) from refused
        try:
            for topic, payload in write.publications:
                await self._publish(topic, payload)
            async with asyncio.timeout(CONFIRM_TIMEOUT):
                await done
        except LinkError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="cannot_connect"
            ) from error
        except TimeoutError as error:
            if not write.fulfilled:
                raise HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="gx_write_not_confirmed",
                    translation_placeholders={"seconds": f"{CONFIRM_TIMEOUT:.0f}"},
                ) from error
        finally:
            write.abandon()
        self._show()
