"""An index of the test's own, in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.finding.index import answer, follower, reader


@pytest.fixture
def home(settings, tmp_path: Path, monkeypatch) -> Path:
    """Where the index is; nothing is there yet, and this process has opened none."""
    settings.SEARCH_INDEX = tmp_path / "search"
    monkeypatch.setattr(answer, "READER", reader.Reader())
    return settings.SEARCH_INDEX


@pytest.fixture
def following(home: Path) -> Iterator[follower.Follower]:
    """Who keeps the index in step, whenever the test calls `step`."""
    one = follower.Follower()
    yield one
    one.close()
