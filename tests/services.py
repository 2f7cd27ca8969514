"""A pytest plugin that comes before Django: a PostgreSQL and a Redis of the run's own, unless DATABASE_URL names one.

`script/test` brings them along; a bare `pytest` gets them here. Nobody's `var/` is ever touched by a test.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from exodb.embedded import services


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    os.environ["EXODB_TEST"] = "1"
    # A connection that outlives its request would keep a test database from being dropped.
    os.environ.setdefault("DATABASE_CONN_MAX_AGE", "0")
    if "DATABASE_URL" not in os.environ:
        stack = ExitStack()
        early_config.add_cleanup(stack.close)
        data = Path(tempfile.mkdtemp(prefix="exodb-test-")).resolve()
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        # Workers of pytest-xdist are started later and inherit these.
        os.environ.update(stack.enter_context(services.running(data)))
    return (yield)
