"""Tokens: renewed in time, stored first, one at a time, and never a sign-in too many."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.senec.cloud.protocol.sign_in import Credentials, Grant
from custom_components.hausstrom.senec.cloud.protocol.tokens import TokenSet
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError, ServiceReason

from .conftest import ANNA, Stage

FORM = "login-actions/authenticate"
TOKEN = "/sso/realms/senec/protocol/openid-connect/token"
DASHBOARD = "/app-measurements"


async def test_a_token_is_used_until_it_is_about_to_end(stage: Stage) -> None:
    account = stage.account()
    first = await account.tokens.access()
    stage.clock.turn(seconds=269)
    assert await account.tokens.access() == first
    stage.clock.turn(seconds=1)
    assert await account.tokens.access() != first
    assert (stage.cloud.count(TOKEN), account.sign_in.forms_sent) == (2, 1)


async def test_callers_at_the_same_time_share_one_renewal(stage: Stage) -> None:
    account = stage.account()
    tokens = await asyncio.gather(*(account.tokens.access() for _ in range(20)))
    assert len(set(tokens)) == 1
    stage.clock.turn(minutes=5)
    tokens = await asyncio.gather(*(account.tokens.access() for _ in range(20)))
    assert len(set(tokens)) == 1
    assert (stage.cloud.count(TOKEN), account.tokens.renewals) == (2, 1)


async def test_the_rotated_token_is_stored_before_it_is_used(stage: Stage) -> None:
    account = stage.account()
    for _ in range(10):
        access = await account.tokens.access()
        tokens = stage.stored[-1]["tokens"]
        assert isinstance(tokens, dict)
        assert tokens["access"] == access
        stage.clock.turn(minutes=5)
    # The password went out (1), the tokens came (10 times), the door is open (1).
    assert len(stage.stored) == 12
    assert len(stage.cloud.sso.refresh) == 1  # each refresh token was used once and is gone


async def test_a_restart_needs_no_sign_in(stage: Stage) -> None:
    await stage.account().tokens.access()
    stage.clock.turn(days=29)
    stage.session.cookie_jar.clear()
    stage.cloud.forget()
    account = stage.account(resume=True)
    await account.tokens.access()
    assert (stage.cloud.count(TOKEN), stage.cloud.requests.total()) == (1, 1)
    # The site opens with the cookie of the SSO that was stored with the tokens.
    plant = await account.portal.find("S123456789012345678900301")
    assert plant is not None
    assert stage.cloud.count(FORM) == 0


async def test_an_ended_session_costs_one_sign_in(stage: Stage) -> None:
    account = stage.account()
    await account.tokens.access()
    stage.clock.turn(days=31)
    stage.cloud.sso.forget_sessions()
    await account.tokens.access()
    assert (account.tokens.sign_ins, account.sign_in.forms_sent) == (2, 2)


async def test_a_changed_password_is_tried_once(stage: Stage) -> None:
    account = stage.account()
    await account.tokens.access()
    stage.clock.turn(hours=25)
    stage.cloud.account(ANNA.username).password = "anders"
    stage.cloud.sso.forget_sessions()
    for _ in range(5):
        with pytest.raises(SenecCloudError) as error:
            await account.tokens.access()
        assert error.value.reason is ServiceReason.AUTH
        stage.clock.turn(minutes=1)
    assert account.sign_in.forms_sent == 2
    assert stage.cloud.account(ANNA.username).wrong_passwords == 1


async def test_a_session_that_ends_at_once_needs_the_user(stage: Stage) -> None:
    account = stage.account()
    await account.tokens.access()
    stage.clock.turn(minutes=5)
    stage.cloud.sso.forget_sessions()
    with pytest.raises(SenecCloudError) as error:
        await account.tokens.access()
    assert error.value.reason is ServiceReason.SPENT
    assert account.sign_in.forms_sent == 1
    account.sign_in.reset(ANNA)
    stage.clock.turn(minutes=20)
    await account.tokens.access()


async def test_a_session_that_ends_again_and_again_costs_a_password_a_day(stage: Stage) -> None:
    account = stage.account()
    await account.tokens.access()
    for _ in range(7 * 24 * 4):
        stage.clock.turn(minutes=15)
        stage.cloud.sso.forget_sessions()
        with suppress(SenecCloudError):
            await account.tokens.access()
    assert account.sign_in.passwords_sent == 1 + 7


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"cut": True}, ServiceReason.UNREACHABLE),
        ({"status": 502}, ServiceReason.SERVER),
        ({"status": 503}, ServiceReason.MAINTENANCE),
        ({"status": 400}, ServiceReason.REFUSED),
        ({"status": 400, "text": "<html>"}, ServiceReason.REFUSED),
        ({"status": 200, "html": True}, ServiceReason.BAD_ANSWER),
        ({"status": 200}, ServiceReason.BAD_ANSWER),
    ],
)
async def test_trouble_at_the_token_service_costs_no_sign_in(
    stage: Stage, fault: dict[str, object], reason: ServiceReason
) -> None:
    account = stage.account()
    await account.tokens.access()
    stage.clock.turn(minutes=5)
    stage.cloud.fail(TOKEN, **fault)
    for _ in range(3):
        with pytest.raises(SenecCloudError) as error:
            await account.tokens.access()
        assert error.value.reason is reason
    stage.cloud.heal()
    stage.clock.turn(minutes=1, seconds=1)  # a failure is not asked for again at once
    await account.tokens.access()
    assert account.sign_in.forms_sent == 1


async def test_a_lost_answer_costs_one_sign_in(stage: Stage) -> None:
    """The SSO has rotated the token, but the answer did not come through."""
    account = stage.account()
    await account.tokens.access()
    stage.clock.turn(hours=2)
    stage.cloud.sso.refresh.clear()
    await account.tokens.access()
    assert (account.tokens.sign_ins, account.sign_in.forms_sent) == (2, 1)  # by the SSO's cookie


async def test_whoever_is_cancelled_during_a_renewal_does_not_lose_it(stage: Stage) -> None:
    account = stage.account()
    await account.tokens.access()
    stage.clock.turn(hours=2)
    stage.cloud.forget()
    task = asyncio.ensure_future(account.tokens.access())
    while not stage.cloud.count("token"):
        await asyncio.sleep(0)
    task.cancel()  # the entry is unloaded; SENEC has rotated the token already
    with pytest.raises(asyncio.CancelledError):
        await task
    assert account.tokens.renewals == 1
    again = stage.account(resume=True)
    await again.tokens.access()
    assert (again.tokens.sign_ins, again.sign_in.forms_sent) == (0, 0)


async def test_a_refused_token_is_renewed_once(stage: Stage) -> None:
    account = stage.account()
    (system,) = await account.app.systems()
    stage.clock.turn(minutes=2)
    stage.cloud.fail(DASHBOARD, status=401, times=1)
    await account.app.dashboard(system.id)
    assert account.tokens.renewals == 1
    stage.cloud.fail(DASHBOARD, status=401)
    stage.cloud.forget()
    for _ in range(3):
        with pytest.raises(SenecCloudError) as error:
            await account.app.dashboard(system.id)
        assert error.value.reason is ServiceReason.SESSION
    assert (stage.cloud.count(TOKEN), stage.cloud.count(DASHBOARD)) == (0, 3)


async def test_callers_that_are_refused_together_renew_once(stage: Stage) -> None:
    account = stage.account()
    (system,) = await account.app.systems()
    stage.clock.turn(minutes=2)
    stage.cloud.sso.access.clear()
    await asyncio.gather(*(account.app.dashboard(system.id) for _ in range(5)))
    assert account.tokens.renewals == 1


async def test_a_refused_token_without_a_successor(stage: Stage) -> None:
    account = stage.account()
    access = await account.tokens.access()
    stage.clock.turn(hours=25)
    stage.cloud.sso.forget_sessions()
    stage.cloud.fail("/sso/realms/senec/protocol/openid-connect/auth", status=503, times=1)
    with pytest.raises(SenecCloudError) as error:
        await account.tokens.replace(access)
    assert error.value.reason is ServiceReason.MAINTENANCE
    stage.clock.turn(minutes=15)
    assert await account.tokens.replace(access) != access


@given(
    st.builds(
        TokenSet,
        st.text("abc.-_", min_size=1),
        st.text("abc.-_", min_size=1),
        st.datetimes(timezones=st.just(UTC)),
        st.datetimes(timezones=st.just(UTC)),
    )
)
def test_stored_and_read_again(tokens: TokenSet) -> None:
    again = TokenSet.from_dict(tokens.as_dict())
    assert again is not None
    for name in ("access", "refresh", "obtained", "ends"):
        assert getattr(again, name) == getattr(tokens, name)


def test_what_is_printed_of_secrets_tells_none() -> None:
    moment = datetime(2026, 6, 10, tzinfo=UTC)
    for secret in (
        TokenSet("a-secret-word", "a-secret-word", moment, moment),
        Credentials("anna@example.com", "a-secret-word", "a-secret-word"),
        Grant("a-secret-word", "a-secret-word"),
    ):
        assert "a-secret-word" not in f"{secret} {secret!r}"


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {"access": "a", "refresh": "r", "obtained": "yesterday", "ends": "tomorrow"},
        {"access": "", "refresh": "r", "obtained": "2026-01-01", "ends": "2026-01-01"},
    ],
)
def test_what_is_no_set_of_tokens(stored: object) -> None:
    assert TokenSet.from_dict(stored) is None


@pytest.mark.parametrize("seconds", [0, -1, 10**9, "300", None, True])
async def test_a_life_that_cannot_be(stage: Stage, seconds: object) -> None:
    account = stage.account()
    answer = {"access_token": "a", "refresh_token": "r", "expires_in": seconds}
    assert account.tokens._decoded(answer) is None
    granted = account.tokens._decoded({**answer, "expires_in": 300})
    assert granted is not None
    assert granted.as_dict() == {
        "access": "a",
        "refresh": "r",
        "obtained": stage.clock.now.isoformat(),
        "ends": "2026-06-10T10:05:00+00:00",
    }
