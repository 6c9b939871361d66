"""A V3 in a week of each kind of trouble: passwords posted, requests, values missing.

`benchmarks/senec_cloud_weeks.py` plays all weeks and prints the table; `test_weeks.py` the first
day of each.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.util import dt as dt_util

from simulators.senec_cloud import Fault, SenecCloud

from .conftest import ANNA, Home

HOUR_OF_POLLS: Final = 12
BEGINS: Final = 6  # hours after the start
TERMS: Final = (200, "<!DOCTYPE html><html><head><title>Terms</title></head><body></body></html>")
SORRY: Final = (400, "<!DOCTYPE html><html><head><title>We are sorry...</title></head></html>")
NO_VALUE: Final = {STATE_UNAVAILABLE, STATE_UNKNOWN}

type Act = Callable[[SenecCloud], None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong: at its beginning, with every poll or hour of it, and what ends it."""

    begin: Act = lambda cloud: None
    hourly: Act = lambda cloud: None
    end: Act = lambda cloud: cloud.heal()
    faults: tuple[tuple[str, Mapping[str, object]], ...] = ()

    def start(self, cloud: SenecCloud) -> None:
        """Begin."""
        for path, how in self.faults:
            cloud.faults.append(Fault(path, **how))  # type: ignore[arg-type]  # fields of a fault
        self.begin(cloud)


def _answers(path: str, **how: object) -> Trouble:
    return Trouble(faults=((path, how),))


def _after_password(page: tuple[int, str]) -> Trouble:
    def begin(cloud: SenecCloud) -> None:
        cloud.sso.after_password = page
        cloud.end_sessions()

    def end(cloud: SenecCloud) -> None:
        cloud.sso.after_password = None

    return Trouble(begin, lambda cloud: cloud.end_sessions(), end)


def _change_password(cloud: SenecCloud) -> None:
    cloud.account(ANNA.username).password = "ein-anderes"
    cloud.end_sessions()


def _lock(cloud: SenecCloud, *, locked: bool) -> None:
    cloud.account(ANNA.username).locked = locked
    cloud.end_sessions()


def _want(cloud: SenecCloud, action: str | None) -> None:
    cloud.sso.site_wants = action
    cloud.end_sessions(of_portal_alone=True)


def _silence(cloud: SenecCloud, since: datetime | None) -> None:
    cloud.system(100301).silent_since = since


def _levels(cloud: SenecCloud, level: float | None) -> None:
    told = {} if level is None else {"batteryLevelInPercent": level}
    cloud.system(100301).currently = told


SERVICES: Final = ("/app-measurements", "/app-systems", "/app-wallbox", "/app-abilities", "/web")
PAGE: Final = "<!DOCTYPE html><html><head><title>Wartung</title></head><body></body></html>"
WEEKS: Final[Mapping[str, Trouble]] = {
    "nothing": Trouble(),
    "measurements 503": _answers("/app-measurements", status=503),
    "measurements 429": _answers("/app-measurements", status=429, retry_after="120"),
    "systems 503": _answers("/app-systems", status=503),
    "wallbox 401": _answers("/app-wallbox", status=401),
    "abilities 503": _answers("/app-abilities", status=503),
    "mein-senec.de 503": _answers("/web", status=503),
    "mein-senec.de shows a page": _answers("/web/endkunde/api", status=200, text=PAGE),
    "SSO 503": _answers("/sso", status=503, html=True),
    "tokens 500 after the sign-in": Trouble(
        lambda cloud: cloud.end_sessions(),
        faults=(("/sso/realms/senec/protocol/openid-connect/token", {"status": 500}),),
    ),
    "everything 500": Trouble(
        faults=tuple((path, {"status": 500}) for path in (*SERVICES, "/sso"))
    ),
    "every connection is cut": Trouble(
        faults=tuple((path, {"cut": True}) for path in (*SERVICES, "/sso"))
    ),
    "maintenance pages": Trouble(
        faults=tuple((path, {"status": 200, "text": PAGE}) for path in (*SERVICES, "/sso"))
    ),
    "every session ends each hour": Trouble(hourly=lambda cloud: cloud.end_sessions()),
    "mein-senec.de's session ends each hour": Trouble(
        hourly=lambda cloud: cloud.end_sessions(of_portal_alone=True)
    ),
    "… on a page nobody knows": Trouble(
        lambda cloud: setattr(cloud.web, "says_ended_with", "login"),
        lambda cloud: cloud.end_sessions(of_portal_alone=True),
        lambda cloud: setattr(cloud.web, "says_ended_with", "401"),
        faults=(("/web/login", {"status": 200, "text": PAGE}),),
    ),
    "mein-senec.de wants a second factor": Trouble(
        lambda cloud: _want(cloud, "CONFIGURE_TOTP"),
        lambda cloud: cloud.end_sessions(of_portal_alone=True),
        lambda cloud: _want(cloud, None),
    ),
    "terms to accept": _after_password(TERMS),
    "“We are sorry”, 400": _after_password(SORRY),
    "the password is another one": Trouble(_change_password),
    "the account is locked": Trouble(
        lambda cloud: _lock(cloud, locked=True), end=lambda cloud: _lock(cloud, locked=False)
    ),
    "the system is silent": Trouble(
        lambda cloud: _silence(cloud, dt_util.utcnow()), end=lambda cloud: _silence(cloud, None)
    ),
    "placeholders for the level": Trouble(
        lambda cloud: _levels(cloud, 1e-05), end=lambda cloud: _levels(cloud, None)
    ),
}


@dataclass(slots=True)
class Played:
    """What came of it."""

    passwords: int = 0  # in all
    passwords_a_day: int = 0  # most in any 24 hours
    requests: list[int] = field(default_factory=list)  # by hour, while it lasted
    polls: int = 0  # while it lasted
    missing: dict[str, int] = field(default_factory=dict)  # polls while it lasted, without a value
    wrong: int = 0  # levels of 0 %
    back_after: int | None = None  # minutes after its end until all are there again

    @property
    def requests_an_hour(self) -> float:
        """The mean while it lasted."""
        return sum(self.requests) / len(self.requests)


SHOWN: Final = {
    "powers": ("sensor", "house_power"),
    "level": ("sensor", "bat_fuel_charge"),
    "state": ("sensor", "current_state"),
    "peak shaving": ("select", "peak_shaving_mode"),
    "wallbox": ("select", "wallbox_0_charging_mode"),
}


async def play(home: Home, trouble: Trouble, hours: int, after: int) -> Played:
    """Play some hours of a trouble, and some hours after it."""
    entry = await home.add()
    played = Played(missing=dict.fromkeys(SHOWN, 0))
    posted: deque[datetime] = deque()
    known = home.cloud.sso.passwords  # the one of the sign-in when the system was added

    def is_there(name: str) -> bool:
        return home.state(entry, *SHOWN[name]).state not in NO_VALUE

    async def poll() -> None:
        nonlocal known
        await home.wait(minutes=5)
        now = dt_util.utcnow()
        for _ in range(home.cloud.sso.passwords - known):
            posted.append(now)
            played.passwords += 1
        known = home.cloud.sso.passwords
        while posted and posted[0] <= now - timedelta(hours=24):
            posted.popleft()
        played.passwords_a_day = max(played.passwords_a_day, len(posted))
        if home.state(entry, *SHOWN["level"]).state in {"0", "0.0"}:
            played.wrong += 1

    for _ in range(BEGINS * HOUR_OF_POLLS):
        await poll()
    trouble.start(home.cloud)
    for _ in range(hours):
        trouble.hourly(home.cloud)
        home.cloud.forget()
        for _ in range(HOUR_OF_POLLS):
            await poll()
            played.polls += 1
            for name in SHOWN:
                played.missing[name] += not is_there(name)
        played.requests.append(home.cloud.requests.total())
    home.cloud.heal()
    trouble.end(home.cloud)
    for number in range(after * HOUR_OF_POLLS):
        await poll()
        if played.back_after is None and all(is_there(name) for name in SHOWN):
            played.back_after = 5 * (number + 1)
    return played
