"""What a test says of a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub.wire.security.refusal import Cause, SecurityRefusal


@contextmanager
def refused(cause: Cause, where: str = "") -> Iterator[None]:
    """Refused for this cause, and at a place that ends so."""
    with pytest.raises(SecurityRefusal) as caught:
        yield
    assert caught.value.cause is cause
    assert str(caught.value).endswith(where)
