"""SENEC.Connect: one key, one poll for all its systems, and a budget of calls per month."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from aiohttp import ClientSession

from ...protocol.errors import ServiceReason
from ...protocol.fields import number_of, object_of, text_of
from ...protocol.hosts import Hosts
from ...protocol.http import CurrentTime, Requests, ServiceLine
from .errors import SenecConnectError
from .models import ConnectSystem, systems_of

PATH: Final = "senec-connect/v1/systems/device-data/general"
QUERY: Final = {"include": "battery,meter,evse,bessNameplate"}
CALLS_PER_MONTH: Final = 45_000  # SENEC's limit for the free product
RESERVE: Final = 200  # for restarts and other programs on the same key
REST_WHEN_USED_UP: Final = 3600.0  # seconds, where the server does not say how long
SHORTEST_REST: Final = timedelta(seconds=60)


@dataclass(slots=True, repr=False)
class Budget:
    """The calls of the running month (UTC), and how far apart the rest of them must be."""

    month: str = ""
    spent: int = 0

    def as_dict(self) -> dict[str, str | int]:
        """Return what a store keeps."""
        return {"month": self.month, "spent": self.spent}

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        """Return what `as_dict` gave; anything else is a fresh budget."""
        values = object_of(stored)
        month, spent = text_of(values.get("month")), number_of(values.get("spent"))
        return cls(month, int(spent)) if month and spent is not None and spent >= 0 else cls()

    def spend(self, now: datetime) -> None:
        """Count one call."""
        self._turn(now)
        self.spent += 1

    def left(self, now: datetime) -> int:
        """Return how many calls the month still has, without the reserve."""
        self._turn(now)
        return max(0, CALLS_PER_MONTH - RESERVE - self.spent)

    def rest(self, now: datetime) -> timedelta:
        """Return the shortest rest between two calls with which the month's calls suffice."""
        left = self.left(now)
        until_next_month = _next_month(now) - now.astimezone(UTC)
        if left == 0:
            return until_next_month
        return max(SHORTEST_REST, until_next_month / left)

    def _turn(self, now: datetime) -> None:
        month = now.astimezone(UTC).strftime("%Y-%m")
        if month != self.month:
            self.month, self.spent = month, 0


def _is_used_up(refusal: SenecConnectError) -> bool:
    """Whether a 403 means the quota and not the key.

    Azure API Management answers 429 to calls beyond the rate and 403 to calls beyond the quota,
    with `Retry-After` and "Out of call volume quota" (policies rate-limit and quota).
    """
    return refusal.retry_after is not None or "quota" in refusal.detail.lower()


def _next_month(now: datetime) -> datetime:
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


class Connect:
    """The systems of one key. Entries on the same key use the same object and share its polls."""

    def __init__(
        self,
        session: ClientSession,
        hosts: Hosts,
        key: str,
        *,
        clock: CurrentTime,
        requests: Requests,
        budget: Budget | None = None,
        store: Callable[[Budget], None] | None = None,
    ) -> None:
        """Take the key; `store` is called with the budget after each call."""
        self._hosts = hosts
        self._key = key
        self._clock = clock
        self._line = ServiceLine(session, requests, SenecConnectError)
        self.requests = requests
        self.budget = budget or Budget()
        self._store = store
        self._polling = asyncio.Lock()
        self._polled: datetime | None = None
        self._systems: Mapping[str, ConnectSystem] = {}
        self._refused: SenecConnectError | None = None
        self._not_before: datetime | None = None

    async def systems(self, at_most: timedelta = timedelta()) -> Mapping[str, ConnectSystem]:
        """Return the systems by id, polled at most `at_most` ago by whomever.

        Raises `SenecConnectError`: `auth` for a key that is refused (and then is not used again),
        `rate_limit` when the server or the month's budget says no.
        """
        async with self._polling:
            now = self._clock()
            if self._polled is not None and timedelta() <= now - self._polled < at_most:
                return self._systems
            if self._refused is not None:
                raise self._refused
            self._check_rest(now)
            await self._poll(now)
            return self._systems

    async def system(self, system_id: str, at_most: timedelta = timedelta()) -> ConnectSystem:
        """Return one of the systems; raises `not_found` when the key does not have it."""
        if (system := (await self.systems(at_most)).get(system_id)) is None:
            raise self._line.failure(ServiceReason.NOT_FOUND, "the key does not have this system")
        return system

    @property
    def has_to_wait(self) -> bool:
        """Whether the server has asked for a wait that is not over."""
        return self._not_before is not None and self._clock() < self._not_before

    def _check_rest(self, now: datetime) -> None:
        if self._not_before is not None and now < self._not_before:
            wait = (self._not_before - now).total_seconds()
            raise SenecConnectError(
                ServiceReason.RATE_LIMIT, "SENEC asked us to wait", retry_after=wait
            )
        if self.budget.left(now) == 0:
            wait = self.budget.rest(now).total_seconds()
            raise self._line.failure(
                ServiceReason.RATE_LIMIT, "the calls of this month are used up", retry_after=wait
            )

    async def _poll(self, now: datetime) -> None:
        self.budget.spend(now)
        if self._store is not None:
            self._store(self.budget)
        url = (self._hosts.connect / PATH).with_query(QUERY)
        reply = await self._line.ask(
            "connect", "GET", url, headers={"Ocp-Apim-Subscription-Key": self._key}
        )
        try:
            answer = self._line.json("connect", self._line.check("connect", reply))
        except SenecConnectError as err:
            if err.reason is ServiceReason.FORBIDDEN and _is_used_up(err):
                wait = err.retry_after or REST_WHEN_USED_UP
                self._not_before = now + timedelta(seconds=wait)
                raise SenecConnectError(
                    ServiceReason.RATE_LIMIT, err.detail, retry_after=wait
                ) from err
            if err.reason in {ServiceReason.SESSION, ServiceReason.FORBIDDEN}:
                self._refused = SenecConnectError(
                    ServiceReason.AUTH, "SENEC.Connect refuses the key"
                )
                raise self._refused from err
            if err.reason is ServiceReason.RATE_LIMIT:
                self._not_before = now + timedelta(seconds=err.retry_after or 60)
            raise
        if not isinstance(answer, list):
            raise self._line.failure(ServiceReason.BAD_ANSWER, "connect: not an array")
        self._systems = systems_of(answer)
        self._polled = now
