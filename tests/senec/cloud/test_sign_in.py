"""Signing in: every branch, with the number of requests and of forms that it may take."""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from yarl import URL

from custom_components.hausstrom.senec.cloud.protocol.doors import Door
from custom_components.hausstrom.senec.cloud.protocol.pages import read_page
from custom_components.hausstrom.senec.cloud.protocol.sign_in import Credentials, Grant, is_within
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError, ServiceReason

from .conftest import ANNA, BERT, Stage

AUTH = "/sso/realms/senec/protocol/openid-connect/auth"
FORM = "login-actions/authenticate"
TOKEN = "openid-connect/token"


async def refused(stage: Stage, credentials: Credentials) -> tuple[SenecCloudError, int]:
    """Try to get a token twice; return the error and how many requests both tries made."""
    account = stage.account(credentials)
    with pytest.raises(SenecCloudError) as first:
        await account.tokens.access()
    with pytest.raises(SenecCloudError) as second:
        await account.tokens.access()
    assert second.value.reason is first.value.reason
    return first.value, stage.cloud.requests.total()


async def test_one_page(stage: Stage) -> None:
    account = stage.account()
    assert (await account.tokens.access()).startswith("access")
    assert stage.cloud.requests == {f"GET {AUTH}": 1, f"POST /sso/realms/senec/{FORM}": 1} | {
        f"POST /sso/realms/senec/protocol/{TOKEN}": 1
    }
    assert (account.sign_in.forms_sent, account.tokens.sign_ins) == (1, 1)


async def test_the_app_is_asked_for_as_the_standard_wants(stage: Stage) -> None:
    await stage.account().tokens.access()
    query = parse_qs(urlsplit(stage.cloud.log[0][1]).query)
    assert query["client_id"] == ["endcustomer-app-frontend"]
    assert query["redirect_uri"] == ["senec-app-auth://keycloak.prod"]
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert query["scope"] == ["roles meinsenec"]


async def test_two_pages(stage: Stage) -> None:
    stage.cloud.sso.two_pages = True
    account = stage.account()
    await account.tokens.access()
    assert (stage.cloud.count(AUTH), stage.cloud.count(FORM), stage.cloud.count(TOKEN)) == (1, 2, 1)


@pytest.mark.parametrize("two_pages", [False, True])
async def test_one_time_code(stage: Stage, two_pages: bool) -> None:
    stage.cloud.sso.two_pages = two_pages
    await stage.account(BERT).tokens.access()
    assert stage.cloud.count(FORM) == 2 + two_pages
    assert stage.cloud.count(TOKEN) == 1


async def test_two_systems_of_an_account_do_not_use_the_same_code(stage: Stage) -> None:
    first = stage.account(BERT)
    await first.tokens.access()
    stage.session.cookie_jar.clear()  # the second one has a session of its own
    second = stage.account(BERT)
    await second.tokens.access()
    assert stage.slept == [30.0]
    assert (first.doors.credentials, second.doors.credentials) == (None, None)


async def test_app_and_site_at_the_same_moment_sign_in_once(stage: Stage) -> None:
    account = stage.account(BERT)
    await asyncio.gather(account.app.systems(), account.portal.find("S4H0P4X20204"))
    assert account.sign_in.forms_sent == 2
    assert stage.slept == []


@pytest.mark.parametrize(
    "secret",
    [
        "jbsw y3dp-ehpk 3pxp",
        "otpauth://totp/SENEC:bert?secret=JBSWY3DPEHPK3PXP&issuer=SENEC",
    ],
)
async def test_secrets_as_people_copy_them(stage: Stage, secret: str) -> None:
    await stage.account(Credentials(BERT.username, BERT.password, secret)).tokens.access()
    assert stage.cloud.count(FORM) == 2


@pytest.mark.parametrize(
    ("credentials", "two_pages", "reason", "requests"),
    [
        (Credentials(ANNA.username, "wrong"), False, ServiceReason.AUTH, 2),
        (Credentials(ANNA.username, "wrong"), True, ServiceReason.AUTH, 3),
        (Credentials("nobody@example.com", "wrong"), False, ServiceReason.AUTH, 2),
        (Credentials("nobody@example.com", "wrong"), True, ServiceReason.AUTH, 2),
        (Credentials(BERT.username, BERT.password), False, ServiceReason.TOTP_REQUIRED, 2),
        (
            Credentials(BERT.username, BERT.password, "AAAAAAAA"),
            False,
            ServiceReason.TOTP_REFUSED,
            3,
        ),
        (
            Credentials(BERT.username, BERT.password, "not base32!"),
            False,
            ServiceReason.TOTP_REFUSED,
            2,
        ),
    ],
)
async def test_refusals_are_final(
    stage: Stage, credentials: Credentials, two_pages: bool, reason: ServiceReason, requests: int
) -> None:
    stage.cloud.sso.two_pages = two_pages
    error, made = await refused(stage, credentials)
    assert (error.reason, made) == (reason, requests)
    assert credentials.password not in str(error)
    assert credentials.password not in repr(credentials)


async def test_new_credentials_end_a_refusal(stage: Stage) -> None:
    account = stage.account(Credentials(ANNA.username, "wrong"))
    with pytest.raises(SenecCloudError):
        await account.tokens.access()
    account.sign_in.reset(ANNA)
    await account.tokens.access()
    assert stage.cloud.count(FORM) == 2


async def test_a_refusal_holds_for_the_site_too(stage: Stage) -> None:
    account = stage.account(Credentials(ANNA.username, "wrong"))
    for _ in range(2):
        with pytest.raises(SenecCloudError) as error:
            await account.portal.find("S1")
        assert error.value.reason is ServiceReason.AUTH
    assert account.sign_in.forms_sent == 1


async def test_a_redirect_to_itself(stage: Stage) -> None:
    error = await answer_with(stage, location=AUTH)
    assert error.reason is ServiceReason.BAD_ANSWER
    assert stage.cloud.requests.total() == 21


async def test_lock_out(stage: Stage) -> None:
    stage.cloud.account(ANNA.username).locked = True
    error, made = await refused(stage, ANNA)
    assert (error.reason, made) == (ServiceReason.LOCKED, 2)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, "", ServiceReason.AUTH),
        (403, "<html></html>", ServiceReason.AUTH),
        (400, '<div id="kc-error-message"><p>Account is disabled</p></div>', ServiceReason.LOCKED),
    ],
)
async def test_a_status_that_refuses_the_password_is_final(
    stage: Stage, status: int, body: str, reason: ServiceReason
) -> None:
    stage.cloud.fail(f"/sso/realms/senec/{FORM}", status=status, text=body)
    account = stage.account()
    for _ in range(3):
        with pytest.raises(SenecCloudError) as error:
            await account.tokens.access()
        assert error.value.reason is reason
    assert account.sign_in.forms_sent == 1


async def test_a_second_factor_that_is_not_set_up(stage: Stage) -> None:
    stage.cloud.account(ANNA.username).must_enrol = True
    error, made = await refused(stage, ANNA)
    assert (error.reason, made) == (ServiceReason.TOTP_NOT_ENROLLED, 2)


TROUBLE = [
    ({"status": 503}, ServiceReason.MAINTENANCE),
    ({"status": 503, "html": True}, ServiceReason.MAINTENANCE),
    ({"status": 500}, ServiceReason.SERVER),
    ({"status": 429}, ServiceReason.RATE_LIMIT),
    ({"status": 400}, ServiceReason.REFUSED),
    ({"status": 200, "html": True}, ServiceReason.BAD_ANSWER),
    ({"cut": True}, ServiceReason.UNREACHABLE),
]


@pytest.mark.parametrize(("fault", "reason"), TROUBLE)
async def test_trouble_before_the_password_is_not_a_refusal(
    stage: Stage, fault: dict[str, object], reason: ServiceReason
) -> None:
    stage.cloud.fail(AUTH, **fault)
    account = stage.account()
    with pytest.raises(SenecCloudError) as error:
        await account.tokens.access()
    assert error.value.reason is reason
    assert account.requests.failures == {reason.value: 1}
    if reason is ServiceReason.RATE_LIMIT:
        assert error.value.retry_after == 120
    stage.cloud.heal()
    stage.clock.turn(minutes=16)
    await account.tokens.access()


@pytest.mark.parametrize(("fault", "_reason"), TROUBLE)
async def test_trouble_after_the_password_counts_as_refused_until_the_user_acts(
    stage: Stage, fault: dict[str, object], _reason: ServiceReason
) -> None:
    stage.cloud.fail(f"/sso/realms/senec/{FORM}", **fault)
    account = stage.account()
    for _ in range(3):
        with pytest.raises(SenecCloudError) as error:
            await account.tokens.access()
        assert error.value.reason is ServiceReason.PAGE
        stage.clock.turn(hours=30)
    if "html" in fault:
        assert error.value.page == "Oops"
    # Nor does a restart try again, nor the site, which would send the same password.
    stage.cloud.heal()
    again = stage.account(resume=True)
    with pytest.raises(SenecCloudError):
        await again.tokens.access()
    with pytest.raises(SenecCloudError):
        await again.portal.find("S123456789012345678900301")
    assert (account.sign_in.passwords_sent, again.sign_in.passwords_sent) == (1, 0)
    again.sign_in.reset(ANNA)
    await again.tokens.access()


@pytest.mark.parametrize(("fault", "_reason"), TROUBLE)
async def test_a_token_service_that_fails_costs_no_second_password(
    stage: Stage, fault: dict[str, object], _reason: ServiceReason
) -> None:
    stage.cloud.fail(f"/sso/realms/senec/protocol/{TOKEN}", **fault)
    account = stage.account()
    for _ in range(5):
        with pytest.raises(SenecCloudError):
            await account.tokens.access()
        stage.clock.turn(minutes=20)
    stage.cloud.heal()
    await account.tokens.access()  # the cookie of the SSO lets in
    assert account.sign_in.passwords_sent == 1
    assert account.doors.refusal(Door.APP) is not None  # a second one would have to wait
    assert not account.doors.is_closed(Door.APP)


async def test_the_sso_is_down(stage: Stage) -> None:
    account = stage.account()
    stage.cloud.fail("/sso", cut=True)
    for _ in range(3):
        with pytest.raises(SenecCloudError):
            await account.tokens.access()
    assert account.sign_in.forms_sent == 0
    stage.cloud.heal()
    stage.clock.turn(minutes=16)
    await account.tokens.access()
    assert account.sign_in.forms_sent == 1


async def answer_with(stage: Stage, **fault: object) -> SenecCloudError:
    """Let the page of the SSO be something else and return what is made of it."""
    stage.cloud.fail(AUTH, **fault)
    account = stage.account()
    with pytest.raises(SenecCloudError) as error:
        await account.tokens.access()
    assert account.sign_in.forms_sent == 0
    return error.value


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/realms/senec",
        "senec-app-auth://elsewhere?code=1",
        "http://[broken",
        "/elsewhere",
    ],
)
async def test_redirects_lead_nowhere_else(stage: Stage, target: str) -> None:
    assert (await answer_with(stage, location=target)).reason is ServiceReason.BAD_ANSWER


@pytest.mark.parametrize(
    "query", ["code=1&state=theirs", "error=access_denied&state=theirs", "code=1"]
)
async def test_a_code_must_be_the_answer_to_our_question(stage: Stage, query: str) -> None:
    target = f"senec-app-auth://keycloak.prod?{query}"
    assert (await answer_with(stage, location=target)).reason is ServiceReason.BAD_ANSWER


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('<form action="https://evil.example/x"><input name="username"></form>', "bad_answer"),
        ('<form action="http://[broken"><input name="username"></form>', "bad_answer"),
        ('<form action="/sso/x"><input name="accept"></form>', "bad_answer"),
        ("<title>Wartungsarbeiten</title>", "maintenance"),
        ('<form action="/x"><input name="totpSecret" type="hidden"></form>', "totp_not_enrolled"),
        (
            '<p class="error">Account is locked</p><form><input name="username"></form>',
            "locked",
        ),
        ("", "bad_answer"),
    ],
)
async def test_pages_that_are_none_of_ours(stage: Stage, body: str, reason: str) -> None:
    assert (await answer_with(stage, status=200, text=f"<html>{body}</html>")).reason == reason


async def test_the_way_home_may_fail_too(stage: Stage) -> None:
    account = stage.account()
    grant_error = "temporarily_unavailable"

    async def walk(start: URL, _goal: URL, _door: Door, take: Callable[[URL], Grant]) -> Grant:
        state = start.query["state"]
        home = URL("senec-app-auth://keycloak.prod")
        return take(home.with_query(error=grant_error, state=state))

    account.sign_in.walk = walk  # type: ignore[method-assign,assignment] # an answer of ours
    with pytest.raises(SenecCloudError) as error:
        await account.sign_in.authorize()
    assert error.value.reason is ServiceReason.MAINTENANCE


async def test_the_samples_of_real_pages(samples: dict[str, str]) -> None:
    for name in ("cloud_sso_login_page.html", "cloud_sso_login-invalid.html"):
        page = read_page(samples[name])
        form = page.form_asking_for(frozenset({"username"}))
        assert form is not None
        assert form.asked == {"username", "password"}
        assert form.carried == {"credentialId": ""}
        assert "&client_id=endcustomer-app-frontend&tab_id=" in form.action
        assert page.title == "Login - SENEC"
    assert "Invalid username or password." in page.errors


def test_what_belongs_to_a_site() -> None:
    base = URL("https://sso.example/realms")
    assert is_within(URL("https://sso.example/realms"), base)
    assert is_within(URL("https://sso.example/realms/x"), base)
    assert not is_within(URL("https://sso.example/realms-of-others/x"), base)
    assert not is_within(URL("http://sso.example/realms/x"), base)
    assert not is_within(URL("https://sso.example:444/realms/x"), base)
    assert not is_within(URL("https://sso.example.evil/realms/x"), base)
