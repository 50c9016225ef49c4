"""Synthetic handwriting: digits drawn from strokes, for tests and documentation."""

import math

import numpy as np

from glassnet.types import Array

Points = list[tuple[float, float]]


def arc(x: float, y: float, a: float, b: float, start: float, end: float) -> Points:
    """Return points of an arc of an ellipse around (x, y); angles in degrees."""
    angles = np.radians(np.linspace(start, end, 40))
    return [(x + a * math.cos(t), y + b * math.sin(t)) for t in angles]


# In a square from (0, 0), top left, to (1, 1). Angles are clockwise from the right.
STROKES: dict[str, list[Points]] = {
    "0": [arc(0.5, 0.5, 0.27, 0.46, -90, 275)],
    "1": [[(0.42, 0.16), (0.54, 0.04), (0.52, 0.5), (0.5, 0.97)]],
    "2": [[*arc(0.48, 0.28, 0.25, 0.24, -170, 30), (0.45, 0.7), (0.2, 0.94), (0.8, 0.92)]],
    "3": [[*arc(0.47, 0.27, 0.23, 0.23, -160, 90), *arc(0.46, 0.72, 0.28, 0.24, -85, 150)]],
    "4": [[(0.55, 0.04), (0.2, 0.6), (0.82, 0.58)], [(0.62, 0.36), (0.6, 0.97)]],
    "5": [
        [(0.36, 0.06), (0.32, 0.45), *arc(0.47, 0.68, 0.28, 0.27, -110, 140)],
        [(0.36, 0.06), (0.74, 0.07)],
    ],
    "6": [[(0.64, 0.05), (0.42, 0.3), (0.29, 0.62), *arc(0.5, 0.71, 0.22, 0.23, 190, 545)]],
    "7": [[(0.22, 0.09), (0.77, 0.08), (0.55, 0.5), (0.42, 0.97)]],
    "8": [[*arc(0.5, 0.27, 0.2, 0.21, 80, -250), *arc(0.5, 0.72, 0.26, 0.23, -80, 270)]],
    "9": [[*arc(0.49, 0.29, 0.22, 0.23, 0, -350), (0.7, 0.35), (0.66, 0.65), (0.58, 0.97)]],
    "a": [arc(0.48, 0.66, 0.24, 0.26, -20, -350), [(0.73, 0.42), (0.72, 0.8), (0.84, 0.93)]],
    "x": [[(0.25, 0.1), (0.75, 0.9)], [(0.75, 0.1), (0.25, 0.9)]],
}


def draw(
    text: str,
    *,
    height: int = 120,
    pen: float = 10,
    ground: int = 255,
    ink: int = 30,
    margin: float = 0.4,
) -> Array:
    """Draw lines of digits.

    Parameters
    ----------
    text : str
        Characters of `STROKES`, spaces and line breaks.
    height : int
        Height of a digit, in pixels.
    pen : float
        Width of the stroke, in pixels.
    ground, ink : int
        Grey values of paper and strokes.
    margin : float
        Width of the margin, as a fraction of `height`.

    Returns
    -------
    ndarray of uint8, (height, width)
    """
    import cv2

    lines = text.split("\n")
    step, edge = 0.85 * height, margin * height
    size = (
        round(len(lines) * 1.6 * height - 0.6 * height + 2 * edge),
        round(max(map(len, lines)) * step + 2 * edge),
    )
    fine = 4  # supersampling, for antialiased edges
    board = np.zeros((size[0] * fine, size[1] * fine), np.uint8)
    for row, line in enumerate(lines):
        for column, sign in enumerate(line):
            for stroke in STROKES.get(sign, []):
                x, y = edge + column * step, edge + row * 1.6 * height
                points = np.array(stroke) * (step, height) + (x, y)
                cv2.polylines(
                    board,
                    [np.rint(points * fine).astype(np.int32)],
                    isClosed=False,
                    color=255,
                    thickness=max(1, round(pen * fine)),
                )
    share = cv2.resize(board, size[::-1], interpolation=cv2.INTER_AREA) / 255
    grey: Array = np.rint(ground + (ink - ground) * share).astype(np.uint8)
    return grey


def shaded(grey: Array, darkest: float = 0.5) -> Array:
    """Darken the picture towards one corner."""
    height, width = grey.shape
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    dark: Array = np.rint(grey * (1 - (1 - darkest) * (x + y) / 2)).astype(np.uint8)
    return dark


def ruled(grey: Array, *, step: int = 40, ink: int = 110, both: bool = False) -> Array:
    """Add ruled lines, two pixels wide."""
    paper = grey.copy()
    for place in range(step // 2, grey.shape[0], step):
        paper[place : place + 2] = np.minimum(paper[place : place + 2], ink)
    if both:
        for place in range(step // 2, grey.shape[1], step):
            paper[:, place : place + 2] = np.minimum(paper[:, place : place + 2], ink)
    return paper


def on_table(grey: Array, angle: float, table: int = 60) -> Array:
    """Place the sheet on a dark table, rotated clockwise by `angle` degrees."""
    import cv2

    height, width = grey.shape
    around = round(0.35 * max(height, width))
    sheet = cv2.copyMakeBorder(grey, *(around,) * 4, cv2.BORDER_CONSTANT, value=table)
    centre = ((sheet.shape[1] - 1) / 2, (sheet.shape[0] - 1) / 2)
    turn = cv2.getRotationMatrix2D(centre, -angle, 1)
    turned: Array = cv2.warpAffine(sheet, turn, sheet.shape[::-1], borderValue=table)
    return turned
