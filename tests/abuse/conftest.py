from __future__ import annotations

import pytest

from lakebench import Server

from .raw import AUTHORIZATION


@pytest.fixture(scope="module")
def server():
    """A server for each file of abuse: nobody else suffers."""
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def authorization():
    return AUTHORIZATION
