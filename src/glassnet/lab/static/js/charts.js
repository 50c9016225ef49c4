// Lines and bars, in SVG.

import { el, svg } from "./dom.js";
import { brief, num, percent } from "./numbers.js";

const WIDTH = 420;
const HEIGHT = 210;
const EDGE = { left: 56, right: 24, top: 12, bottom: 36 };

function ticks(low, high, isLogarithmic) {
  if (isLogarithmic) {
    const from = Math.ceil(Math.log10(low) - 1e-9);
    const to = Math.floor(Math.log10(high) + 1e-9);
    const step = Math.max(1, Math.ceil((to - from) / 5));
    const found = [];
    for (let e = from; e <= to; e += step) found.push(10 ** e);
    if (found.length > 2) return found;
    for (let e = from - 1; e <= to; e += 1) found.push(2 * 10 ** e, 5 * 10 ** e);
    return found.filter((v) => v >= low && v <= high);
  }
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((one) => one >= rough);
  const found = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * step; v += step) found.push(Math.abs(v) < 1e-12 ? 0 : v);
  return found;
}

// series: [{name, points: [[x, y], ...], css}]
export function lineChart({ title, xLabel, yLabel, series, logX = false, logY = false, low, high, mark, limit, share = false }) {
  const inside = (x, y) => Number.isFinite(x) && Number.isFinite(y) && (!logX || x > 0) && (!logY || y > 0);
  const kept = series.map((one) => ({ ...one, points: one.points.filter(([x, y]) => inside(x, y)) }));
  const xs = kept.flatMap((one) => one.points.map(([x]) => x));
  const ys = kept.flatMap((one) => one.points.map(([, y]) => y));
  if (limit !== undefined && limit !== null && inside(1, limit)) ys.push(limit);
  const [x0, x1] = xs.length ? [Math.min(...xs), Math.max(...xs)] : [logX ? 1 : 0, 10];
  let [y0, y1] = ys.length ? [Math.min(...ys), Math.max(...ys)] : [logY ? 0.1 : 0, 1];
  y0 = low ?? (logY ? y0 / 1.3 : Math.min(0, y0));
  y1 = high ?? (logY ? y1 * 1.3 : y1 * 1.05);
  if (y1 <= y0) y1 = y0 + (logY ? y0 : 1);
  const scale = (v, from, to, isLog) => (isLog ? Math.log(v / from) / Math.log(to / from) : (v - from) / (to - from));
  const px = (x) => EDGE.left + (x1 > x0 ? scale(x, x0, x1, logX) : 0.5) * (WIDTH - EDGE.left - EDGE.right);
  const py = (y) => HEIGHT - EDGE.bottom - scale(Math.max(y, logY ? y0 : y), y0, y1, logY) * (HEIGHT - EDGE.top - EDGE.bottom);
  const parts = [];
  for (const y of ticks(y0, y1, logY)) {
    parts.push(svg("line", { class: "grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: py(y), y2: py(y) }));
    parts.push(svg("text", { x: EDGE.left - 6, y: py(y) + 4, "text-anchor": "end" }, share ? percent(y, Math.round(1000 * y) % 10 ? 1 : 0) : brief(y)));
  }
  for (const x of ticks(x0, x1, logX)) {
    if (x < x0 || x > x1) continue;
    parts.push(svg("text", { x: px(x), y: HEIGHT - EDGE.bottom + 16, "text-anchor": "middle" }, brief(x)));
  }
  parts.push(svg("text", { x: WIDTH - EDGE.right, y: HEIGHT - 5, "text-anchor": "end" }, xLabel));
  if (limit !== undefined && limit !== null && inside(1, limit)) {
    parts.push(svg("line", { class: "limit", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: py(limit), y2: py(limit) }));
  }
  if (mark !== undefined && xs.length && mark >= x0 && mark <= x1) {
    parts.push(svg("line", { class: "mark", x1: px(mark), x2: px(mark), y1: EDGE.top, y2: HEIGHT - EDGE.bottom }));
  }
  kept.forEach((one, i) => {
    const css = one.css ?? `s${i + 1}`;
    const path = one.points.map(([x, y], j) => `${j ? "L" : "M"}${px(x).toFixed(1)} ${py(Math.min(Math.max(y, y0), y1)).toFixed(1)}`).join("");
    if (path) parts.push(svg("path", { class: `line ${css}`, d: path }));
    const last = one.points.at(-1);
    if (last) parts.push(svg("circle", { class: `end ${css}`, cx: px(last[0]), cy: py(Math.min(Math.max(last[1], y0), y1)), r: 3.5 }));
  });
  const summaries = kept.map((one) => {
    const last = one.points.at(-1);
    return `${one.name} ${last ? (share ? percent(last[1]) : num(last[1], 3)) : "\u2013"}`;
  });
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}: ${summaries.join("; ")}` }, ...parts);
  const legend = kept.map((one, i) => el("span", {},
    svg("svg", { class: "swatch", viewBox: "0 0 26 12", "aria-hidden": "true" }, svg("path", { class: `line ${one.css ?? `s${i + 1}`}`, d: "M1 6H25" })),
    ` ${summaries[i]}`));
  return el("figure", { class: "chart" }, el("figcaption", {}, el("b", {}, title), yLabel ? ` ${yLabel}` : ""), drawing, el("p", { class: "legend" }, legend));
}

// How probable each class is, as a list whose rows stay where they are.
export function probabilityBars(classes, { press } = {}) {
  const rows = classes.map((name) => {
    const bar = el("i");
    const value = el("span", { class: "value" }, "");
    const row = el("li", {}, el("b", {}, name), el("span", { class: "track" }, bar), value);
    if (press) {
      row.replaceChildren(el("button", { type: "button", class: "plain", on: { click: () => press(Number(name)) } }, ...row.childNodes));
    }
    return { row, bar, value };
  });
  const list = el("ol", { class: "probabilities" }, rows.map((one) => one.row));
  list.show = (probabilities, chosen, isSure) => {
    rows.forEach(({ row, bar, value }, k) => {
      const p = probabilities?.[k] ?? 0;
      bar.style.width = `${100 * p}%`;
      value.textContent = probabilities ? percent(p) : "";
      value.dataset.value = p;
      row.classList.toggle("chosen", k === chosen);
      row.classList.toggle("unsure", k === chosen && !isSure);
    });
  };
  return list;
}
