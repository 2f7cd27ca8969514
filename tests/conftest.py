"""What every test has: no network but this machine's own, and a browser where one is asked for."""

import os
import shutil
import socket
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# How long an example takes is no matter of a test: the machine may be busy.
hypothesis.settings.register_profile("exodb", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("exodb")

LOOPBACK = {"localhost", "127.0.0.1", "::1", ""}
# How long an expectation waits for a page on a busy machine, in milliseconds: as long as all else in Playwright.
PATIENCE = 30_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class NetworkBlockedError(RuntimeError):
    """A test reached for the outside world."""


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """Let sockets reach this machine only: no test may depend on, or bother, a service outside."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        real = socket.getaddrinfo

        def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
            _refuse_outside(host)
            return real(host, *args, **kwargs)

        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


def _guarded(real: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX:
            _refuse_outside(address[0])
        return real(self, address)

    return connect


def _refuse_outside(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name not in LOOPBACK and not name.startswith("127."):
        raise NetworkBlockedError(f"A test tried to reach {name}; use a recorded answer or a server of its own.")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Close what a browser left open: a request that it walked away from keeps its connection for a while."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@pytest.fixture(scope="session", autouse=True)
def _rows_that_migrations_made() -> Iterator[None]:
    """Put back after each flush what migrations made: a test that commits ends by emptying all tables."""
    from django.apps import apps
    from django.core.cache import cache
    from django.db import connection
    from django.db.models.signals import post_migrate

    def put_back(**_: Any) -> None:
        if not {"people_user", "citations_feed"} <= set(connection.introspection.table_names()):
            return  # migrations are being taken back
        # What was counted before is of rows that are gone.
        cache.clear()
        for name in ("people.migrations.0002_import_user", "citations.migrations.0002_feeds"):
            import_module(f"apps.{name}").make(apps, None)

    last = apps.get_app_config("citations")
    post_migrate.connect(put_back, sender=last, weak=False)
    yield
    post_migrate.disconnect(put_back, sender=last)


@pytest.fixture(autouse=True)
def _as_the_application(request: pytest.FixtureRequest) -> None:
    """Work as the role that the application has: what it needs and was not granted fails here.

    Not so where rules are broken by force, and where a test commits and ends by emptying all tables.
    """
    marker = request.node.get_closest_marker("django_db")
    asked = marker is not None or "db" in request.fixturenames
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    commits = commits or (marker is not None and marker.kwargs.get("transaction"))
    breaks = "records" in request.path.parts or request.path.name.startswith("test_rules")
    if not asked or commits or breaks:
        return
    request.getfixturevalue("db")
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_APPLICATION['USER']}")


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A real Chromium, started once; the test is skipped where there is none, and fails where one is required."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("EXODB_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    arguments.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright's own event loop runs in this thread, so Django believes itself in a coroutine. It never is.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=program, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def browser_context(browser: "Browser") -> Iterator["BrowserContext"]:
    """A fresh profile: no cookies, nothing cached, 1280 px wide."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def browser_page(browser_context: "BrowserContext") -> "Page":
    """A page that fails the test on an uncaught error of its scripts."""
    page = browser_context.new_page()
    page.on("pageerror", _fail_on_error)
    return page


def _fail_on_error(error: Any) -> None:
    raise AssertionError(f"a script on the page failed: {error}")
