"""Seven days of a V3: tokens that rotate, an outage, a changed password; and what it all costs."""

from collections import Counter
from functools import partial
from urllib.parse import urlsplit

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.data_entry_flow import FlowResultType

from custom_components.hausstrom.common.backoff import Backoff
from custom_components.hausstrom.const import DOMAIN
from custom_components.hausstrom.senec.cloud import chores
from custom_components.hausstrom.senec.cloud.protocol.sign_in import Credentials

from .conftest import ANNA, BERT, Home, fields_of

FORM = "login-actions/authenticate"
TOKEN = "openid-connect/token"


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off: thousands of polls are slow in it, on a busy machine."""


# What each thing that is asked for is called here, by the end of its path.
NAMES = {
    "/token": "token",
    "/dashboard": "dashboard",
    "/status/100301": "status",
    "/wallboxes/search": "wallboxes",
    "/details": "details",
    "/measurements": "totals",
    "/packages/100301": "abilities",
    "/forecast-charging-settings/100301": "forecast_charging",
    "/systems/api/v1": "systems",
    "/timespan": "timespan",
    "/getSettings": "peak_shaving",
    "/sgready/state": "sg_ready_state",
    "/sgready/config": "sg_ready_config",
    "/reserve-in-percent": "reserve",
    "/findByGeraetenummer": "sockets",
    "/getEndkunde": "customer",
    "/getAnlageBasedNavigationViewModel": "plant",
    "/openid-connect/auth": "auth",
    "/login-actions/authenticate": "form",
    "/web/": "site",
    "/web/login": "site_login",
    "/web/endkunde/": "site_home",
}


def by_name(log: list[tuple[str, str]]) -> dict[str, int]:
    """Return how often each thing was asked for; a path that nobody knows fails the test."""
    count: Counter[str] = Counter()
    for _, path in log:
        end = urlsplit(path).path
        (name,) = [name for part, name in NAMES.items() if end.endswith(part)]
        count[name] += 1
    return dict(count)


SITE = ("peak_shaving", "sg_ready_state", "sg_ready_config", "reserve", "sockets")
HOURLY = ("details", "totals", *SITE)


def quiet_day(wallboxes: int) -> dict[str, int]:
    """Return what a day without trouble costs.

    Every five minutes the dashboard and the state, with a token that lives as long; hourly what
    changes slowly; daily what the system can do, where it stands at mein-senec.de (the second
    number is the right one), and whether it has forecast charging by now.
    """
    return {
        **dict.fromkeys(("token", "dashboard", "status"), 24 * 12),
        **dict.fromkeys(HOURLY, 24),
        "wallboxes": wallboxes,
        **dict.fromkeys(("abilities", "customer", "forecast_charging"), 1),
        "plant": 2,
    }


# Every half hour; while a vehicle is there, two hours of every other day, every five minutes, and
# at once when it has come and gone: then the half hours begin anew.
WITHOUT_VEHICLE = 48
WITH_VEHICLE = 48 - 2 * 2 + 2 * 12


@pytest.mark.timeout(900)  # two thousand polls over real sockets, on a busy machine
async def test_seven_days(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tries after a failure are spread by up to a fifth: not here, where every request is counted.
    monkeypatch.setattr(chores, "Backoff", partial(Backoff, jitter=lambda: 0.0))
    entry = await home.add()
    sign_ins = {"forms": home.cloud.count(FORM), "exchanges": home.cloud.count(TOKEN)}
    assert sign_ins == {"forms": 1, "exchanges": 1}
    per_day: list[dict[str, int]] = []
    gone: list[int] = []
    asked = 0
    for day in range(7):
        home.cloud.forget()
        for step in range(24 * 12):
            if (day, step) == (2, 6 * 12):
                home.cloud.fail("/sso", status=503, html=True)  # Keycloak alone, for six hours
            if (day, step) == (2, 12 * 12):
                home.cloud.heal()
            if (day, step) == (4, 9 * 12):
                home.cloud.account(ANNA.username).password = "neues-wort"
                home.cloud.sso.forget_sessions()
                home.cloud.web.end_sessions()
            await home.wait(minutes=5)
            if home.state(entry, "sensor", "house_power").state == STATE_UNAVAILABLE:
                gone.append(day * 288 + step)
            flows = home.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
            if flows and (day, step) == (4, 20 * 12):
                asked += 1
                (flow,) = flows
                form = await home.hass.config_entries.flow.async_configure(flow["flow_id"])
                assert form["step_id"] == "reauth_confirm"
                fields = fields_of(Credentials(ANNA.username, "neues-wort"))
                done = await home.enter(form, fields)
                assert done["type"] is FlowResultType.ABORT
                assert done["reason"] == "reauth_successful"
        per_day.append(by_name(home.cloud.log))
    # Vehicles come on the first, third, fifth and seventh day, at its beginning. The outage and the
    # sign-in move the half hours, so that the next vehicle is met by the last poll of the day before.
    boxes = (
        WITH_VEHICLE,
        WITHOUT_VEHICLE,
        0,
        WITHOUT_VEHICLE + 1,
        0,
        WITHOUT_VEHICLE + 1,
        WITH_VEHICLE,
    )
    for day in (0, 1, 3, 5, 6):
        assert per_day[day] == quiet_day(boxes[day]), day
    assert per_day[2] == outage_day()
    assert per_day[4] == waiting_day()
    assert asked == 1
    # What was read last is shown while it is not old: half an hour, six polls. The last one before
    # the SSO went was 71; it is back with 144, since the dashboard's try in every third poll from
    # 75 on falls there. The last one before the password was changed was 107, and the user answered
    # after 240.
    outage, waiting = range(71 + 6, 144), range(107 + 6, 240 + 1)
    assert gone == [*(2 * 288 + poll for poll in outage), *(4 * 288 + poll for poll in waiting)]


def outage_day() -> dict[str, int]:
    """Return what a day costs whose polls 72 to 143 find the SSO down: less, not more.

    Nothing can be asked of the app without a token. Each thing has its own back-off, and things
    that are due with the same poll share one try to renew the token.
    """
    dashboard = {0, 1, 3, *range(6, 72, 3)}  # after 5, 10 and then always 15 minutes; state as well
    wallboxes = {5, 6, 8, 12, *range(18, 72, 6)}  # from half an hour after the last: 5, 10, 20, 30
    hourly = {11, 12, 14, 18, *range(26, 72, 12)}  # from an hour after the last: 5, 10, 20, 40, 60
    tries = len(dashboard | wallboxes | hourly)
    return {
        **quiet_day(WITH_VEHICLE - 6 * 2),
        **dict.fromkeys(("dashboard", "status"), (24 - 6) * 12),
        **dict.fromkeys(("details", "totals"), 24 - 6),
        "token": (24 - 6) * 12 + tries,
    }


def waiting_day() -> dict[str, int]:
    """Return what a day costs whose polls 108 to 240 wait for the user's new password.

    108 polls before and 47 after; between them the user's sign-in, which sets everything up anew:
    its first poll has the sign-in's token. The old password is refused once. Whether mein-senec.de
    is open by the SSO's cookie is tried once an hour, twelve times, by one request there and one
    at the SSO; the session itself is found to be over once.
    """
    polls, hours, tries = 108 + 1 + 47, 9 + 1 + 3, 12
    return {
        **quiet_day(18 + WITH_VEHICLE - WITHOUT_VEHICLE + 1 + 7),
        **dict.fromkeys(("dashboard", "status"), polls),
        "token": 108 + 1 + 1 + 47,  # one renewal is refused, one code exchanged
        **dict.fromkeys(HOURLY, hours),
        "peak_shaving": hours + 1,
        "form": 1 + 1,
        "auth": 1 + 1 + tries + 1,
        "site": tries + 1,
        **dict.fromkeys(("site_login", "site_home", "systems", "timespan"), 1),
    }


@pytest.mark.parametrize(
    ("credentials", "system", "minutes", "with_vehicle", "without"),
    [(ANNA, "", 5, 55, 45), (BERT, "400204", 1, 100, 90)],
)
async def test_requests_of_an_hour(
    home: Home,
    credentials: Credentials,
    system: str,
    minutes: int,
    with_vehicle: int,
    without: int,
) -> None:
    home.freezer.move_to("2026-06-10T10:00:00+00:00")  # a vehicle charges from 12 to 14 in Berlin
    await home.add(credentials, system)
    made = []
    for _ in range(4):
        home.cloud.forget()
        for _ in range(60 // minutes):
            await home.wait(minutes=minutes)
        made.append(home.cloud.requests.total())
    assert (made[0], made[3]) == (with_vehicle, without)
