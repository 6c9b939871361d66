"""What is sent to a wallbox: methods, paths and bodies as clients send them that were seen to work."""

import json
from typing import Any

import pytest
from yarl import URL

from custom_components.hausstrom.senec.cloud.protocol.account import Account
from custom_components.hausstrom.senec.cloud.protocol.readings import WALLBOX_SETTINGS
from custom_components.hausstrom.senec.cloud.protocol.wallbox import ChargingMode
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError, ServiceReason

from .conftest import Stage
from .test_cases import case

V3 = "100301"

# A V3 as it was read: what it does not know is null.
READS: dict[str, Any] = {
    "solarOptimizeSettings": {
        "compatibilityMode": True,
        "minChargingCurrentInA": 7,
        "useDynamicTariffs": None,
        "priceLimitInCtPerKwh": None,
    },
    "comfortChargeSettings": {
        "allowIntercharge": True,
        "compatibilityMode": True,
        "configuredChargingCurrent": 12,
        "activeWeekDays": ["SUN"],
        "useDynamicTariffs": None,
        "chargingPeriodFromGridInH": None,
        "priceLimitInCtPerKwh": None,
    },
}

type Sent = tuple[str, str, Any]


async def sent_by(stage: Stage, account: Account, what: str) -> list[Sent]:
    """Do something with the wallbox; return the writes: method, path below it, body."""
    app, box = account.app, stage.cloud.system(100301).wallboxes[0]["id"]
    stage.cloud.forget()
    match what.split():
        case ["lock"]:
            await app.lock_wallbox(V3, box, locked=True)
        case ["mode", mode, *_]:
            await app.set_charging_mode(V3, box, ChargingMode[mode.strip(",").upper()])
        case ["solar", "minimum", amperes, "A"]:
            setting = WALLBOX_SETTINGS["solar_min_current"]
            await app.set_wallbox_setting(V3, box, setting, float(amperes))
        case ["comfort", "current", amperes, "A"]:
            setting = WALLBOX_SETTINGS["comfort_current"]
            await app.set_wallbox_setting(V3, box, setting, float(amperes))
        case _:
            raise AssertionError(what)
    below = f"/wallboxes/{box}/"
    return [
        (method, URL(path).path.split(below)[1], json.loads(text) if text else None)
        for method, path, text in stage.cloud.writes
        if below in path
    ]


def wallbox_reads(stage: Stage, reads: dict[str, Any]) -> None:
    mode = stage.cloud.system(100301).wallboxes[0]["chargingMode"]
    mode |= {"type": "COMFORT", **json.loads(json.dumps(reads))}


async def test_requests(stage: Stage) -> None:
    wallbox_reads(stage, READS)
    account = stage.account()
    assert await sent_by(stage, account, "mode solar") == [("POST", "charging-mode/SOLAR", None)]
    assert await sent_by(stage, account, "solar minimum 9 A") == [
        ("POST", "settings/solar-charge", {"minChargingCurrentInA": 9}),
    ]
    # The other settings go back as they were read, the names of a read alone stay out.
    assert await sent_by(stage, account, "comfort current 11 A") == [
        (
            "POST",
            "comfort-charge-expert-settings",
            {"minChargingCurrentInA": 11, "allowIntercharge": True},
        ),
    ]
    assert await sent_by(stage, account, "lock") == [("PATCH", "locked/true", None)]


async def test_where_post_is_no_method_patch_is_and_that_is_remembered(stage: Stage) -> None:
    stage.cloud.app.method = "PATCH"
    account = stage.account()
    box = stage.cloud.system(100301).wallboxes[0]
    assert await sent_by(stage, account, "mode fast") == [
        ("POST", "charging-mode/FAST", None),
        ("PATCH", "charging-mode/FAST", None),
    ]
    assert box["chargingMode"]["type"] == "FAST"
    assert await sent_by(stage, account, "mode solar") == [("PATCH", "charging-mode/SOLAR", None)]
    # Each kind of request by itself: what one takes says nothing of another.
    assert [method for method, _, _ in await sent_by(stage, account, "solar minimum 8 A")] == [
        "POST",
        "PATCH",
    ]
    assert box["chargingMode"]["solarOptimizeSettings"]["minChargingCurrentInA"] == 8
    # A server that changes back is followed.
    stage.cloud.app.method = "POST"
    assert [method for method, _, _ in await sent_by(stage, account, "mode fast")] == [
        "PATCH",
        "POST",
    ]


async def test_where_neither_is_a_method_it_is_said_after_two_tries(stage: Stage) -> None:
    stage.cloud.app.method = "PUT"
    account = stage.account()
    with pytest.raises(SenecCloudError) as error:
        await sent_by(stage, account, "mode fast")
    assert error.value.reason is ServiceReason.REFUSED
    assert stage.cloud.count("charging-mode/FAST") == 2
    assert stage.cloud.system(100301).wallboxes[0]["chargingMode"]["type"] == "SOLAR"


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
async def test_another_refusal_is_not_tried_with_another_method(stage: Stage, status: int) -> None:
    account = stage.account()
    stage.cloud.fail("/app-wallbox/wallbox/api/v1/systems/100301", status=status)
    with pytest.raises(SenecCloudError):
        await sent_by(stage, account, "mode fast")
    assert stage.cloud.count("charging-mode/FAST") == 1


async def test_the_case_of_the_requests(stage: Stage) -> None:
    found = case("wallbox_requests")
    wallbox_reads(stage, found["reads"]["V3"])
    account = stage.account()
    for wanted in found["requests"]:
        if (then := wanted.get("then")) is not None:
            stage.cloud.app.method = then["method"]
            first, second = await sent_by(stage, account, wanted["do"])
            assert first[0] == "POST"
            assert (second[0], f"…/{second[1]}") == (then["method"], then["path"])
            continue
        ((method, path, body),) = await sent_by(stage, account, wanted["do"])
        assert (method, f"…/{path}") == (wanted["method"], wanted["path"]), wanted
        if wanted["body"] is None:
            assert body is None, wanted
            continue
        assert wanted["body"].items() <= body.items(), (wanted, body)
        added = {key: value for key, value in body.items() if key not in wanted["body"]}
        assert added.items() <= wanted["may_add"].items(), (wanted, added)
        assert None not in body.values(), (wanted, body)
        assert not set(body) & set(wanted.get("not_keys", ())), (wanted, body)
