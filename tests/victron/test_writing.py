"""Setting values."""

import pytest

from custom_components.hausstrom.victron.protocol.payload import Limits
from custom_components.hausstrom.victron.protocol.writing import PendingWrite, WriteRefusedError
from tests.victron.gx import PORTAL, Gx

ESS = "Settings/CGwacs"
SETPOINT = "settings_0_settings_cgwacs_acpowersetpoint"


@pytest.fixture
def settings(gx: Gx) -> Gx:
    gx.say(f"settings/0/{ESS}/AcPowerSetPoint", 30.0, max=5000, min=-5000)
    gx.say(f"settings/0/{ESS}/PreventFeedback", 0)
    gx.say(f"settings/0/{ESS}/BatteryLife/State", 10)
    gx.say(f"settings/0/{ESS}/Hub4Mode", 1)
    gx.say("vebus/276/Mode", 3)
    gx.say("vebus/276/Ac/ActiveIn/CurrentLimit", 16.0)
    gx.say("vebus/276/Ac/ActiveIn/CurrentLimitIsAdjustable", 0)
    gx.say("evcharger/40/SetCurrent", 6)
    gx.say("evcharger/40/MaxCurrent", 16)
    gx.say("platform/0/Device/Reboot", None)
    gx.say("battery/512/Soc", 50)
    gx.echo()
    gx.collect()
    return gx


class Done:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def write(gx: Gx, key: str, value: float | str | bool) -> tuple[PendingWrite, Done]:
    done = Done()
    return gx.system.write(key, value, done), done


def test_a_write_counts_when_the_value_changes(settings: Gx) -> None:
    begun, done = write(settings, SETPOINT, 50)
    assert begun.publications == [(f"W/{PORTAL}/settings/0/{ESS}/AcPowerSetPoint", b'{"value":50}')]
    settings.wait(2)
    assert not begun.confirmed
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 50.0)
    assert begun.confirmed
    assert done.count == 1
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 60.0)
    assert done.count == 1


def test_a_value_that_is_so_already_needs_no_write(settings: Gx) -> None:
    begun, done = write(settings, SETPOINT, 30)
    assert begun.publications == []
    assert begun.confirmed
    assert done.count == 1


def test_a_write_that_nobody_confirms_can_be_given_up(settings: Gx) -> None:
    begun, done = write(settings, "vebus_276_mode", "off")
    begun.abandon()
    settings.say("vebus/276/Mode", 4)
    assert done.count == 0
    assert settings.system.urgent


def test_a_repeated_old_value_confirms_nothing(settings: Gx) -> None:
    begun, _ = write(settings, "vebus_276_mode", "off")
    settings.say("vebus/276/Mode", 3)
    assert not begun.confirmed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (SETPOINT, 5001),
        (SETPOINT, "50"),
        (SETPOINT, True),
        ("vebus_276_mode", "passthrough"),
        ("vebus_276_mode", "nonsense"),
        ("settings_0_settings_cgwacs_preventfeedback", 1),
        ("settings_0_essmode", "nonsense"),
        ("battery_512_soc", 5),
        ("evcharger_40_setcurrent", 17),
        ("no_such_key", 1),
    ],
)
def test_what_cannot_be_set(settings: Gx, key: str, value: float | str) -> None:
    with pytest.raises(WriteRefusedError):
        write(settings, key, value)


def test_nothing_is_written_to_who_is_not_there(settings: Gx) -> None:
    settings.system.closed()
    with pytest.raises(WriteRefusedError):
        write(settings, SETPOINT, 50)


def test_limits(settings: Gx) -> None:
    assert settings.system.limits(SETPOINT) == Limits(-5000, 5000)
    assert settings.system.limits("evcharger_40_setcurrent") == Limits(0, 16)
    assert settings.system.limits("battery_512_soc") is None
    assert settings.system.limits("no_such_key") is None
    settings.say("evcharger/40/MaxCurrent", None)
    assert settings.system.limits("evcharger_40_setcurrent") == Limits(0, 80)


def test_a_limit_that_the_device_does_not_let_us_set_is_only_shown(settings: Gx) -> None:
    assert settings.offers["vebus_276_ac_activein_currentlimit"].control is None
    assert settings.offers["vebus_276_mode"].control is not None


def test_a_switch_that_means_the_opposite(settings: Gx) -> None:
    key = "settings_0_settings_cgwacs_preventfeedback"
    assert settings.system.readings[key] is True
    begun, _ = write(settings, key, False)
    assert begun.publications[0][1] == b'{"value":1}'


def test_a_button(settings: Gx) -> None:
    assert "platform_0_device_reboot" in settings.offers
    begun, _ = write(settings, "platform_0_device_reboot", True)
    assert begun.publications[0][1] == b'{"value":1}'


@pytest.mark.parametrize(
    ("mode", "writes"),
    [
        ("with_battery_life", [("BatteryLife/State", 1)]),
        ("keep_charged", [("BatteryLife/State", 9)]),
        ("external_control", [("Hub4Mode", 3)]),
        ("without_battery_life", []),
    ],
)
def test_the_ess_mode_is_two_settings(
    settings: Gx, mode: str, writes: list[tuple[str, int]]
) -> None:
    begun, _ = write(settings, "settings_0_essmode", mode)
    assert begun.publications == [
        (f"W/{PORTAL}/settings/0/{ESS}/{path}", b'{"value":%d}' % code) for path, code in writes
    ]


def test_leaving_external_control_sets_both(settings: Gx) -> None:
    settings.say(f"settings/0/{ESS}/Hub4Mode", 3)
    begun, done = write(settings, "settings_0_essmode", "keep_charged")
    assert len(begun.publications) == 2
    settings.say(f"settings/0/{ESS}/Hub4Mode", 1)
    assert not begun.confirmed
    settings.say(f"settings/0/{ESS}/BatteryLife/State", 9)
    assert begun.confirmed
    assert done.count == 1


def test_a_setting_that_has_gone_cannot_be_set(settings: Gx) -> None:
    settings.go(f"settings/0/{ESS}/AcPowerSetPoint")
    with pytest.raises(WriteRefusedError):
        write(settings, SETPOINT, 50)


def test_new_limits_of_the_old_value_confirm_nothing(settings: Gx) -> None:
    begun, done = write(settings, SETPOINT, 50)
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 30.0, max=4000, min=-4000)
    assert not begun.confirmed
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 50.0, max=4000, min=-4000)
    assert begun.confirmed
    assert done.count == 1


def test_the_noise_of_a_float_is_no_other_value(settings: Gx) -> None:
    settings.say("vebus/276/Ac/ActiveIn/CurrentLimitIsAdjustable", 1)
    settings.say("vebus/276/Ac/ActiveIn/CurrentLimit", 13.800000190734863)
    begun, _done = write(settings, "vebus_276_ac_activein_currentlimit", 13.8)
    assert begun.publications == []
    assert begun.confirmed


def test_writes_of_one_setting_that_overlap(settings: Gx) -> None:
    first, first_done = write(settings, SETPOINT, 50)
    second, second_done = write(settings, SETPOINT, 70)
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 50.0)
    assert first.confirmed
    assert not second.confirmed
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 70.0)
    assert (first_done.count, second_done.count) == (1, 1)


def test_a_write_back_that_overlaps_is_no_write_of_what_is_so_already(settings: Gx) -> None:
    """What stands there now is about to change: who wants it to stay has to write it."""
    first, _ = write(settings, SETPOINT, 50)
    back, done = write(settings, SETPOINT, 30)
    assert [payload for _, payload in back.publications] == [b'{"value":30}']
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 50.0)
    assert (first.confirmed, back.confirmed) == (True, False)
    settings.say(f"settings/0/{ESS}/AcPowerSetPoint", 30.0)
    assert back.confirmed
    assert done.count == 1


def test_one_write_after_another_and_what_comes_with_the_answers(settings: Gx) -> None:
    path = f"settings/0/{ESS}/AcPowerSetPoint"
    for watts, most in ((50, 5000), (70, 6000), (90, 7000)):
        begun, done = write(settings, SETPOINT, watts)
        settings.say(path, watts, min=-most, max=most)
        assert begun.confirmed
        assert done.count == 1
        assert settings.system.limits(SETPOINT) == Limits(-most, most)
        settings.collect()
        settings.say(path, watts + 1, min=-most, max=most)
        assert done.count == 1
    # The limits that came with an answer are news, as they are at any other time.
    settings.collect()
    write(settings, SETPOINT, 20)
    settings.say(path, 20, min=-100, max=100)
    settings.system.collect(settings.now)
    (offer,) = settings.system.news().reshaped
    assert (offer.key, offer.limits) == (SETPOINT, Limits(-100, 100))
