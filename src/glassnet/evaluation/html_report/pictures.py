"""Pictures embedded in the page: arrays as PNG data in an ``img`` element."""

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.drawing import BLUE, VERMILLION
from glassnet.evaluation.html_report.html_markup import Html, element
from glassnet.types import Array

if TYPE_CHECKING:
    from PIL.Image import Image


MAX_SIDE = 64  # pixels; larger images are scaled down, to keep the page small
N_LEVELS = 7  # of each colour; with white, 15 of the 16 colours that 4 bits can encode


def embed_image(image: Array, alt: str) -> Html:
    """Embed a grey-scale image, inverted: bright pixels become dark."""
    from PIL import Image

    picture = Image.fromarray(255 - np.asarray(image, np.uint8))
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    # A single row of pixels is stretched to the height of its frame.
    return _img(picture, alt, "ink row" if len(image) == 1 else "ink")


def embed_weights(values: Array, limit: float, alt: str) -> Html:
    """Embed weights as colours: blue at -limit and below, transparent at 0, vermillion at limit."""
    from PIL import Image

    level = np.clip(np.rint(values / limit * N_LEVELS), -N_LEVELS, N_LEVELS).astype(int)
    picture = Image.fromarray((level + N_LEVELS).astype(np.uint8)).convert("P")
    steps = range(-N_LEVELS, N_LEVELS + 1)
    picture.putdata((level + N_LEVELS).ravel().tolist())
    picture.putpalette(b"".join(bytes.fromhex((BLUE if k < 0 else VERMILLION)[1:]) for k in steps))
    opacity = bytes(round(255 * abs(k) / N_LEVELS) for k in steps)
    return _img(picture, alt, "weights", bits=4, transparency=opacity)


def _img(picture: "Image", alt: str, class_: str, **options: Any) -> Html:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True, **options)
    text = base64.b64encode(buffer.getvalue()).decode("ascii")
    width, height = picture.size
    source = f"data:image/png;base64,{text}"
    return element("img", src=source, alt=alt, class_=class_, width=width, height=height)
