"""Summary: the network, its data, its training and all settings."""

from glassnet.evaluation.html_report.html_markup import Html, details, element, section, table
from glassnet.evaluation.html_report.report_data import ReportData


def summary_section(data: ReportData) -> Html:
    """Write the section that summarises the network, its data and its training."""
    pairs = (
        element("div", element("dt", name), element("dd", value))
        for name, value in data.summary.items()
    )
    remarks = (element("p", remark, class_="remark") for remark in data.remarks)
    settings: list[Html] = []
    if data.settings:
        rows = list(data.settings.items())
        all_rows = table("Settings", ("setting", "value"), rows)
        settings = [details(f"All settings ({len(rows)})", all_rows)]
    return section("summary", "Summary", element("dl", *pairs), *remarks, *settings)
