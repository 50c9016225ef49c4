"""Images from the catalog's dataset, for the page."""

from collections.abc import Iterable
from typing import Any

from glassnet.lab.catalog import Catalog
from glassnet.lab.encoding import pack_bytes


def describe_images(catalog: Catalog, part: str, indices: Iterable[int]) -> list[dict[str, Any]]:
    """Return the ``pixels``, ``label``, ``part`` and ``index`` of images in the dataset.

    Raises
    ------
    ConfigError
        If the part or an index does not exist.
    DataNotFoundError
        If the catalog has no images.
    """
    pictures, described = catalog.require_pictures(), []
    for index in indices:
        image, label = pictures.image(part, index)
        described.append(
            {"pixels": pack_bytes(image), "label": label, "part": part, "index": index}
        )
    return described
