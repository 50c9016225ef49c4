"""Markup: elements of HTML and SVG. What is not markup is text, and is escaped."""

from collections.abc import Iterable
from html import escape

VOID = {"img", "link", "meta"}  # they hold nothing, and have no end


class Html(str):
    """A piece of markup; any other string is text."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: object) -> Html:
    """Write an element.

    Parameters
    ----------
    name : str
        Of the element.
    *children : str
        `Html` as it is, text escaped.
    **attributes : object
        None and False leave one out, True gives one without a value. ``class_`` is class,
        ``aria_label`` is aria-label.

    Returns
    -------
    Html
        The element.
    """
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_quoted(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{said}>" + ("" if name in VOID else f"{join(children)}</{name}>"))


def join(parts: Iterable[str]) -> Html:
    """Put pieces behind one another.

    Parameters
    ----------
    parts : iterable of str
        `Html` as it is, text escaped.

    Returns
    -------
    Html
        All of them.
    """
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def _quoted(value: object) -> str:
    """Write an attribute's value; of a number in a drawing, a tenth of a pixel is enough."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else escape(str(value))


def details(summary: str, *children: str) -> Html:
    """Write what is folded away until it is asked for.

    Parameters
    ----------
    summary : str
        What one sees of it.
    *children : str
        What one does not.

    Returns
    -------
    Html
        The element.
    """
    return element("details", element("summary", summary), *children)


def section(anchor: str, title: str, *children: str) -> Html:
    """Write a part of the page.

    Parameters
    ----------
    anchor : str
        Its name in the page's address.
    title : str
        Its heading.
    *children : str
        What it holds.

    Returns
    -------
    Html
        The element.
    """
    heading = element("h2", title, id=f"{anchor}-title")
    return element("section", heading, *children, id=anchor, aria_labelledby=f"{anchor}-title")


def table(
    caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]], class_: str | None = None
) -> Html:
    """Write a table whose first column names the rows.

    Parameters
    ----------
    caption : str
        What it shows.
    heads : iterable of str
        Of the columns.
    rows : iterable of iterable of str
        The cells.
    class_ : str, optional
        Of the table.

    Returns
    -------
    Html
        The element, in a frame in which it can be scrolled sideways, by keyboard too.
    """
    head = element("tr", *(element("th", text, scope="col") for text in heads))
    body = (
        element(
            "tr",
            *(
                element("td", text) if column else element("th", text, scope="row")
                for column, text in enumerate(row)
            ),
        )
        for row in rows
    )
    whole = element(
        "table",
        element("caption", caption),
        element("thead", head),
        element("tbody", *body),
        class_=class_,
    )
    return element("div", whole, class_="scroll", tabindex=0, role="region", aria_label=caption)


def percent(share: float | None) -> str:
    """Write a share as the command line does.

    Parameters
    ----------
    share : float or None
        From 0 to 1.

    Returns
    -------
    str
        With two decimals; a dash for None.
    """
    return "-" if share is None else f"{share:.2%}"
