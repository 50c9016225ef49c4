"""OpenAPI schema, and responses to generated requests, valid and invalid."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import seed as fixed
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from glassnet.lab.catalog import Catalog
from glassnet.lab.web.app import create_app
from glassnet.lab.web.limits import Limits
from tests.lab.conftest import HOST

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# No rate limit, and little memory for runs.
APP = create_app(Catalog(), Limits(requests_per_second=1e6, burst=1e6, run_bytes=1_000_000))
schema = schemathesis.openapi.from_asgi("/openapi.json", APP, headers={"host": "127.0.0.1"})


@schema.parametrize()
@fixed(1)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_causes_a_server_error(case: Any) -> None:
    case.call_and_validate(checks=CHECKS, headers={"host": "127.0.0.1"})


def test_every_route_declares_its_errors() -> None:
    with TestClient(APP, base_url=HOST) as client:
        spec = client.get("/openapi.json").json()
    assert len(spec["paths"]) >= 14
    for path, methods in spec["paths"].items():
        for method, route in methods.items():
            assert route["summary"], (method, path)
            assert {"400", "403", "404", "413", "422", "429"} <= set(route["responses"])


def test_the_page_loads_nothing_from_other_servers() -> None:
    with TestClient(APP, base_url=HOST) as client:
        page = client.get("/")
        assert page.status_code == 200
        assert "http" not in page.text.replace("http-equiv", "")  # nothing from other servers


@pytest.mark.parametrize("name", ["js/main.js", "style.css", "words/en.json", "icon.svg"])
def test_static_files_have_the_correct_content_type(name: str) -> None:
    kinds = {"js": "javascript", "css": "text/css", "json": "json", "svg": "image/svg+xml"}
    with TestClient(APP, base_url=HOST) as client:
        response = client.get(f"/{name}")
    assert response.status_code == 200
    assert kinds[name.rsplit(".", 1)[1]] in response.headers["content-type"]
