"""Set-up shared by all tests, done before NumPy is loaded."""

import os
from dataclasses import replace

# The tests multiply many small matrices. BLAS threads that wait for each other gain nothing
# there, and on a machine that is busy with other things they cost minutes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from glassnet.data.sources.registry import REGISTRY


@pytest.fixture(autouse=True)
def _without_network(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test asks a mirror that it did not start itself, or sees this user's cache."""
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path_factory.getbasetemp() / "no-cache"))
    offline = {name: replace(entry, mirrors=()) for name, entry in REGISTRY.items()}
    monkeypatch.setattr("glassnet.data.sources.locate.REGISTRY", offline)
