"""The services of the app (June 2026): systems, measurements, wallboxes, abilities."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from aiohttp import ClientSession
from yarl import URL

from ...protocol.errors import SenecCloudError, SenecServiceError, ServiceReason
from ...protocol.fields import JsonObject, moment_of, number_of, object_of, objects_of, text_of
from ...protocol.hosts import Hosts
from ...protocol.http import Reply, Requests, ServiceLine
from .confirming import Sleep, confirmed, differs
from .history import Measurements
from .models import Abilities, CloudSystem, Dashboard, Details, Status
from .tokens import Tokens
from .wallbox import ChargingMode, Wallbox, WallboxSetting

HEADERS: Final = {"Accept": "application/json"}


class Resolution(StrEnum):
    """How long each row of a series is."""

    FIVE_MINUTES = "FIVE_MINUTES"
    HOUR = "HOUR"
    DAY = "DAY"
    MONTH = "MONTH"
    YEAR = "YEAR"


class App:
    """Asks and tells the app's services what the account may ask and tell.

    Every call raises `SenecCloudError`. A 401 is answered by one renewal of the token and one
    more try, never by more.
    """

    def __init__(
        self,
        session: ClientSession,
        hosts: Hosts,
        tokens: Tokens,
        *,
        requests: Requests,
        sleep: Sleep,
    ) -> None:
        """Take the tokens' keeper; session and count are those of the whole account."""
        self._sleep = sleep
        self._method_of: dict[str, str] = {}
        self._hosts = hosts
        self._tokens = tokens
        self._line = ServiceLine(session, requests, SenecCloudError)

    async def systems(self) -> tuple[CloudSystem, ...]:
        """Return the systems of the account."""
        answer = await self._get("systems", self._systems)
        if not isinstance(answer, list):
            raise self._line.failure(ServiceReason.BAD_ANSWER, "systems: not an array")
        return tuple(
            system
            for item in objects_of(answer)
            if (system := CloudSystem.from_json(item)) is not None
        )

    async def details(self, system_id: str) -> Details:
        """Return what changes slowly."""
        answer = await self._get("details", self._systems / system_id / "details")
        return Details.from_json(self._object("details", answer))

    async def status(self, system_id: str) -> Status:
        """Return the state alone: small enough to be asked for with each dashboard."""
        answer = await self._get("status", self._systems / "status" / system_id)
        return Status.from_json(self._object("status", answer))

    async def forecast_charging(self, system_id: str) -> str | None:
        """Return the mode of forecast charging (P4), in SENEC's word."""
        url = self._systems / "settings/forecast-charging-settings" / system_id
        return text_of(object_of(await self._get("forecast_charging", url)).get("chargingMode"))

    async def is_online(self, system_id: str) -> bool | None:
        """Return whether SENEC hears from the system; None where it does not say (404, 204)."""
        try:
            answer = object_of(
                await self._get("online_state", self._systems / system_id / "online-state")
            )
        except SenecCloudError as err:
            if err.reason is ServiceReason.NOT_FOUND:
                return None
            raise
        state = answer.get("state")
        return state == "ONLINE" if isinstance(state, str) else None

    async def abilities(self, system_id: str) -> Abilities:
        """Return what the system can do."""
        url = self._hosts.abilities / "abilities/api/v1/packages" / system_id
        return Abilities.from_json(self._object("abilities", await self._get("abilities", url)))

    async def dashboard(self, system_id: str, wallbox_ids: Sequence[str] = ()) -> Dashboard:
        """Return the powers now and the energies of today."""
        url = self._measurements / system_id / "dashboard"
        if wallbox_ids:
            url = url.with_query(wallboxIds=",".join(wallbox_ids))
        answer = self._object("dashboard", await self._get("dashboard", url))
        if (dashboard := Dashboard.from_json(answer)) is None:
            raise self._line.failure(ServiceReason.BAD_ANSWER, "dashboard: no time or no values")
        return dashboard

    async def measurements(
        self,
        system_id: str,
        resolution: Resolution,
        start: datetime,
        end: datetime,
        wallbox_ids: Sequence[str] = (),
    ) -> Measurements:
        """Return the series from `start` to `end` (aware), in kWh per row."""
        query = {
            "resolution": resolution.value,
            "from": _instant(start),
            "to": _instant(end),
            **({"wallboxIds": ",".join(wallbox_ids)} if wallbox_ids else {}),
        }
        url = (self._measurements / system_id / "measurements").with_query(query)
        answer = self._object("measurements", await self._get("measurements", url))
        if (series := Measurements.from_json(answer)) is None:
            raise self._line.failure(ServiceReason.BAD_ANSWER, "measurements: not a series")
        return series

    async def wallbox_measurements(
        self,
        system_id: str,
        wallbox_id: str,
        resolution: Resolution,
        start: datetime,
        end: datetime,
    ) -> Measurements:
        """Return the series of one wallbox from `start` to `end` (aware), in kWh per row."""
        query = {
            "wallboxIds": wallbox_id,
            "resolution": resolution.value,
            "from": _instant(start),
            "to": _instant(end),
        }
        url = (self._measurements / system_id / "wallboxes/measurements").with_query(query)
        answer = self._object("wallbox_series", await self._get("wallbox_series", url))
        if (series := Measurements.from_json(answer)) is None:
            raise self._line.failure(ServiceReason.BAD_ANSWER, "wallbox_series: not a series")
        return series

    async def first_measurement(self, system_id: str) -> datetime | None:
        """Return since when SENEC has measurements, where it says so.

        By the name of the field: the end of the span may stand before its beginning.
        """
        url = self._measurements / system_id / "data-availability/timespan"
        answer = object_of(await self._get("timespan", url.with_query(timezone="UTC")))
        for name, value in answer.items():
            if "end" in name.lower():
                continue
            if (moment := moment_of(value)) is not None:
                return moment
            if (milliseconds := number_of(value)) is not None and milliseconds > 0:
                try:
                    return datetime.fromtimestamp(milliseconds / 1000, UTC)
                except ValueError, OverflowError, OSError:
                    return None
        return None

    async def wallboxes(self, system_id: str) -> tuple[Wallbox, ...]:
        """Return the wallboxes of a system, in SENEC's order."""
        url = self._hosts.wallbox / "wallbox/api/v1/systems/wallboxes/search"
        answer = await self._call("wallboxes", "POST", url, body={"systemIds": [_as_id(system_id)]})
        return tuple(
            wallbox
            for item in objects_of(answer)
            if (wallbox := Wallbox.from_json(item)) is not None
        )

    async def lock_wallbox(
        self, system_id: str, wallbox_id: str, *, locked: bool
    ) -> tuple[Wallbox, ...]:
        """Forbid or allow the use of a wallbox; return the wallboxes as they are then."""
        word = "true" if locked else "false"
        await self._write("PATCH", self._wallbox(system_id, wallbox_id) / "locked" / word)
        return await self._confirmed(
            system_id, wallbox_id, lambda box: differs("locked", box.locked, locked)
        )

    async def set_charging_mode(
        self, system_id: str, wallbox_id: str, mode: ChargingMode
    ) -> tuple[Wallbox, ...]:
        """Choose how a wallbox charges; return the wallboxes as they are then."""
        await self._write(
            "POST", self._wallbox(system_id, wallbox_id) / "charging-mode" / mode.name
        )
        return await self._confirmed(
            system_id, wallbox_id, lambda box: differs("mode", box.charging_mode, mode)
        )

    async def set_wallbox_setting(
        self, system_id: str, wallbox_id: str, setting: WallboxSetting, value: float | bool
    ) -> tuple[Wallbox, ...]:
        """Change one setting of a charging mode on top of a fresh read; return the wallboxes."""
        boxes = await self.wallboxes(system_id)
        box = next((one for one in boxes if one.id == wallbox_id), None)
        if box is None or (body := setting.body(box, value)) is None:
            raise self._line.failure(
                ServiceReason.NOT_FOUND, f"wallbox has no setting {setting.read_as}"
            )
        await self._write("POST", self._wallbox(system_id, wallbox_id) / setting.path, body)
        return await self._confirmed(
            system_id, wallbox_id, lambda box: differs(setting.read_as, setting.of(box), value)
        )

    async def _confirmed(
        self, system_id: str, wallbox_id: str, missing: Callable[[Wallbox], str]
    ) -> tuple[Wallbox, ...]:
        def missing_in(boxes: tuple[Wallbox, ...]) -> str:
            box = next((one for one in boxes if one.id == wallbox_id), None)
            return "the wallbox is not there" if box is None else missing(box)

        return await confirmed(
            lambda: self.wallboxes(system_id), missing_in, self._sleep, self._line
        )

    async def _write(self, method: str, url: URL, body: JsonObject | None = None) -> None:
        """Write with the method that is known to work; where it is 405, with the other one.

        Other clients disagree on POST and PATCH; what a server has taken is remembered.
        """
        kind = f"{url.parent.name}/{url.name}" if url.parent.name == "settings" else url.parent.name
        method = self._method_of.get(kind, method)
        try:
            await self._call("wallbox_write", method, url, body=body)
        except SenecServiceError as err:
            if err.status != HTTPStatus.METHOD_NOT_ALLOWED:
                raise
            method = "PATCH" if method == "POST" else "POST"
            await self._call("wallbox_write", method, url, body=body)
        self._method_of[kind] = method

    @property
    def _systems(self) -> URL:
        return self._hosts.systems / "systems/api/v1"

    @property
    def _measurements(self) -> URL:
        return self._hosts.measurements / "measurements/api/v1/systems"

    def _wallbox(self, system_id: str, wallbox_id: str) -> URL:
        return self._hosts.wallbox / "wallbox/api/v1/systems" / system_id / "wallboxes" / wallbox_id

    def _object(self, name: str, answer: object) -> JsonObject:
        if not isinstance(answer, dict):
            raise self._line.failure(ServiceReason.BAD_ANSWER, f"{name}: not an object")
        return answer

    async def _get(self, name: str, url: URL) -> object:
        return await self._call(name, "GET", url)

    async def _call(self, name: str, method: str, url: URL, *, body: object = None) -> object:
        """Ask with a token; `204 no content` is an answer of None."""
        token = await self._tokens.access()
        reply = await self._ask(name, method, url, token, body)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            token = await self._tokens.replace(token)
            reply = await self._ask(name, method, url, token, body)
        self._line.check(name, reply)
        if reply.status == HTTPStatus.NO_CONTENT or not reply.body.strip():
            return None
        return self._line.json(name, reply)

    async def _ask(self, name: str, method: str, url: URL, token: str, body: object) -> Reply:
        headers = {**HEADERS, "Authorization": f"Bearer {token}"}
        return await self._line.ask(name, method, url, headers=headers, body=body)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_id(system_id: str) -> int | str:
    """Return the id as SENEC's own clients send it: a number where it is one."""
    return int(system_id) if system_id.isascii() and system_id.isdigit() else system_id
