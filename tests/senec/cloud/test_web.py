"""mein-senec.de: the session, the right system, and writes that are read back."""

import asyncio
import json
from datetime import UTC, datetime, time

import pytest
from hypothesis import given

from custom_components.hausstrom.senec.cloud.protocol.peak_shaving import (
    Change,
    Mode,
    PeakShaving,
    end_in_milliseconds,
)
from custom_components.hausstrom.senec.cloud.protocol.web import Plant, Socket
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError, ServiceReason
from tests.senec.strategies import JSON_VALUES, objects_with

from .conftest import ANNA, BERT, Stage

FORM = "login-actions/authenticate"
GET = "peakshaving/getSettings"
SAVE = "peakshaving/saveSettings"
QUERY = "anlageNummer=1&mode=MANUAL&capacityLimit=35&endzeit=1781101800000"
V3, P4, V21 = "S123456789012345678900301", "S4H0P4X20204", "S210000000000000000000107"


async def plant_of(stage: Stage, unit: str = V3) -> Plant:
    plant = await stage.account(ANNA if unit == V3 else BERT).portal.find(unit)
    assert plant is not None
    return plant


@pytest.mark.parametrize(
    ("unit", "number"), [(P4, 0), (V21, 2), (P4.removeprefix("S"), 0), (V21.lower(), 2)]
)
async def test_a_system_is_found_by_its_control_unit(stage: Stage, unit: str, number: int) -> None:
    assert (await plant_of(stage, unit)).number == number


async def test_a_system_that_the_site_does_not_know(stage: Stage) -> None:
    assert await stage.account().portal.find("S999") is None
    assert stage.cloud.count("NavigationViewModel") == 2  # as many as the site says there are
    stage.cloud.forget()
    stage.cloud.fail("/web/endkunde/api/context/getEndkunde", status=404)
    assert await stage.account().portal.find("S999") is None
    assert stage.cloud.count("NavigationViewModel") == 15


async def test_numbers_beyond_the_end_may_be_errors(stage: Stage) -> None:
    stage.cloud.web.beyond_the_end = 500
    stage.cloud.fail("/web/endkunde/api/context/getEndkunde", status=404)
    assert (await plant_of(stage)).number == 1  # number 0 is an error, too
    with pytest.raises(SenecCloudError) as error:
        await stage.account().portal.find("S999")
    assert error.value.reason is ServiceReason.SERVER  # none was right: then it does mean something


async def test_a_sign_in_page_in_another_language(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    for title in ("Anmelden - SENEC", "Connexion", ""):
        stage.clock.turn(minutes=30)
        stage.cloud.web.says_ended_with, stage.cloud.web.login_title = "login", title
        stage.cloud.web.end_sessions()
        stage.cloud.forget()
        assert (await account.portal.peak_shaving(plant)).mode is Mode.DEACTIVATED
        assert (stage.cloud.count("/web/login"), stage.cloud.count(FORM)) == (1, 0)


async def test_a_page_that_is_no_sign_in_does_not_open_the_session_again(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.clock.turn(minutes=30)
    stage.cloud.fail(f"/web/endkunde/api/{GET}", status=200, html=True)
    stage.cloud.forget()
    with pytest.raises(SenecCloudError) as error:
        await account.portal.peak_shaving(plant)
    assert (error.value.reason, error.value.page) == (ServiceReason.BAD_ANSWER, "Oops")
    assert stage.cloud.count("/web/login") == 0


async def test_trouble_is_not_a_missing_system(stage: Stage) -> None:
    stage.cloud.fail("/web/endkunde/api", status=500)
    with pytest.raises(SenecCloudError) as error:
        await stage.account().portal.find(V3)
    assert error.value.reason is ServiceReason.SERVER


async def test_the_app_and_the_site_share_one_sign_in(stage: Stage) -> None:
    account = stage.account(BERT)
    await account.app.systems()
    await account.portal.find(P4)
    assert account.sign_in.forms_sent == 2  # user name with password, and the code


@pytest.mark.parametrize("how", ["401", "403", "login", "redirect"])
async def test_a_session_that_has_ended_is_opened_again_once(stage: Stage, how: str) -> None:
    stage.cloud.web.says_ended_with = how
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.clock.turn(minutes=30)
    stage.cloud.web.end_sessions()
    stage.cloud.forget()
    both = await asyncio.gather(*(account.portal.peak_shaving(plant) for _ in range(3)))
    assert both[0] == both[1] == both[2]
    assert (stage.cloud.count(GET), stage.cloud.count("/web/login")) == (6, 1)
    assert stage.cloud.count(FORM) == 0


async def test_a_session_that_ends_at_once(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.clock.turn(minutes=30)
    stage.cloud.fail(f"/web/endkunde/api/{GET}", status=401)
    stage.cloud.forget()
    for _ in range(3):
        with pytest.raises(SenecCloudError) as error:
            await account.portal.peak_shaving(plant)
        assert error.value.reason is ServiceReason.SESSION
    assert stage.cloud.count("/web/login") + stage.cloud.count("GET /web/ ") <= 1


async def test_forbidden_is_forbidden(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.cloud.fail(f"/web/endkunde/api/{GET}", status=403)
    with pytest.raises(SenecCloudError) as error:
        await account.portal.peak_shaving(plant)
    assert error.value.reason is ServiceReason.FORBIDDEN


async def test_peak_shaving_is_written_whole(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.cloud.system(100301).peak_shaving["peakShavingCapacityLimitInPercent"] = 35
    stage.cloud.forget()
    settings = await account.portal.change_peak_shaving(
        plant, Change(mode=Mode.MANUAL, end_time=time(14, 30))
    )
    assert settings == PeakShaving(Mode.MANUAL, 35, time(14, 30), 70.0)
    assert stage.cloud.writes == [
        (
            "POST",
            # 1781101800000 is 2026-06-10 14:30 UTC
            f"/web/endkunde/api/{SAVE}?{QUERY}",
            "",
        )
    ]
    assert (stage.cloud.count(GET), stage.cloud.count(SAVE)) == (2, 1)


async def test_a_refusal_has_the_servers_words(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    with pytest.raises(SenecCloudError) as error:
        await account.portal.change_peak_shaving(plant, Change(capacity_limit=95))
    assert error.value.reason is ServiceReason.REFUSED
    assert "capacityLimit must be between 0 and 90" in error.value.detail


async def test_what_the_server_does_not_confirm_is_an_error(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.cloud.writing.takes = False
    with pytest.raises(SenecCloudError) as error:
        await account.portal.change_peak_shaving(plant, Change(mode=Mode.AUTO))
    assert error.value.reason is ServiceReason.NOT_CONFIRMED
    assert (await account.portal.peak_shaving(plant)).mode is Mode.DEACTIVATED


async def test_unknown_settings_are_not_made_up(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.cloud.system(100301).peak_shaving["peakShavingCapacityLimitInPercent"] = None
    with pytest.raises(SenecCloudError) as error:
        await account.portal.change_peak_shaving(plant, Change(mode=Mode.AUTO))
    assert error.value.reason is ServiceReason.BAD_ANSWER
    assert stage.cloud.count(SAVE) == 0
    await account.portal.change_peak_shaving(plant, Change(mode=Mode.AUTO, capacity_limit=10))
    stage.cloud.system(100301).peak_shaving["peakShavingMode"] = "NEW"
    with pytest.raises(SenecCloudError):
        await account.portal.peak_shaving(plant)


@pytest.mark.parametrize(
    "now",
    [
        "2026-03-28T12:00:00+01:00",  # the day before the clocks go forward in Berlin
        "2026-03-29T00:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
        "2026-10-25T02:30:00+02:00",  # the doubled hour, first and second time
        "2026-10-25T02:30:00+01:00",
        "2026-10-26T12:00:00+01:00",
        "2026-06-10T23:30:00+02:00",
    ],
)
@pytest.mark.parametrize("end", [time(0, 0), time(2, 30), time(13, 45), time(23, 59)])
def test_the_end_is_the_same_time_of_day_on_both_sides_of_the_clock_change(
    now: str, end: time
) -> None:
    moment = datetime.fromisoformat(now)
    milliseconds = end_in_milliseconds(end, moment)
    read = datetime.fromtimestamp(milliseconds / 1000, UTC)
    assert read.time() == end
    assert read.date() == moment.astimezone(UTC).date()
    by_instant = PeakShaving.from_json({"peakShavingEndDate": milliseconds})
    assert by_instant.end_time == end


def test_the_pair_that_shows_how_the_server_means_it() -> None:
    assert end_in_milliseconds(time(), datetime(2023, 10, 8, 10, tzinfo=UTC)) == 1696723200000


async def test_the_sample_of_real_settings(samples: dict[str, str]) -> None:
    settings = PeakShaving.from_json(json.loads(samples["web_peakshaving_getSettings.json"]))
    assert settings == PeakShaving(Mode.DEACTIVATED, 0, time(0, 0), 100.0)


@pytest.mark.parametrize(
    "answer",
    [
        {"peakShavingLocalEndTime": [24, 0]},
        {"peakShavingLocalEndTime": ["12", None]},
        {"peakShavingEndDate": 1e300},
        {"peakShavingCapacityLimitInPercent": 101, "peakShavingMode": 5},
        {"peakShavingCapacityLimitInPercent": True},
    ],
)
def test_settings_that_cannot_be(answer: dict[str, object]) -> None:
    assert PeakShaving.from_json(answer) == PeakShaving(None, None, None, None)


def test_a_later_change_wins() -> None:
    first = Change(mode=Mode.AUTO, capacity_limit=10)
    assert first.then(Change(capacity_limit=20, end_time=time(9))) == Change(Mode.AUTO, 20, time(9))
    assert first.then(Change(mode=Mode.MANUAL)).mode is Mode.MANUAL


def test_what_was_to_change_has_to_be_there_in_every_mode() -> None:
    found = PeakShaving(Mode.AUTO, 0, time(0), 70.0)
    assert Change(mode=Mode.AUTO).missing_in(found) == ""
    assert Change(capacity_limit=30).missing_in(found) == "limit 0 instead of 30"
    assert Change(end_time=time(12, 30, 59)).missing_in(found) == "end 00:00:00 instead of 12:30:00"
    manual = PeakShaving(Mode.MANUAL, 30, time(12), 70.0)
    assert manual.as_change.missing_in(manual) == ""
    assert manual.as_change.missing_in(PeakShaving(Mode.MANUAL, 31, time(12), 70.0)) != ""


async def test_the_emergency_reserve(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    assert await account.portal.emergency_reserve(plant) == 10
    assert await account.portal.set_emergency_reserve(plant, 25) == 25
    assert stage.cloud.writes[-1][1].endswith("senec/1/emergencypower?reserve-in-percent=25")


async def test_sg_ready_is_written_whole(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    assert plant.sg_ready
    sg_ready = await account.portal.sg_ready(plant)
    assert (sg_ready.mode, sg_ready.number("modeChangeDelayInMinutes")) == (2, 20)
    sg_ready = await account.portal.set_sg_ready(plant, "powerOnProposalThresholdInWatt", 1800)
    assert sg_ready.number("powerOnProposalThresholdInWatt") == 1800
    with pytest.raises(SenecCloudError) as error:
        await account.portal.set_sg_ready(plant, "shutdownLevelInWatt", 1)
    assert error.value.reason is ServiceReason.NOT_FOUND


async def test_sockets_are_written_whole(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    assert await account.portal.sockets(plant) == (
        Socket(0, "Steckdose 1", "OFF", on=False),
        Socket(1, "Steckdose 2", "OFF", on=False),
    )
    sockets = await account.portal.set_socket_mode(plant, 1, "ON")
    assert [(socket.mode, socket.on) for socket in sockets] == [("OFF", False), ("ON", True)]
    with pytest.raises(SenecCloudError) as error:
        await account.portal.set_socket_mode(plant, 7, "ON")
    assert error.value.reason is ServiceReason.NOT_FOUND


async def test_a_page_is_no_answer_to_a_write(stage: Stage) -> None:
    account = stage.account()
    plant = await account.portal.find(V3)
    assert plant is not None
    stage.cloud.fail("/web/endkunde/api/senec", status=200, html=True)
    with pytest.raises(SenecCloudError) as error:
        await account.portal.set_emergency_reserve(plant, 25)
    assert error.value.reason is ServiceReason.BAD_ANSWER


@given(
    objects_with(
        "steckdosennummer", "steckdosenummer", "name", "mode", "state", "steuereinheitnummer"
    ),
    JSON_VALUES,
)
def test_hostile_answers_are_missing_values(answer: dict[str, object], value: object) -> None:
    Socket.from_json(answer)
    Plant.from_json(0, answer)
    settings = PeakShaving.from_json(
        {"peakShavingLocalEndTime": value, "peakShavingMode": value, "peakShavingEndDate": value}
    )
    assert settings.mode is None
