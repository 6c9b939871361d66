"""The way to one device: its session, its client, who it is, and whether it is the one that is trusted."""

from time import monotonic
from typing import Final

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback

from ...const import CONF_CERTIFICATE
from ...coordinator import HausstromConfigEntry
from ...tls import pinned_context
from .connection import async_who_answers, client_of, new_session
from .protocol.client import SCHEMES, LalaError, LalaFault, Scheme
from .protocol.codec import Answer
from .protocol.hardware import HARDWARE, hardware_of
from .protocol.identity import ABOUT, SenecIdentity
from .protocol.points import Ref
from .protocol.request import read_body
from .trust import ask, unique_id_of, withdraw

_ABOUT_TIME: Final = 15.0
"""Seconds for what is only worth knowing, where a device answers slowly."""
_SILENCE: Final = frozenset({LalaFault.UNREACHABLE, LalaFault.TIMEOUT})
_SOMEBODY_ELSE: Final = _SILENCE | {LalaFault.CERTIFICATE, LalaFault.WRONG_DEVICE}


class Link:
    """Connects an entry to its device. `identity` is what is known of the device."""

    def __init__(self, hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
        """Open a session of our own; nothing is sent yet."""
        self._hass = hass
        self._entry = entry
        self._session = new_session(hass)
        entry.async_on_unload(
            hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, self._async_on_close)
        )
        self.client, self._seen = client_of(self._session, entry.data)
        self.identity: SenecIdentity | None = None
        self.is_known = False
        """Whether the device has been found, and is the one that was set up."""

    async def connect(self, *, about: bool) -> dict[str, str]:
        """Find the device and see that it is the one that was set up; return what is installed.

        Who it is takes one small request, all else (`about`) another one, and may be missing. Raises
        LalaError.
        """
        self.is_known = False
        identity = await self.client.probe()
        if unique_id_of(identity.device_id) != self._entry.unique_id:
            raise LalaError(LalaFault.WRONG_DEVICE)
        if CONF_CERTIFICATE not in self._entry.data and self.client.scheme == "https":
            self._pin()  # its firmware has learned https since
        withdraw(self._hass, self._entry)
        self.is_known = True
        if self.identity is None:
            self.identity = identity
            about = True
        if not about:
            return {}
        answer = await self._ask_about_it()
        self.identity = self.identity.completed(answer)
        return hardware_of(answer)

    async def _ask_about_it(self) -> Answer:
        """Ask for everything at once, or, where that is too much, section by section."""
        refs = (*ABOUT, *HARDWARE)
        try:
            return await self.client.query(read_body(refs))
        except LalaError as error:
            if not error.fault.is_slowness:
                raise
        answer = Answer({})
        begun = monotonic()
        for section in dict.fromkeys(ref.section for ref in refs):
            if monotonic() - begun > _ABOUT_TIME:
                break  # the slow requests tell it, too
            of_section: list[Ref] = [ref for ref in refs if ref.section == section]
            try:
                part = await self.client.query(read_body(of_section))
            except LalaError as error:
                if not error.fault.is_slowness:
                    raise
                continue
            answer.sections.update(part.sections)
        return answer

    @callback
    def _pin(self) -> None:
        certificate = None if self._seen is None else self._seen.certificate
        if certificate is None:
            raise LalaError(LalaFault.CERTIFICATE, "none shown")
        self._hass.config_entries.async_update_entry(
            self._entry, data={**self._entry.data, CONF_CERTIFICATE: certificate}
        )
        self.client.pin(pinned_context(certificate))

    async def ask_about(self, error: LalaError) -> bool:
        """Where somebody else answers in the device's place, ask the user; return whether so."""
        if error.fault not in _SOMEBODY_ELSE:
            return False
        if CONF_CERTIFICATE not in self._entry.data and error.fault is not LalaFault.WRONG_DEVICE:
            return False
        # https was tried just now: either it shows another certificate, or it does not answer.
        schemes: tuple[Scheme, ...] = (
            ("https",)
            if error.fault is LalaFault.CERTIFICATE
            else ("http",)
            if error.fault in _SILENCE
            else SCHEMES
        )
        try:
            found = await async_who_answers(self._session, self.client.host, schemes)
        except LalaError:
            return False  # nobody, or no SENEC: there is nothing to trust
        ask(self._hass, self._entry, found)
        return True

    async def _async_on_close(self, _event: Event) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()
