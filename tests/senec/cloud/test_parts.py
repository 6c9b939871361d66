"""Hosts, one-time codes, pages: the small parts that everything stands on."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from custom_components.hausstrom.senec.cloud.protocol import totp
from custom_components.hausstrom.senec.cloud.protocol.pages import read_page
from custom_components.hausstrom.senec.cloud.protocol.peak_shaving import (
    Change,
    Mode,
    PeakShaving,
)
from custom_components.hausstrom.senec.protocol.errors import SenecCloudError, ServiceReason
from custom_components.hausstrom.senec.protocol.hosts import SENEC_HOSTS, hosts_from
from custom_components.hausstrom.senec.protocol.http import seconds_to_wait

NAME = "HAUSSTROM_SENEC_CLOUD_URL"
# RFC 6238 appendix B, SHA-1, the last six digits.
RFC_KEY = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code(RFC_KEY, datetime.fromtimestamp(seconds, UTC)) == code


@pytest.mark.parametrize(
    "text",
    [
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        " gezd gnbv-gy3t qojq gezd gnbv gy3t qojq ",
        "otpauth://totp/SENEC?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6&algorithm=sha1",
        "OTPAUTH://totp/a%40b?period=30&secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
    ],
)
def test_secrets(text: str) -> None:
    assert totp.secret_from(text) == RFC_KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "geheim!",
        "1",
        "otpauth://hotp/x?secret=GEZDGNBV",
        "otpauth://totp/x",
        "otpauth://totp/x?secret=GEZDGNBV&digits=8",
        "otpauth://totp/x?secret=GEZDGNBV&algorithm=SHA256",
        "otpauth://totp/x?secret=GEZDGNBV&period=60",
        "ÄÖÜ",
    ],
)
def test_what_is_no_secret(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        totp.secret_from(text)


@given(st.text(max_size=30))
def test_any_text_is_a_secret_or_a_value_error(text: str) -> None:
    try:
        key = totp.secret_from(text)
    except ValueError:
        return
    assert key


def test_senecs_own_hosts_by_default() -> None:
    assert hosts_from({}) is SENEC_HOSTS
    assert hosts_from({NAME: "  "}) is SENEC_HOSTS
    for name in ("sso", "systems", "measurements", "wallbox", "abilities", "web", "connect"):
        assert getattr(SENEC_HOSTS, name).scheme == "https"
    assert not SENEC_HOSTS.simulated


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8766", "http://localhost:8766/", "https://[::1]:1", "http://127.9.9.9"],
)
def test_a_simulator_on_this_machine(address: str) -> None:
    hosts = hosts_from({NAME: address})
    assert hosts.simulated
    assert hosts.web.host == URL(address).host


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.1.2",
        "https://sso.senec.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "ftp://127.0.0.1",
        "127.0.0.1:8766",
        "http://0.0.0.0:1",
        "nonsense",
    ],
)
def test_no_simulator_elsewhere(address: str) -> None:
    with pytest.raises(ValueError, match=NAME):
        hosts_from({NAME: address})


@given(
    st.text("<>/!-[]&;=\"' formaciputneysdxé0", max_size=200)
    | st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "replace"))
)
def test_any_page_can_be_read(html: str) -> None:
    page = read_page(html)
    assert all(form.asked is not None for form in page.forms)


@pytest.mark.parametrize(
    "html", ["<![", "<!DOCTYPE [<!x", "<![CDATA[", "<!-", "<form", "&#xFFFFFFFF;"]
)
def test_torn_pages(html: str) -> None:
    assert read_page(html + "<b>").forms == []


def test_a_form_and_what_it_asks_for() -> None:
    page = read_page(
        """<title> Login -
        SENEC </title><input name="outside">
        <FORM ACTION="/go?a=1&amp;b=2" method=post>
        <input type=hidden name=carried value="x&quot;y"><input name="username" readonly value="me">
        <input name=password type=password><input type=checkbox name=rememberMe><input type=submit name=ok>
        <input><p class="kc-feedback-text error">Falsch <b>getippt</b></p> nicht dies</form>
        <form><input name=other></form>"""
    )
    form = page.form_asking_for(frozenset({"password"}))
    assert form is page.forms[0]
    assert form.action == "/go?a=1&b=2"
    assert form.carried == {"carried": 'x"y', "username": "me"}
    assert form.asked == {"password"}
    assert page.errors == "Falsch getippt"
    assert page.title == "Login - SENEC"
    assert page.form_asking_for(frozenset({"otp"})) is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("120", 120.0), ("", None), ("soon", None), ("-1", None), ("²", None)]
)
def test_how_long_to_wait(text: str, seconds: float | None) -> None:
    assert seconds_to_wait({"Retry-After": text}) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("1" + "0" * 400, 3600.0),  # beyond what a float holds
        ("Wed, 10 Jun 2026 10:02:00 GMT", 120.0),
        ("Wed, 10 Jun 2026 09:00:00 GMT", 0.0),
        ("Thu, 10 Jun 2027 10:00:00 GMT", 3600.0),
        ("Wed, 10 Jun 2026 10:02:00", None),  # of no time zone
        ("Wed, 99 Jun 2026 10:02:00 GMT", None),
        ("inf", None),
        ("nan", None),
        ("1e9", None),
    ],
)
def test_how_long_to_wait_is_bounded(text: str, seconds: float | None) -> None:
    date = "Wed, 10 Jun 2026 10:00:00 GMT"
    assert seconds_to_wait({"Retry-After": text, "Date": date}) == seconds


def test_a_date_to_wait_for_needs_the_servers_own() -> None:
    assert seconds_to_wait({"Retry-After": "Wed, 10 Jun 2026 10:02:00 GMT"}) is None


def test_an_error_in_words() -> None:
    assert str(SenecCloudError(ServiceReason.AUTH)) == "auth"
    assert str(SenecCloudError(ServiceReason.SERVER, "dashboard: 500")) == "server: dashboard: 500"


def test_of_two_changes_the_later_one_wins_zero_included() -> None:
    first = Change(Mode.MANUAL, 40, time(14, 30))
    assert first.then(Change(capacity_limit=0)) == Change(Mode.MANUAL, 0, time(14, 30))
    assert first.then(Change(end_time=time(0))) == Change(Mode.MANUAL, 40, time(0))
    assert Change(capacity_limit=0).then(Change(mode=Mode.AUTO)) == Change(Mode.AUTO, 0)


def test_a_limit_of_zero_and_an_end_at_midnight_have_to_be_there_too() -> None:
    """0 % and 00:00 are settings like any other: not seen means not written."""
    found = PeakShaving(Mode.MANUAL, 40, time(14, 30), None)
    assert Change(capacity_limit=0).missing_in(found) == "limit 40 instead of 0"
    assert "end" in Change(end_time=time(0)).missing_in(found)
    assert Change(capacity_limit=40, end_time=time(14, 30)).missing_in(found) == ""
