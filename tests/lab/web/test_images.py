"""The images of the data, as the page requests them."""

import base64

from starlette.testclient import TestClient

from glassnet.lab.catalog import Catalog


def test_images_of_the_data(client: TestClient, images: Catalog) -> None:
    test = images.require_pictures().part("test")
    one = client.get("/api/images/test/7").json()
    assert base64.b64decode(one["pixels"]) == test.images[7].tobytes()
    assert one["label"] == test.labels[7]
    sheet = client.get("/api/images/test?indices=7,3").json()
    assert [each["index"] for each in sheet] == [7, 3]
    assert client.get("/api/images/test/9999999").status_code == 400
    assert client.get("/api/images/exam/1").status_code == 422
