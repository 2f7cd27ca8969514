"""Each operation of the reference is a test by its own name: of those with the same name only one would be run."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        label = getattr(item, "operation_label", "")
        if label and label not in item.nodeid:
            item._id = item.id.with_params(label)  # type: ignore[attr-defined]
