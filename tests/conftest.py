"""Set-up shared by all tests, done before NumPy is loaded."""

import os
from dataclasses import replace

# The tests multiply many small matrices, for which BLAS threads gain nothing and, on a busy
# machine, cost minutes by waiting for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from glassnet.data.sources.registry import REGISTRY

# A busy machine makes any example slow.
settings.register_profile("glassnet", deadline=None)
settings.load_profile("glassnet")


@pytest.fixture(autouse=True)
def _without_network(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Remove all mirrors, and replace the user's cache by an empty folder."""
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path_factory.getbasetemp() / "no-cache"))
    offline = {name: replace(entry, mirrors=()) for name, entry in REGISTRY.items()}
    monkeypatch.setattr("glassnet.data.sources.locate.REGISTRY", offline)
