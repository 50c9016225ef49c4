"""The summary: the network, its data, its training and every setting."""

from glassnet.evaluation.html_report.html_markup import Html, details, element, section, table
from glassnet.evaluation.html_report.report_data import ReportData


def summary_section(data: ReportData) -> Html:
    """Write the section that summarizes what was trained on what."""
    pairs = (
        element("div", element("dt", name), element("dd", value))
        for name, value in data.summary.items()
    )
    remarks = (element("p", remark, class_="remark") for remark in data.remarks)
    settings: list[Html] = []
    if data.settings:
        rows = list(data.settings.items())
        all_rows = table("Settings", ("setting", "value"), rows)
        settings = [details(f"Every setting ({len(rows)})", all_rows)]
    return section(
        "trained", "What was trained on what", element("dl", *pairs), *remarks, *settings
    )
