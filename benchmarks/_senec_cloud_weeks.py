"""Plays the weeks of `senec_cloud_weeks` with the simulated cloud of the tests."""

import pytest

from tests.senec.cloud.conftest import Home, home
from tests.senec.cloud.weeks import SHOWN, WEEKS, play

__all__ = ["home"]

HEAD = "| trouble | passwords | most in 24 h | requests an hour | most in an hour | back after |"


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(enable_custom_integrations: None) -> None:
    """Let Home Assistant load the integration."""


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode off."""


@pytest.mark.parametrize("name", WEEKS)
async def test_week(
    home: Home,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    (asked,) = [
        plugin
        for plugin in request.config.pluginmanager.get_plugins()
        if hasattr(plugin, "hausstrom_hours")
    ]
    if asked.hausstrom_only not in name:
        pytest.skip("not asked for")
    if name == next(iter(WEEKS)):
        with capsys.disabled():
            print(f"\n{HEAD[:-1]}| missing: {', '.join(SHOWN)} |\n|{'---|' * 7}")
    played = await play(home, WEEKS[name], asked.hausstrom_hours, after=12)
    missing = ", ".join(f"{100 * part / played.polls:.1f}" for part in played.missing.values())
    back = "the user" if played.back_after is None else f"{played.back_after} min"
    with capsys.disabled():
        print(
            f"| {name} | {played.passwords} | {played.passwords_a_day} | "
            f"{played.requests_an_hour:.1f} | {max(played.requests)} | {back} | {missing} % |",
            flush=True,
        )
    assert played.passwords_a_day <= 1
    assert played.wrong == 0
