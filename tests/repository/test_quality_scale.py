"""quality_scale.yaml speaks of every rule of Home Assistant's scale, and gives reasons."""

from typing import Any, Final

from .files import INTEGRATION, read_yaml

RULES: Final = {
    "bronze": (
        "action-setup appropriate-polling brands common-modules config-flow-test-coverage "
        "config-flow dependency-transparency docs-actions docs-triggers docs-conditions "
        "docs-high-level-description docs-installation-instructions docs-removal-instructions "
        "entity-event-setup entity-unique-id has-entity-name runtime-data test-before-configure "
        "test-before-setup unique-config-entry"
    ),
    "silver": (
        "action-exceptions config-entry-unloading docs-configuration-parameters "
        "docs-installation-parameters entity-unavailable integration-owner log-when-unavailable "
        "parallel-updates reauthentication-flow test-coverage"
    ),
    "gold": (
        "devices diagnostics discovery discovery-update-info docs-data-update docs-examples "
        "docs-known-limitations docs-supported-devices docs-supported-functions "
        "docs-troubleshooting docs-use-cases dynamic-devices stale-devices entity-category "
        "entity-device-class entity-disabled-by-default entity-translations "
        "exception-translations icon-translations reconfiguration-flow repair-issues"
    ),
    "platinum": "async-dependency inject-websession strict-typing",
}
STATUSES: Final = {"done", "todo", "exempt"}


def test_the_list_here_is_complete() -> None:
    assert sum(len(names.split()) for names in RULES.values()) == 54


def test_every_rule_is_answered() -> None:
    rules: dict[str, Any] = read_yaml(INTEGRATION / "quality_scale.yaml")["rules"]
    assert rules.keys() == {name for names in RULES.values() for name in names.split()}


def test_what_is_not_done_has_a_reason() -> None:
    for name, rule in read_yaml(INTEGRATION / "quality_scale.yaml")["rules"].items():
        status = rule if isinstance(rule, str) else rule["status"]
        assert status in STATUSES, name
        if status != "done":
            assert isinstance(rule, dict), f"{name} needs a comment"
            assert rule["comment"].strip(), f"{name} needs a comment"
