"""What only the user can sort out about a SmartLog."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..common.text import plain
from ..const import CONF_KIND, DOMAIN
from ..coordinator import HausstromConfigEntry
from .const import CONF_MOST_METERS
from .protocol.changes import Followed
from .protocol.meter import Meter
from .protocol.values import digits

_MOST_NUMBERS: Final = 6
_KINDS: Final = ("foreign_smartlog", "smartlog_clock", "smartlog_unread", "smartlog_meters")


def _create(
    hass: HomeAssistant, entry: HausstromConfigEntry, kind: str, suffix: str = "", **more: str
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{kind}_{entry.entry_id}{suffix}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=kind,
        translation_placeholders={"name": plain(entry.title), **more},
    )


@callback
def async_report_foreign(hass: HomeAssistant, entry: HausstromConfigEntry, gateway_id: str) -> None:
    """Tell the user that another SmartLog reports to this entry."""
    _create(hass, entry, "foreign_smartlog", gateway_id=plain(gateway_id))


@callback
def async_note_clock(hass: HomeAssistant, entry: HausstromConfigEntry, offset: int) -> None:
    """Tell the user by how much the logger's clock is wrong (s, + = ahead); 0 withdraws that."""
    name = f"smartlog_clock_{entry.entry_id}"
    if not offset:
        ir.async_delete_issue(hass, DOMAIN, name)
    elif ir.async_get(hass).async_get_issue(DOMAIN, name) is None:
        _create(hass, entry, "smartlog_clock", offset=_duration(offset))


@callback
def async_report_unread(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Tell the user that a report came in a form that is not known, and what to send us."""
    _create(hass, entry, "smartlog_unread")


@callback
def async_ask_for_meters(
    hass: HomeAssistant, entry: HausstromConfigEntry, limit: int, numbers: list[str]
) -> None:
    """Ask whether the meters with these numbers, beyond the limit, are the house's own."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"smartlog_meters_{entry.entry_id}",
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="smartlog_meters",
        translation_placeholders={
            "name": plain(entry.title),
            "count": str(len(numbers)),
            "numbers": ", ".join(plain(number) for number in numbers[:_MOST_NUMBERS]),
        },
        data={
            CONF_KIND: "smartlog",
            "entry_id": entry.entry_id,
            CONF_MOST_METERS: limit + len(numbers),
        },
    )


@callback
def async_withdraw_meters(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw the question about new meters: there are none left."""
    ir.async_delete_issue(hass, DOMAIN, f"smartlog_meters_{entry.entry_id}")


@callback
def async_tell_followed(
    hass: HomeAssistant,
    entry: HausstromConfigEntry,
    meter: Meter,
    followed: Followed,
) -> None:
    """Tell the user that a register fell or leapt, and stayed there, as in an exchange."""
    point, before, now = followed
    if not point.main:
        return
    _create(
        hass,
        entry,
        "smartlog_followed",
        f"_{meter.uid}",
        meter=plain(f"{meter.label} {meter.id}".strip()),
        before=digits(before),
        now=digits(now),
        unit=point.traits.unit or "",
    )


@callback
def async_clear_issues(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw all; what is still so is told again. What the user ignores stays ignored."""
    registry = ir.async_get(hass)
    for kind in _KINDS:
        issue = registry.async_get_issue(DOMAIN, f"{kind}_{entry.entry_id}")
        if issue is not None and issue.dismissed_version is None:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


@callback
def async_forget_issues(hass: HomeAssistant, entry: HausstromConfigEntry) -> None:
    """Withdraw all of an entry that is deleted, those of single meters too."""
    for kind in _KINDS:
        ir.async_delete_issue(hass, DOMAIN, f"{kind}_{entry.entry_id}")
    for domain, name in list(ir.async_get(hass).issues):
        if domain == DOMAIN and name.startswith(f"smartlog_followed_{entry.entry_id}"):
            ir.async_delete_issue(hass, domain, name)


def _duration(seconds: int) -> str:
    """Return an offset as people say it; a sign, for no language needs words then."""
    sign = "+" if seconds > 0 else "\u2212"
    minutes = abs(seconds) // 60
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{days} d {hours} h {minutes} min" if days else f"{sign}{hours} h {minutes} min"
