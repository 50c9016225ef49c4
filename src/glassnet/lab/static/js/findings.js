// What is wrong with a training: its causes, with the numbers that say so and what to try.

import { lineChart } from "./charts.js";
import { button, el } from "./dom.js";
import { num } from "./numbers.js";
import { has, t } from "./words.js";

export function findingCards(findings, tryIt) {
  return findings.map((finding, i) => el("section", { class: `finding card ${i ? "" : "first"}`, "data-cause": finding.cause },
    el("h3", {}, i ? null : el("span", { class: "badge" }, t("diagnosis.first")), t(`cause.${finding.cause}`)),
    el("p", {}, finding.explanation),
    el("dl", { class: "evidence" }, finding.evidence.flatMap((piece) => [
      el("dt", {}, piece.says), el("dd", {}, el("b", {}, num(piece.value)), ` (${t("diagnosis.limit")} ${num(piece.limit)})`)])),
    picture(finding.picture),
    el("p", {}, el("b", {}, t("diagnosis.try")), " ", finding.experiment),
    el("p", { class: "row" }, tryIt && Object.keys(finding.change).length ? button(t("diagnosis.try-it"), () => tryIt(finding), { class: "main" }) : null,
      finding.command ? el("code", { class: "command" }, finding.command) : null)));
}

function picture(told) {
  if (told.kind === "lines") {
    return lineChart({
      title: told.title, xLabel: told.x_label, yLabel: told.y_label, logY: told.is_logarithmic, limit: told.limit,
      series: Object.entries(told.series).map(([name, values]) => ({ name, points: values.map((v, i) => [told.x[i], v ?? NaN]) })),
    });
  }
  const rows = told.x.flatMap((name, i) => Object.entries(told.series).map(([series, values]) => ({ name: `${name}`, series, value: values[i] })));
  const finite = rows.map((row) => row.value).filter((v) => v !== null);
  const size = (v) => (told.is_logarithmic ? Math.log10(Math.max(Math.abs(v), 1e-30)) + 30 : Math.abs(v));
  const most = Math.max(...finite.map(size), told.limit ? size(told.limit) : 0, 1e-9);
  return el("figure", { class: "chart" }, el("figcaption", {}, el("b", {}, told.title), ` ${told.y_label}`),
    el("ol", { class: "sum" }, rows.map((row) => el("li", {},
      el("span", { class: "parts" }, Object.keys(told.series).length > 1 ? `${row.name}, ${row.series}` : row.name),
      el("span", { class: "bar plus", "aria-hidden": "true" }, el("i", { style: { width: `${row.value === null ? 100 : (100 * size(row.value)) / most}%` } })),
      el("span", { class: "value" }, num(row.value))))),
    told.limit !== null ? el("p", { class: "soft" }, `${told.limit_says}: ${num(told.limit)}`) : null);
}

// The knobs after the change that a finding proposes.
export function mended(knobs, finding) {
  const next = { ...knobs, experiment: null };
  for (const [name, value] of Object.entries(finding.change)) {
    if (name === "activation") next.activation = Array.isArray(value) ? value[0] : value;
    else if (name in next) next[name] = value;
  }
  return next;
}

export function causeName(cause) {
  return has(`cause.${cause}`) ? t(`cause.${cause}`) : cause;
}
