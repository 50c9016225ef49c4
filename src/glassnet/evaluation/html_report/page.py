"""The page: one self-contained file of HTML without scripts.

Its content security policy forbids scripts, and every request but for the embedded pictures.
"""

from importlib.resources import files

from glassnet.evaluation.html_report.class_scores import class_scores_section
from glassnet.evaluation.html_report.commands import reproduce_section
from glassnet.evaluation.html_report.confusion import confusion_section
from glassnet.evaluation.html_report.curves import curves_section
from glassnet.evaluation.html_report.first_layer import first_layer_section
from glassnet.evaluation.html_report.gallery import mistakes_section
from glassnet.evaluation.html_report.html_markup import Html, element, join, percent
from glassnet.evaluation.html_report.reliability import reliability_section
from glassnet.evaluation.html_report.report_data import ReportData
from glassnet.evaluation.html_report.speed import speed_section
from glassnet.evaluation.html_report.summary import summary_section

START = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="generator" content="glassnet report">'
)
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'"
)
SECTIONS = {
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


def write_page(data: ReportData) -> str:
    """Write the page, which begins with `START`."""
    style = (
        files("glassnet.evaluation.html_report").joinpath("style.css").read_text(encoding="utf-8")
    )
    head = (
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{data.name}: a report"),
        Html(f"<style>\n{style}</style></head>\n"),
    )
    links = (element("li", element("a", name, href=f"#{part}")) for part, name in SECTIONS.items())
    body = element(
        "body",
        element("a", "Skip to the report", href="#report", class_="skip"),
        _header(data),
        element("nav", element("ul", *links), aria_label="Parts of this page"),
        element(
            "main",
            summary_section(data),
            curves_section(data.histories),
            confusion_section(data),
            class_scores_section(data.report, data.classes),
            reliability_section(data.report),
            mistakes_section(data.mistakes, data.classes, data.report),
            first_layer_section(data.first_layer, data.classes),
            speed_section(data.speeds),
            reproduce_section(data.commands),
            id="report",
        ),
        element(
            "footer",
            element("p", f"Made by {data.made_by}. This page loads nothing and runs no script."),
        ),
    )
    return f"{START}{join(head)}{body}</html>\n"


def _header(data: ReportData) -> Html:
    report = data.report
    name = element("p", "A report on ", element("b", data.name), class_="over")
    if report.accuracy is None or report.accuracy_interval is None:
        title = element("h1", "Nothing to measure")
        reason = (
            f"All {report.n_in_training:,} images of {data.data} were seen in training or "
            "validation."
        )
        return element("header", name, title, element("p", reason), class_="top")
    low, high = report.accuracy_interval
    title = element("h1", element("span", percent(report.accuracy), id="accuracy"), " accuracy")
    held_out = "held-out " if data.is_unseen else ""
    lead = f"on {report.n:,} {held_out}images: {data.data}. "
    interval = f"95\u00a0% interval {percent(low)} to {percent(high)}."
    n_wrong = report.n - int(report.confusion.trace())
    tiles = {
        "test images": f"{report.n:,}",
        "mistakes": f"{n_wrong:,}",
        "loss": f"{report.loss:.4f}",
        "calibration error": percent(report.calibration_error),
        **{
            f"images a second, {speed.task}": f"{speed.images_per_second:,.0f}"
            for speed in data.speeds
        },
    }
    items = (element("div", element("dt", name), element("dd", n)) for name, n in tiles.items())
    return element(
        "header",
        name,
        title,
        element("p", lead, interval, class_="lead"),
        element("dl", *items, class_="tiles"),
        class_="top",
    )
