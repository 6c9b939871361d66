"""What the flow does for every kind: the menu, the way to a kind's steps, the unexpected."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import probatio as vol
import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.kinds import _DOORS, KINDS
from custom_components.hausstrom.senec.local.flow import SenecLocalFlow
from custom_components.hausstrom.smartlog.flow import SmartLogFlow

ROOT = Path(__file__).parents[1]


async def chosen(hass: HomeAssistant, kind: str) -> ConfigFlowResult:
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert flow["type"] is FlowResultType.MENU
    assert flow["menu_options"] == list(KINDS)
    return await hass.config_entries.flow.async_configure(flow["flow_id"], {"next_step_id": kind})


@pytest.mark.parametrize("kind", KINDS)
async def test_the_menu_leads_to_every_kind(hass: HomeAssistant, kind: str) -> None:
    form = await chosen(hass, kind)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == kind


async def test_what_nobody_expected_is_said_in_the_form(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    form = await chosen(hass, "senec_local")
    with patch.object(SenecLocalFlow, "_async_find", side_effect=ZeroDivisionError("boom")):
        again = await hass.config_entries.flow.async_configure(
            form["flow_id"], {"host": "192.0.2.7"}
        )
    assert again["type"] is FlowResultType.FORM
    assert again["step_id"] == "senec_local"
    assert again["errors"] == {"base": "unknown"}
    schema = again["data_schema"]
    assert isinstance(schema, vol.Schema)
    assert "host" in schema.schema
    assert "ZeroDivisionError: boom" in caplog.text


async def test_what_nobody_expected_before_a_form_ends_the_flow(hass: HomeAssistant) -> None:
    with patch.object(SmartLogFlow, "async_step_smartlog", side_effect=ZeroDivisionError):
        result = await chosen(hass, "smartlog")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "unknown"


async def test_a_first_form_that_is_sent_again_leaves_nothing_behind(hass: HomeAssistant) -> None:
    form = await chosen(hass, "senec_local")
    with (
        patch.object(SenecLocalFlow, "_async_find", side_effect=ZeroDivisionError),
        patch.object(SenecLocalFlow, "async_remove", autospec=True) as given_up,
    ):
        for times in (1, 2):
            await hass.config_entries.flow.async_configure(form["flow_id"], {"host": "192.0.2.7"})
            assert given_up.call_count == times
    (first,), (second,) = (call.args for call in given_up.call_args_list)
    assert first is not second


async def test_a_step_of_no_kind_is_unknown(hass: HomeAssistant) -> None:
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    handler: Any = hass.config_entries.flow._progress[flow["flow_id"]]
    assert not hasattr(handler, "async_step_evn_nonsense")
    assert not hasattr(handler, "nonsense")


LOADED = """
import sys
import homeassistant.config_entries, homeassistant.components.mqtt  # a Home Assistant that runs
from custom_components.hausstrom import config_flow
from custom_components.hausstrom.kinds import _load
assert not any(name.endswith((".protocol", ".kind")) for name in sys.modules if "hausstrom" in name)
kind = _load(sys.argv[1])
if "steps" in sys.argv:
    kind.set_up.load()
print("\\n".join(sys.modules))
"""
FOLDERS = {name: door.strip(".").removesuffix(".kind") for name, door in _DOORS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_loads_no_other(kind: str) -> None:
    """Each in an interpreter of its own: here everything is loaded already."""
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED, kind], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    prefix = f"custom_components.{DOMAIN}."
    ours = [name.removeprefix(prefix) for name in loaded if name.startswith(prefix)]
    for other, folder in FOLDERS.items():
        if other != kind:
            assert not [name for name in ours if name.startswith(f"{folder}.")], other
    assert "Crypto" not in loaded, "when an AMIS is heard"
    assert f"{prefix}mqtt_link.connection" not in loaded, "a broker of one's own"
    asked_for = {"flow", "options", "schemas", "repair_flow", "actions", "consumption", "fill"}
    asked_for |= {"action", "history_import", "gap_filling", "filled_rows"}
    assert not [name for name in ours if name.rpartition(".")[2] in asked_for], "when it is asked"
    plans = {"planning.plan", "planning.search", "planning.simulation", "planning.outlook"}
    assert not plans.intersection(ours), "when an entry plans"


@pytest.mark.parametrize("kind", ["senec_local", "senec_cloud", "senec_connect"])
def test_setting_up_what_speaks_no_mqtt_loads_none(kind: str) -> None:
    """Its steps come without the one that asks for a broker."""
    loaded = subprocess.run(
        [sys.executable, "-c", LOADED, kind, "steps"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    prefix = f"custom_components.{DOMAIN}."
    assert f"{prefix}flow" in loaded
    assert not [name for name in loaded if name.startswith(f"{prefix}mqtt_link")]
