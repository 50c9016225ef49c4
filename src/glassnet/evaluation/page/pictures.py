"""Small pictures as part of the page: arrays to PNG, and PNG to text."""

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.drawing import BLUE, VERMILLION
from glassnet.evaluation.page.markup import Html, element
from glassnet.types import Array

if TYPE_CHECKING:
    from PIL.Image import Image


MAX_SIDE = 64  # pixels: larger images are shown smaller, or a page would weigh many megabytes
LEVELS = 7  # steps of a colour; with white between, 15 of the 16 colours that half a byte tells


def ink(image: Array, alt: str) -> Html:
    """Show an image as ink on paper: what is bright in it is dark on the page.

    Parameters
    ----------
    image : ndarray of uint8, (height, width)
        Grey values.
    alt : str
        What to say instead.

    Returns
    -------
    Html
        An element.
    """
    from PIL import Image

    picture = Image.fromarray(255 - np.asarray(image, np.uint8))
    picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    # A row of pixels would be too thin to be seen: it is drawn as high as its frame.
    return _img(picture, alt, "ink row" if len(image) == 1 else "ink")


def weights(values: Array, limit: float, alt: str) -> Html:
    """Show weights: blue below zero, vermillion above it, the paper where they are zero.

    Parameters
    ----------
    values : ndarray of float, (height, width)
        Weights.
    limit : float
        The size that has the full colour.
    alt : str
        What to say instead.

    Returns
    -------
    Html
        An element.
    """
    from PIL import Image

    level = np.clip(np.rint(values / limit * LEVELS), -LEVELS, LEVELS).astype(int)
    picture = Image.fromarray((level + LEVELS).astype(np.uint8)).convert("P")
    steps = range(-LEVELS, LEVELS + 1)
    picture.putdata((level + LEVELS).ravel().tolist())
    picture.putpalette(b"".join(bytes.fromhex((BLUE if k < 0 else VERMILLION)[1:]) for k in steps))
    opacity = bytes(round(255 * abs(k) / LEVELS) for k in steps)
    return _img(picture, alt, "weights", bits=4, transparency=opacity)


def _img(picture: "Image", alt: str, class_: str, **how: Any) -> Html:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True, **how)
    text = base64.b64encode(buffer.getvalue()).decode("ascii")
    width, height = picture.size
    source = f"data:image/png;base64,{text}"
    return element("img", src=source, alt=alt, class_=class_, width=width, height=height)
