"""Text from devices, slugs, back-off."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.hausstrom.common.backoff import Backoff
from custom_components.hausstrom.common.slug import slug
from custom_components.hausstrom.common.text import clean, plain, tail


@given(st.text(), st.integers(1, 200))
def test_clean_text_is_one_bounded_line(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert cleaned == cleaned.strip()
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in cleaned)


def test_clean_text_costs_what_its_limit_costs() -> None:
    assert clean("a" + " " * 5_000_000 + "b", 20) == "a"


@pytest.mark.parametrize("nothing", [None, 7, b"x", [], {}])
def test_no_text_is_empty(nothing: object) -> None:
    assert clean(nothing) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Keller", "Keller"),
        ("<script>alert(1)</script>", r"&lt;script&gt;alert\(1\)&lt;/script&gt;"),
        ("[tap](http://x)", r"\[tap\]\(http://x\)"),
        ("**bold** _it_ `c`", r"\*\*bold\*\* \_it\_ \`c\`"),
        ("a & b", r"a &amp; b"),
        ("line\nbreak\x00\u202e", "line break"),
    ],
)
def test_a_placeholder_is_no_markup(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_log_names_the_end_of_a_number() -> None:
    assert tail("1KFM0200012345") == "…2345"
    assert tail("12") == "12"


@pytest.mark.parametrize(
    ("text", "german", "key"),
    [
        ("Ac/ActiveIn/L1/V", False, "ac_activein_l1_v"),
        ("Größe (m³)", False, "grosse_m3"),
        ("FEHLER HALBBRÜCKE", True, "fehler_halbbruecke"),
        ("PV + ENTLADEN", True, "pv_entladen"),
        ("1-0:1.8.0*255", False, "1_0_1_8_0_255"),
    ],
)
def test_slugs(text: str, german: bool, key: str) -> None:
    assert slug(text, german=german) == key


def test_a_back_off_doubles_to_its_limit_and_ends_with_a_success() -> None:
    backoff = Backoff(first=10, limit=300, jitter=lambda: 0)
    assert [backoff.failed() for _ in range(7)] == [10, 20, 40, 80, 160, 300, 300]
    backoff.succeeded()
    assert backoff.failed() == 10


def test_a_back_off_waits_as_long_as_the_server_asks() -> None:
    backoff = Backoff(first=10, limit=300, jitter=lambda: 0)
    assert backoff.failed(at_least=120) == 120
    assert backoff.failed(at_least=5) == 20
    assert backoff.failed(at_least=None) == 40
    assert backoff.failed(at_least=900) == 900


def test_a_streak_of_failures_has_no_end_that_overflows() -> None:
    backoff = Backoff(first=10, limit=300, jitter=lambda: 0, failures=10**6)
    assert backoff.failed() == 300


def test_jitter_takes_off_up_to_a_fifth() -> None:
    assert Backoff(first=10, jitter=lambda: 1).failed() == pytest.approx(8)
