"""The plainer parts of the page: facts, classes, first-layer weights, speed, how to repeat."""

import numpy as np

from glassnet.evaluation.page.content import Content, Weights
from glassnet.evaluation.page.markup import Html, details, element, percent, section, table
from glassnet.evaluation.page.pictures import weights as picture

N_LARGE = 12  # so few pictures of weights have room to be large


def facts(content: Content) -> Html:
    """Tell what was trained on what.

    Parameters
    ----------
    content : Content
        Of the page.

    Returns
    -------
    Html
        A section.
    """
    pairs = (
        element("div", element("dt", name), element("dd", told))
        for name, told in content.facts.items()
    )
    remarks = (element("p", remark, class_="remark") for remark in content.remarks)
    rest: list[Html] = []
    if content.settings:
        rows = list(content.settings.items())
        rest = [
            details(f"Every setting ({len(rows)})", table("Settings", ("setting", "value"), rows))
        ]
    return section("trained", "What was trained on what", element("dl", *pairs), *remarks, *rest)


def classes(content: Content) -> Html:
    """Tell how each class fares.

    Parameters
    ----------
    content : Content
        Of the page.

    Returns
    -------
    Html
        A section.
    """
    names, scores = content.classes, content.report.per_class
    told = "There is nothing to measure it on."
    known = [score for score in scores if score.f1 is not None]
    if content.report.n and known:
        worst = min(known, key=lambda score: score.f1 or 0.0)
        told = (
            "Precision: of what was read as the class, the share that is of it. Recall: of what is "
            "of the class, the share that was read so. F1 is their harmonic mean. Weakest by F1: "
            f"{names[worst.label]} ({percent(worst.f1)})."
        )
    rows = (
        (names[s.label], percent(s.precision), percent(s.recall), percent(s.f1), f"{s.n:,}")
        for s in scores
    )
    heads = ("class", "precision", "recall", "F1", "images")
    return section(
        "classes", "Class by class", element("p", told), table("Scores by class", heads, rows)
    )


def weights(content: Content) -> Html:
    """Show weights of the first layer as pictures.

    Parameters
    ----------
    content : Content
        Of the page.

    Returns
    -------
    Html
        A section.
    """
    title = "What the first layer looks for"
    found = content.weights
    if found is None:
        told = "No pictures: the model's file does not tell the height and width of its images."
        return section("weights", title, element("p", told))
    limit = float(np.quantile(np.abs(found.pictures), 0.995)) or 1.0
    legend = element(
        "p",
        element("span", f"-{limit:.2g}"),
        element("span", class_="scale"),
        element("span", f"+{limit:.2g}"),
        class_="weight-scale",
    )
    told = (
        "Each picture shows by what one unit multiplies each pixel before it adds them up. Ink on "
        "vermillion raises the unit, ink on blue lowers it; all pictures have one scale. "
    )
    shown = (
        element("li", picture(values, limit, ""), _unit(content, found, unit))
        for unit, values in zip(found.units, found.pictures, strict=True)
    )
    return section(
        "weights",
        title,
        element("p", told, found.told),
        legend,
        element("ul", *shown, class_="units" if len(found.units) > N_LARGE else "units large"),
    )


def _unit(content: Content, found: Weights, unit: int) -> str:
    return content.classes[unit] if found.of_classes else f"unit {unit + 1}"


def speed(content: Content) -> Html:
    """Tell how many images a second were trained on, and read.

    Parameters
    ----------
    content : Content
        Of the page.

    Returns
    -------
    Html
        A section.
    """
    cards = (
        element(
            "li",
            element("b", f"{one.images_per_second:,.0f}"),
            f" images a second, {one.what}",
            element("p", one.how),
        )
        for one in content.speeds
    )
    return section("speed", "How fast", element("ul", *cards, class_="speeds"))


def repeat(content: Content) -> Html:
    """Tell how to repeat it all.

    Parameters
    ----------
    content : Content
        Of the page.

    Returns
    -------
    Html
        A section.
    """
    parts = (
        part
        for command in content.commands
        for part in (
            element("p", command.purpose),
            element("pre", element("code", command.line), tabindex=0),
        )
    )
    return section("repeat", "How to repeat it", *parts)
