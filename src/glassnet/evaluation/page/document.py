"""The whole page: one file that needs nothing else, and in which nothing runs.

Its policy lets the browser load nothing but the pictures written into it and run no script at all.
What opens and closes does so by HTML's own means.
"""

from importlib.resources import files

from glassnet.evaluation.page.confusion import confusion
from glassnet.evaluation.page.content import Content
from glassnet.evaluation.page.curves import curves
from glassnet.evaluation.page.gallery import mistakes
from glassnet.evaluation.page.markup import Html, element, join, percent
from glassnet.evaluation.page.reliability import reliability
from glassnet.evaluation.page.sections import classes, facts, repeat, speed, weights

START = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="generator" content="glassnet report">'
)
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
PARTS = {
    "trained": "Trained on",
    "curves": "Curves",
    "confusion": "Confusions",
    "classes": "Classes",
    "calibration": "Calibration",
    "mistakes": "Mistakes",
    "weights": "Weights",
    "speed": "Speed",
    "repeat": "Repeat",
}


def write_page(content: Content) -> str:
    """Lay everything out as one page.

    Parameters
    ----------
    content : Content
        What to show.

    Returns
    -------
    str
        HTML, whole, beginning with `START`.
    """
    style = files("glassnet.evaluation.page").joinpath("style.css").read_text(encoding="utf-8")
    head = (
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{content.name}: a report"),
        Html(f"<style>\n{style}</style></head>\n"),
    )
    links = (element("li", element("a", name, href=f"#{part}")) for part, name in PARTS.items())
    body = element(
        "body",
        element("a", "Skip to the report", href="#report", class_="skip"),
        _header(content),
        element("nav", element("ul", *links), aria_label="Parts of this page"),
        element(
            "main",
            facts(content),
            curves(content.trainings),
            confusion(content),
            classes(content),
            reliability(content.report),
            mistakes(content.mistakes, content.classes, content.report),
            weights(content),
            speed(content),
            repeat(content),
            id="report",
        ),
        element(
            "footer",
            element("p", f"Made by {content.made}. This page loads nothing and runs no script."),
        ),
    )
    return f"{START}{join(head)}{body}</html>\n"


def _header(content: Content) -> Html:
    report = content.report
    name = element("p", "A report on ", element("b", content.name), class_="over")
    if report.accuracy is None or report.accuracy_interval is None:
        title = element("h1", "Nothing to measure")
        reason = (
            f"All {report.n_in_training:,} images of {content.data} were seen in training or "
            "validation."
        )
        return element("header", name, title, element("p", reason), class_="top")
    low, high = report.accuracy_interval
    title = element("h1", element("span", percent(report.accuracy), id="accuracy"), " read rightly")
    never = " that it never saw" if content.is_unseen else ""
    on = f"of {report.n:,} images{never}: {content.data}. "
    interval = f"95\u00a0% interval {percent(low)} to {percent(high)}."
    n_wrong = report.n - int(report.confusion.trace())
    tiles = {
        "test images": f"{report.n:,}",
        "mistakes": f"{n_wrong:,}",
        "loss": f"{report.loss:.4f}",
        "calibration error": percent(report.calibration_error),
        **{
            f"images a second, {one.what}": f"{one.images_per_second:,.0f}"
            for one in content.speeds
        },
    }
    tiled = (element("div", element("dt", what), element("dd", n)) for what, n in tiles.items())
    return element(
        "header",
        name,
        title,
        element("p", on, interval, class_="lead"),
        element("dl", *tiled, class_="tiles"),
        class_="top",
    )
