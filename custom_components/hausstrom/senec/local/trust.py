"""Pinned means pinned: who else answers at the address is a question to the user, never an answer.

Three things are asked under Repairs: another certificate, no https any more (a new board, or a
stranger?), another device id. Until the answer no value of it is shown and nothing is written; when
the pinned device is back, the question goes. What the user agrees to is looked at once more before it
is done.
"""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir

from ...common.text import plain
from ...const import CONF_CERTIFICATE, CONF_KIND, DOMAIN
from ...coordinator import HausstromConfigEntry
from ...tls import fingerprint
from .connection import FoundDevice, async_who_answers, client_of, new_session
from .const import KIND
from .protocol.client import LalaClient, LalaError

CERTIFICATE: Final = "certificate_changed"
HTTPS_GONE: Final = "senec_https_gone"
REPLACED: Final = "senec_replaced"
QUESTIONS: Final = (CERTIFICATE, HTTPS_GONE, REPLACED)

_UNIQUE_ID: Final = "senec_{}"


def unique_id_of(device_id: str) -> str:
    """Return the unique id of an entry."""
    return _UNIQUE_ID.format(device_id)


def question_of(data: Mapping[str, Any], unique_id: str | None, found: FoundDevice) -> str | None:
    """Return what has to be asked before this one is trusted; None where it is the pinned device."""
    if unique_id_of(found.identity.device_id) != unique_id:
        return REPLACED
    pinned = data.get(CONF_CERTIFICATE)
    if pinned is None or pinned == found.certificate:
        return None
    return HTTPS_GONE if found.certificate is None else CERTIFICATE


@callback
def ask(hass: HomeAssistant, entry: HausstromConfigEntry, found: FoundDevice) -> None:
    """Ask the user about who answers in the device's place; an older question of it goes."""
    question = question_of(entry.data, entry.unique_id, found)
    withdraw(hass, entry, but=question)
    if question is None:
        return
    pinned = entry.data.get(CONF_CERTIFICATE)
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{question}_{entry.entry_id}",
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=question,
        translation_placeholders={
            "name": plain(entry.title),
            "expected": "-" if pinned is None else fingerprint(pinned),
            "shown": "-" if found.certificate is None else fingerprint(found.certificate),
            "model": found.identity.model,
            "scheme": found.scheme,
        },
        data={
            CONF_KIND: KIND,
            "entry_id": entry.entry_id,
            "device_id": found.identity.device_id,
            CONF_CERTIFICATE: found.certificate,
        },
    )


@callback
def withdraw(hass: HomeAssistant, entry: HausstromConfigEntry, *, but: str | None = None) -> None:
    """Take the questions back: the pinned device answers, or another thing has to be asked."""
    for question in QUESTIONS:
        if question != but:
            ir.async_delete_issue(hass, DOMAIN, f"{question}_{entry.entry_id}")


async def async_agree(
    hass: HomeAssistant, entry: HausstromConfigEntry, agreed: Mapping[str, Any]
) -> str | None:
    """Do what the user agreed to, if it is still so; return the reason where it is not done.

    `agreed` is the data of the question. The pinned device is looked for first: where it is back,
    nothing is changed.
    """
    session = new_session(hass)
    try:
        client, _seen = client_of(session, entry.data)
        if await _async_is_back(client, entry):
            withdraw(hass, entry)
            return None
        try:
            found = await async_who_answers(session, entry.data[CONF_HOST])
        except LalaError:
            return "cannot_connect"
    finally:
        await session.close()
    if (found.certificate, found.identity.device_id) != (
        agreed.get(CONF_CERTIFICATE),
        agreed.get("device_id"),
    ):
        ask(hass, entry, found)
        return "changed_again"
    if not _take_over(hass, entry, found):
        return "already_configured"
    withdraw(hass, entry)
    return None


async def _async_is_back(client: LalaClient, entry: HausstromConfigEntry) -> bool:
    try:
        identity = await client.probe()
    except LalaError:
        return False
    return unique_id_of(identity.device_id) == entry.unique_id


def _take_over(hass: HomeAssistant, entry: HausstromConfigEntry, found: FoundDevice) -> bool:
    """Trust who answers from now on; False where that device has an entry of its own.

    Another device id in the same place keeps its entities, their history and the counters: their
    unique ids follow it.
    """
    unique_id = unique_id_of(found.identity.device_id)
    data = {key: value for key, value in entry.data.items() if key != CONF_CERTIFICATE}
    if found.certificate is not None:
        data[CONF_CERTIFICATE] = found.certificate
    before = entry.unique_id
    if unique_id != before:
        others = hass.config_entries.async_entries(DOMAIN, include_ignore=False)
        if any(other.unique_id == unique_id for other in others):
            return False
        _rename(hass, entry, str(before), unique_id)
    hass.config_entries.async_update_entry(entry, data=data, unique_id=unique_id)
    return True


def _rename(hass: HomeAssistant, entry: HausstromConfigEntry, before: str, after: str) -> None:
    entities = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        key = entity.unique_id.removeprefix(f"{before}_")
        entities.async_update_entity(entity.entity_id, new_unique_id=f"{after}_{key}")
    devices = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        if (DOMAIN, before) in device.identifiers:
            devices.async_update_device(device.id, new_identifiers={(DOMAIN, after)})
