"""What docs/operations.md, docker-compose.yml and the Dockerfile promise is what the settings read."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.embedded.running import ROOT

NOT_OURS = re.compile(r"POSTGRES_|GRANIAN_|PYTHON|PATH$")
FOR_COMPOSE_OR_TESTS = {"POSTGRES_PASSWORD", "WEB_PORT", "EXODB_TEST_ONLY", "EXODB_TEST_PROCESSES"}
FOR_COMPOSE_OR_TESTS |= {"EXODB_REQUIRE_BROWSER"}
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent))


@pytest.fixture(scope="module")
def settings_variables() -> set[str]:
    """Every environment variable that the settings read."""
    source = (ROOT / "exodb" / "settings.py").read_text()
    return set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z][A-Z_]+)\"""", source))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_every_variable_is_documented_and_none_that_is_not_read(settings_variables: set[str]) -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))

    assert told == settings_variables


def test_every_variable_of_compose_is_read(settings_variables: set[str], compose: dict[str, Any]) -> None:
    given = {name for service in compose["services"].values() for name in service.get("environment", {})}
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert {name for name in given if not NOT_OURS.match(name)} <= settings_variables
    assert asked - FOR_COMPOSE_OR_TESTS <= settings_variables


def test_the_example_of_an_env_file_names_what_compose_needs() -> None:
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", (ROOT / "docker-compose.yml").read_text()))
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert needed <= example.keys()
    assert set(example.values()) == {""}  # no default secrets


def test_the_image_sets_only_variables_that_something_reads(settings_variables: set[str]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    given = set(re.findall(r"^(?:ENV)?\s+([A-Z_]+)=", dockerfile, re.MULTILINE))

    assert given
    assert {name for name in given if not NOT_OURS.match(name)} <= settings_variables
    assert re.search(r"^USER \d+$", dockerfile, re.MULTILINE)


def test_the_images_are_of_the_versions_that_are_documented(compose: dict[str, Any]) -> None:
    assert compose["services"]["db"]["image"] == "postgres:18"
    assert compose["services"]["redis"]["image"] == "redis:8"
    assert "PostgreSQL 18, Redis 8" in (ROOT / "docs" / "operations.md").read_text()


def test_every_service_is_checked_and_waits_for_what_it_needs(compose: dict[str, Any]) -> None:
    services = compose["services"]
    checked_by_the_image = {"web"}

    assert {name for name, service in services.items() if "healthcheck" in service} | checked_by_the_image == set(
        services
    )
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["depends_on"]["db"] == {"condition": "service_healthy"}


@pytest.mark.skipif(HADOLINT is None, reason="hadolint has no package for this platform")
def test_the_dockerfile_is_clean() -> None:
    checked = subprocess.run([str(HADOLINT), ROOT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert checked.stdout + checked.stderr == ""
