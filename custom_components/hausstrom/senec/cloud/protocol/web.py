"""mein-senec.de: what the app's services do not offer, above all peak shaving."""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, NamedTuple, Self

from aiohttp import ClientSession

from ...protocol.errors import (
    ONLY_THE_USER_CAN_HELP,
    SenecCloudError,
    SenecServiceError,
    ServiceReason,
)
from ...protocol.fields import (
    JsonObject,
    flag_of,
    number_of,
    object_of,
    objects_of,
    text_of,
    whole_of,
)
from ...protocol.hosts import Hosts
from ...protocol.http import CurrentTime, Reply, Requests, ServiceLine
from .confirming import Sleep, confirmed, differs
from .doors import Door
from .pages import read_page
from .peak_shaving import Change, Mode, PeakShaving
from .sign_in import FIELDS, SignIn
from .tokens import to_its_end

MOST_PLANTS: Final = 15  # of a customer; asked for where the site does not say how many there are
REST_AFTER_ENTERING: Final = timedelta(seconds=60)
REST_AFTER_REFUSAL: Final = timedelta(minutes=15)  # between two looks whether a door is open again
LOGIN_TITLES: Final = ("login", "anmelden", "sign in", "accedi")
HEADERS: Final = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
SESSION_ENDED: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
    }
)


class Plant:
    """A system as mein-senec.de knows it, with what the site shows for it."""

    def __init__(
        self, number: int, control_unit: str, *, peak_shaving: bool, sg_ready: bool, sockets: bool
    ) -> None:
        """Keep it; number is the anlageNummer, which is not the place in the app's list."""
        self.number = number
        self.control_unit = control_unit
        self.peak_shaving = peak_shaving
        self.sg_ready = sg_ready
        self.sockets = sockets

    @classmethod
    def from_json(cls, number: int, answer: JsonObject) -> Self | None:
        """Decode the navigation of a system; None without a control unit."""
        if (unit := text_of(answer.get("steuereinheitnummer"))) is None:
            return None
        return cls(
            number,
            unit,
            peak_shaving=flag_of(answer.get("peakShavingVisible")) is True,
            sg_ready=flag_of(answer.get("sgReadyVisible")) is True,
            sockets=flag_of(answer.get("steckdosenVisible")) is True,
        )


class SgReady:
    """The SG-Ready relay's mode and settings; a setting that the system lacks is None."""

    def __init__(self, mode: int | None, settings: JsonObject) -> None:
        """Keep what the server gave: a write sends all settings back."""
        self.mode = mode  # 1 locked, 2 normal, 3 start suggested, 4 start requested
        self.settings = settings

    def number(self, name: str) -> float | None:
        """Return one of the numbers of the settings."""
        return number_of(self.settings.get(name))


class Socket(NamedTuple):
    """A switched socket at the storage."""

    number: int
    name: str
    mode: str | None  # SENEC's word: ON, OFF, AUTOMATIC…
    on: bool | None

    @classmethod
    def from_json(cls, answer: JsonObject) -> Self | None:
        """Decode a socket; SENEC spells its number in two ways."""
        number = whole_of(answer.get("steckdosennummer", answer.get("steckdosenummer")))
        if number is None:
            return None
        state = object_of(answer.get("state"))
        on = flag_of(state.get("an")) if "an" in state else flag_of(state.get("on"))
        return cls(
            number, text_of(answer.get("name")) or f"{number + 1}", text_of(answer.get("mode")), on
        )


class Portal:
    """Talks to mein-senec.de in the session that the SSO opens.

    Every call raises `SenecCloudError`. A session that has ended is opened again once, with the
    SSO's cookie if it still holds, and the request is made once more.
    """

    def __init__(
        self,
        session: ClientSession,
        hosts: Hosts,
        sign_in: SignIn,
        *,
        clock: CurrentTime,
        requests: Requests,
        sleep: Sleep,
    ) -> None:
        """Take the sign-in whose cookies open the site, and what waits between two looks."""
        self._hosts = hosts
        self._sign_in = sign_in
        self._clock = clock
        self._line = ServiceLine(session, requests, SenecCloudError)
        self._entering = asyncio.Lock()
        self._entered: datetime | None = None
        self._refused: tuple[datetime, SenecServiceError] | None = None
        self._sleep = sleep

    async def find(self, control_unit: str) -> Plant | None:
        """Return the system with that control-unit number, wherever in the list it stands.

        A customer's list has masters and slaves in an order of its own, so every number is asked
        until the one with the right control unit comes. A number that is answered by an error is
        passed over: beyond the end of the list some answer 500. Only if none was right does such
        an error mean anything, and then it is raised.
        """
        wanted = _bare(control_unit)
        trouble: SenecServiceError | None = None
        for number in range(await self._plants()):
            try:
                answer = await self._get(
                    "plant",
                    "context/getAnlageBasedNavigationViewModel",
                    anlageNummer=str(number),
                )
            except SenecServiceError as err:
                if err.reason in {
                    ServiceReason.NOT_FOUND,
                    ServiceReason.REFUSED,
                    ServiceReason.FORBIDDEN,
                }:
                    continue
                if err.reason in {ServiceReason.SERVER, ServiceReason.BAD_ANSWER}:
                    trouble = trouble or err
                    continue
                raise
            plant = Plant.from_json(number, object_of(answer))
            if plant is not None and _bare(plant.control_unit) == wanted:
                return plant
        if trouble is not None:
            raise trouble
        return None

    async def _plants(self) -> int:
        """Return how many systems the customer has, as far as the site says it."""
        try:
            customer = object_of(await self._get("customer", "context/getEndkunde"))
        except SenecServiceError as err:
            if err.reason in ONLY_THE_USER_CAN_HELP | {
                ServiceReason.UNREACHABLE,
                ServiceReason.MAINTENANCE,
            }:
                raise
            return MOST_PLANTS
        count = whole_of(customer.get("anzahlAnlagen"))
        return count if count is not None and 0 < count <= MOST_PLANTS else MOST_PLANTS

    async def peak_shaving(self, plant: Plant) -> PeakShaving:
        """Return the peak-shaving settings."""
        answer = await self._get(
            "peak_shaving", "peakshaving/getSettings", anlageNummer=str(plant.number)
        )
        settings = PeakShaving.from_json(object_of(answer))
        if settings.mode is None:
            raise self._line.failure(ServiceReason.BAD_ANSWER, "peak shaving: no mode")
        return settings

    async def change_peak_shaving(self, plant: Plant, change: Change) -> PeakShaving:
        """Change settings on top of a fresh read and return what the server has afterwards.

        Raises `not_confirmed` when the server says something else than was wanted for a minute.
        """
        wanted = (await self.peak_shaving(plant)).with_change(change)
        # In manual mode all three matter, whoever chose them.
        sent = wanted.as_change if wanted.mode is Mode.MANUAL else change
        if (query := wanted.query(self._clock())) is None:
            raise self._line.failure(
                ServiceReason.BAD_ANSWER,
                "peak shaving: mode, limit or end is unknown; set all three",
            )
        await self._post(
            "peak_shaving_write",
            "peakshaving/saveSettings",
            query={"anlageNummer": str(plant.number), **query},
        )
        return await confirmed(
            lambda: self.peak_shaving(plant), sent.missing_in, self._sleep, self._line
        )

    async def emergency_reserve(self, plant: Plant) -> int | None:
        """Return the part of the battery that is kept for a power cut, in percent."""
        answer = await self._get(
            "emergency_reserve", f"senec/{plant.number}/emergencypower/reserve-in-percent"
        )
        return whole_of(answer)

    async def set_emergency_reserve(self, plant: Plant, percent: int) -> int | None:
        """Set the reserve and return what the server has afterwards."""
        await self._post(
            "emergency_reserve_write",
            f"senec/{plant.number}/emergencypower",
            query={"reserve-in-percent": str(percent)},
        )
        return await confirmed(
            lambda: self.emergency_reserve(plant),
            lambda found: "" if found == percent else f"{found} % instead of {percent} %",
            self._sleep,
            self._line,
        )

    async def sg_ready(self, plant: Plant) -> SgReady:
        """Return SG-Ready's mode and settings."""
        state = await self._get("sg_ready", f"senec/{plant.number}/sgready/state")
        config = await self._get("sg_ready", f"senec/{plant.number}/sgready/config")
        word = text_of(state) or ""
        mode = int(word[4:]) if word in {"MODE1", "MODE2", "MODE3", "MODE4"} else None
        return SgReady(mode, object_of(config))

    async def set_sg_ready(self, plant: Plant, name: str, value: float | bool) -> SgReady:
        """Change one setting on top of a fresh read: the server wants all of them."""
        known = object_of(await self._get("sg_ready", f"senec/{plant.number}/sgready/config"))
        if name not in known:
            raise self._line.failure(ServiceReason.NOT_FOUND, f"SG-Ready has no setting {name}")
        await self._post(
            "sg_ready_write", f"senec/{plant.number}/sgready", body={**known, name: value}
        )
        return await confirmed(
            lambda: self.sg_ready(plant),
            lambda found: differs(name, found.settings.get(name), value),
            self._sleep,
            self._line,
        )

    async def sockets(self, plant: Plant) -> tuple[Socket, ...]:
        """Return the switched sockets."""
        return tuple(
            socket
            for item in objects_of(await self._raw_sockets(plant))
            if (socket := Socket.from_json(item)) is not None
        )

    async def set_socket_mode(self, plant: Plant, number: int, mode: str) -> tuple[Socket, ...]:
        """Change the mode of one socket; the server wants all sockets back in one write."""
        sockets = [dict(item) for item in objects_of(await self._raw_sockets(plant))]
        chosen = [
            item
            for item in sockets
            if (socket := Socket.from_json(item)) is not None and socket.number == number
        ]
        if not chosen:
            raise self._line.failure(ServiceReason.NOT_FOUND, f"no socket {number}")
        chosen[0]["mode"] = mode
        await self._post("sockets_write", "steckdosen/save", body=sockets)
        return await confirmed(
            lambda: self.sockets(plant),
            lambda found: differs(
                "mode", next((one.mode for one in found if one.number == number), None), mode
            ),
            self._sleep,
            self._line,
        )

    async def _raw_sockets(self, plant: Plant) -> object:
        return await self._get(
            "sockets", "steckdosen/findByGeraetenummer", anlageNummer=str(plant.number)
        )

    async def _get(self, name: str, path: str, **query: str) -> object:
        return self._line.json(name, await self._call(name, "GET", path, query=query))

    async def _post(
        self, name: str, path: str, *, query: dict[str, str] | None = None, body: object = None
    ) -> None:
        await self._call(name, "POST", path, query=query, body=body)

    async def _call(
        self,
        name: str,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: object = None,
    ) -> Reply:
        url = (self._hosts.web / "endkunde/api" / path).with_query(query or None)
        if self._entered is None or self._refused is not None:
            # A session that could not be opened again is known to have ended: asking in it first
            # would be one request in vain for each thing that is read here.
            await self._enter(self._entered)
        before = self._entered
        reply = await self._line.ask(name, method, url, headers=HEADERS, body=body)
        if _session_ended(reply):
            await self._enter(before)
            reply = await self._line.ask(name, method, url, headers=HEADERS, body=body)
            if _session_ended(reply) and reply.status != HTTPStatus.FORBIDDEN:
                raise await self._session_refused(name, reply)
        if reply.status == HTTPStatus.FORBIDDEN:
            raise self._line.failure(ServiceReason.FORBIDDEN, f"{name}: 403")
        self._line.check(name, reply)
        if reply.is_html:
            title = read_page(reply.body).title
            raise self._line.failure(
                ServiceReason.BAD_ANSWER, f"{name}: a page instead of an answer", page=title
            )
        await self._sign_in.doors.opened(Door.SITE)
        return reply

    async def _session_refused(self, name: str, reply: Reply) -> SenecServiceError:
        """Return what it means that a session that was opened just now is not accepted."""
        page = (read_page(reply.body).title if reply.is_html else "") or self._sign_in.title
        error = self._line.failure(
            ServiceReason.SESSION, f"{name}: a fresh session is refused", page=page
        )
        if self._sign_in.doors.is_unanswered(Door.SITE):
            error = await self._sign_in.refuse_after_password(Door.SITE, error)
        self._refused = (self._clock(), error)
        return error

    async def _enter(self, ended: datetime | None) -> None:
        """Open a session, unless another call has just done so, or has just been refused."""
        async with self._entering:
            now = self._clock()
            if self._entered != ended:
                return
            if ended is not None and now - ended < REST_AFTER_ENTERING:
                return
            if self._refused is not None and now - self._refused[0] < REST_AFTER_REFUSAL:
                raise self._refused[1]
            try:
                await to_its_end(
                    self._sign_in.walk(self._hosts.web / "", self._hosts.web, Door.SITE, str)
                )
            except SenecServiceError as err:
                if err.reason in ONLY_THE_USER_CAN_HELP:
                    self._refused = (now, err)
                raise
            self._refused = None
            self._entered = now


def _session_ended(reply: Reply) -> bool:
    """Whether an answer means "sign in first": a status, or a page with the form for it.

    The title of that page is the language's; its form is Keycloak's in every one.
    """
    if reply.status in SESSION_ENDED:
        return True
    if reply.status != HTTPStatus.OK or not reply.is_html:
        return False
    page = read_page(reply.body)
    return page.form_asking_for(FIELDS) is not None or page.title.lower().startswith(LOGIN_TITLES)


def _bare(control_unit: str) -> str:
    """Return a control-unit number without the S that only some of SENEC's services write."""
    return control_unit.strip().upper().removeprefix("S")
