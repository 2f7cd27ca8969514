"""What docs/operations.md, docker-compose.yml and the Dockerfile promise is what the settings read."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from exodb.embedded import places
from tests.embedded.running import ROOT, clean_environment

NOT_OURS = re.compile(r"POSTGRES_|GRANIAN_|PROMETHEUS_|PYTHON|PATH$|EXODB_(OWNER|APP)_PASSWORD$")
FOR_COMPOSE_OR_TESTS = {"POSTGRES_PASSWORD", "WEB_PORT", "EXODB_TEST_ONLY", "EXODB_TEST_PROCESSES"}
FOR_COMPOSE_OR_TESTS |= {"EXODB_REQUIRE_BROWSER", "EXODB_OWNER_PASSWORD", "EXODB_APP_PASSWORD"}
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
    for name in ("web", "search", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["depends_on"]["db"] == {"condition": "service_healthy"}


def test_only_who_migrates_knows_the_owner_of_the_schema(compose: dict[str, Any]) -> None:
    knowing = {
        name
        for name, service in compose["services"].items()
        if "EXODB_OWNER_PASSWORD" in str(service) or "DATABASE_OWNER_URL" in str(service)
    }

    assert knowing == {"db", "migrate"}
    roles = "./exodb/embedded/roles.sql:/docker-entrypoint-initdb.d/roles.sql:ro"
    assert roles in compose["services"]["db"]["volumes"]
    assert f"//{places.APPLICATION}:" in compose["services"]["web"]["environment"]["DATABASE_URL"]
    assert f"//{places.OWNER}:" in compose["services"]["migrate"]["environment"]["DATABASE_OWNER_URL"]


@pytest.mark.skipif(HADOLINT is None, reason="hadolint has no package for this platform")
def test_the_dockerfile_is_clean() -> None:
    checked = subprocess.run([str(HADOLINT), ROOT / "Dockerfile"], capture_output=True, text=True, check=False)

    assert checked.stdout + checked.stderr == ""


SERVED = {
    "SECRET_KEY": "a synthetic key, long enough and with many different letters: 0123456789",
    "ALLOWED_HOSTS": "exodb.example",
    "DATABASE_URL": "postgres://exodb_app@db.example/exodb",
    "REDIS_URL": "redis://redis.example/0",
}


def read_settings(show: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from exodb import settings; print({show})"],
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )


@pytest.mark.parametrize("needed", ["ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_a_served_exodb_names_what_it_lacks_and_does_not_start(needed: str) -> None:
    without = read_settings("settings.DATABASES", **{**SERVED, needed: ""})
    complete = read_settings("settings.DATABASES['default']['USER']", **SERVED)

    assert without.returncode == 1
    assert re.search(rf"ImproperlyConfigured: {needed} is (not set|empty)", without.stderr)
    assert (complete.returncode, complete.stdout.strip()) == (0, "exodb_app"), complete.stderr


def test_both_roles_must_mean_one_database() -> None:
    owner = {"DATABASE_OWNER_URL": "postgres://exodb_owner@db.example/another"}

    assert "must name the same database" in read_settings("1", **SERVED, **owner).stderr


def test_what_binds_other_names_of_a_domain_is_asked_for() -> None:
    show = "settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD"
    asked = {"SECURE_HSTS_INCLUDE_SUBDOMAINS": "true", "SECURE_HSTS_PRELOAD": "true"}

    assert read_settings(show, **SERVED).stdout.strip() == "True False False"
    assert read_settings(show, **SERVED, **asked).stdout.strip() == "True True True"
