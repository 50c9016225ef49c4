// What is wrong with a run: its causes, with the numbers that say so and what to try.

import { lineChart } from "./charts.js";
import { button, el } from "./dom.js";
import { brief, count, num } from "./numbers.js";
import { t } from "./words.js";

export function findingCards(findings, tryIt) {
  return findings.map((finding, i) => el("section", { class: `finding card ${i ? "" : "first"}`, "data-cause": finding.cause },
    el("h3", {}, i ? null : el("span", { class: "badge" }, t("diagnosis.first")), t(`cause.${finding.cause}`)),
    el("p", {}, t(`why.${finding.wording}`, texts(finding.values))),
    el("dl", { class: "evidence" }, finding.evidence.flatMap((piece) => [
      el("dt", {}, t(`evidence.${piece.name}`)), el("dd", {}, el("b", {}, num(piece.value)), piece.limit === null ? "" : ` (${t("diagnosis.limit")} ${brief(piece.limit)})`)])),
    picture(finding),
    el("p", {}, el("b", {}, t("diagnosis.try")), " ", t(`remedy.${finding.cause}`, texts(finding.values))),
    el("p", { class: "row" }, tryIt && Object.keys(finding.change).length ? button(t("diagnosis.try-it"), () => tryIt(finding), { class: "main" }) : null,
      finding.command ? el("code", { class: "command" }, finding.command) : null)));
}

// The values of a finding's sentences: numbers, and keys of words.
function texts(values) {
  const text = (value) => (typeof value === "string" ? t(`word.${value}`) : Number.isInteger(value) ? count(value) : brief(value));
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
}

// A bar is one layer, by its number, or a key.
const barName = (x) => (typeof x === "number" ? t("chart.layer", { n: x }) : t(`word.${x}`));

function picture({ cause, picture: data }) {
  const title = t(`shown.${cause}`);
  if (data.kind === "lines") {
    return lineChart({
      title, xLabel: t(`word.${data.x_label}`), logY: data.is_logarithmic, limit: data.limit,
      series: Object.entries(data.series).map(([name, values]) => ({ name: t(`word.${name}`), points: values.map((v, i) => [data.x[i], v ?? NaN]) })),
    });
  }
  const [[series, values]] = Object.entries(data.series);
  const size = (v) => (data.is_logarithmic ? Math.log10(Math.max(Math.abs(v ?? 0), 1e-12)) : Math.abs(v ?? 0));
  const shown = (data.limit === null ? values : [...values, data.limit]).map(size);
  const least = data.is_logarithmic ? Math.min(...shown) - 1 : 0;
  const most = Math.max(...shown, least + 1e-9);
  const far = (v) => `${(100 * (size(v) - least)) / (most - least)}%`;
  const bound = data.limit === null ? null : () => el("i", { class: "bound", style: { left: far(data.limit) } });
  return el("figure", { class: "chart" }, el("figcaption", {}, el("b", {}, title)),
    el("ol", { class: "sum" }, values.map((v, i) => el("li", {},
      el("span", { class: "parts" }, barName(data.x[i])),
      el("span", { class: "bar plus", "aria-hidden": "true" }, el("i", { style: { width: far(v) } }), bound?.()),
      el("span", { class: "value", title: t(`word.${series}`) }, num(v))))),
    bound && el("p", { class: "soft" }, el("i", { class: "bound", "aria-hidden": "true" }), ` ${t("diagnosis.limit")} ${brief(data.limit)}`));
}
