"""Tests of whole processes, some of which have to be ready in time: not beside other tests."""

from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them all `alone`."""
    for item in items:
        if _FOLDER in item.path.parents:
            item.add_marker(pytest.mark.alone)
