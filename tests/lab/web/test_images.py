"""Routes of the images of the dataset."""

import base64

from starlette.testclient import TestClient

from glassnet.lab.catalog import Catalog


def test_images_of_the_dataset(client: TestClient, images: Catalog) -> None:
    test = images.require_pictures().part("test")
    single = client.get("/api/images/test/7").json()
    assert base64.b64decode(single["pixels"]) == test.images[7].tobytes()
    assert single["label"] == test.labels[7]
    several = client.get("/api/images/test?indices=7,3").json()
    assert [image["index"] for image in several] == [7, 3]
    assert client.get("/api/images/test/9999999").status_code == 400
    assert client.get("/api/images/exam/1").status_code == 422
