"""The first hours of each kind of trouble: what a week of them costs is in the benchmark."""

import pytest

from .conftest import Home
from .weeks import WEEKS, play

# Only the user can end these; the others are over by themselves within two hours of their end.
FOR_THE_USER = {
    "terms to accept",
    "“We are sorry”, 400",
    "the password is another one",
    "mein-senec.de wants a second factor",
}
# These have cost the day's password: the next one goes out within a day.
AT_MOST_A_DAY_LATER = {
    "tokens 500 after the sign-in",
    "the account is locked",
    "every session ends each hour",
    "mein-senec.de's session ends each hour",
    "… on a page nobody knows",
}


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off: hundreds of polls are slow in it, on a busy machine."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", WEEKS)
async def test_trouble(home: Home, name: str) -> None:
    played = await play(home, WEEKS[name], hours=5, after=2)
    assert played.passwords <= 1
    assert played.wrong == 0
    # 45 an hour without trouble, 55 with a vehicle; a session that is opened costs some more.
    assert max(played.requests) <= 75
    if name not in FOR_THE_USER | AT_MOST_A_DAY_LATER:
        assert played.back_after is not None
