// Look inside: the network whole; every unit, and every number behind it.

import { go, keep, state } from "../address.js";
import { probabilityBars } from "../charts.js";
import { button, el, put, svg } from "../dom.js";
import { makeEntryPanel } from "../entry.js";
import { complain, network } from "../shared.js";
import { largest, num, percent } from "../numbers.js";
import { css, paint, picture, pixelMap, shade } from "../paint.js";
import { column, fetchArray, setWeight, takeStep } from "../steps.js";
import { t } from "../words.js";
import { imageBar } from "./parts.js";

const N_EDGES = 24; // the strongest are drawn, never all
const MOST_UNITS = 64; // of a layer that are shown: the most active

export async function enter(root, app) {
  let step = null;
  const diagram = el("div", { class: "diagram card" });
  const detail = el("section", { class: "unit card", hidden: true });
  const panel = makeEntryPanel({
    step: () => step,
    set: async (name, index, value) => {
      setWeight(name, index, value);
      bar.refresh();
      await load();
    },
    noticed: (value) => {
      const isFirstWeight = value.letter === "W" && value.layer === 1 && !value.is_after;
      if (value.letter === "x" || isFirstWeight) app.notice("followed");
      if (["a", "z"].includes(value.letter)) drawEdges();
    },
  });
  const bar = imageBar(app, load);
  root.append(
    el("header", { class: "intro" }, el("h1", {}, t("look.title")), el("p", {}, t("look.intro"))),
    bar,
    diagram,
    el("div", { class: "columns two" }, detail, panel.node));
  await load();

  async function load() {
    try {
      step = await takeStep(app);
      if (!step) {
        put(diagram, el("p", { class: "note" }, t("image.none")));
        return;
      }
      await show();
      const at = state.at; // the unit opens at its z
      if (state.unit) await openUnit(...state.unit.split(".").map(Number));
      if (at) keep({ at });
      await panel.reopen();
    } catch (error) {
      complain(error, root);
    }
  }

  async function show() {
    const { image, layers } = step;
    const x = step.quantities.get("x").numbers;
    const W1 = await fetchArray(step, "W1");
    const most = largest(W1);
    const input = el("div", { class: "layer input" }, el("h2", {}, t("look.input")),
      pixelMap(x, {
        width: 28, height: 28, most: 1, kind: "grey", label: t("look.input-label"),
        tell: (px, py, v) => `x[0, ${28 * py + px}] = ${num(v)}`,
        open: (px, py) => panel.open("x", [0, 28 * py + px]),
      }),
      el("p", { class: "soft" }, image.label === null ? t("look.given", { label: step.label }) : t("look.shows", { label: image.label })));
    const hidden = layers.slice(0, -1).map((layer, i) => hiddenLayer(layer, i + 1, W1, most));
    const output = outputLayer(layers.at(-1), W1, most);
    const edges = svg("svg", { class: "edges", "aria-hidden": "true" });
    put(diagram,
      step.is_fused ? el("p", { class: "note" }, t("look.fused")) : null,
      el("div", { class: "layers" }, edges, input, hidden, output),
      el("p", { class: "scale soft" }, t("look.scale-negative"), el("i", { class: "ramp" }), t("look.scale-positive"),
        step.last > 1 ? el("span", {}, t("look.edges", { n: N_EDGES })) : null));
    requestAnimationFrame(drawEdges);
  }

  function hiddenLayer(layer, number, W1, most) {
    const a = step.quantities.get(`a${number}`).numbers;
    const most_a = largest(a) || 1;
    const shown = [...a.keys()].sort((i, j) => Math.abs(a[j]) - Math.abs(a[i])).slice(0, MOST_UNITS).sort((i, j) => i - j);
    const units = shown.map((j) => {
      const face = number === 1
        ? picture(column(W1, layer.n_out, j), { most, label: "", css: "face" })
        : el("span", { class: "face plain-face", style: { background: css(shade(a[j], most_a)) } });
      return el("button", {
        type: "button", class: `tile ${a[j] === 0 ? "quiet" : ""}`, id: `u${number}-${j}`,
        "aria-label": t("look.unit-label", { unit: j, layer: number, a: num(a[j]) }),
        on: { click: () => openUnit(number, j) },
      }, face, el("span", { class: "level", style: { "--level": Math.min(1, Math.abs(a[j]) / most_a), background: css(shade(a[j], most_a)) } }));
    });
    const rest = layer.n_out - shown.length;
    return el("div", { class: "layer hidden-layer" },
      el("h2", {}, t("look.hidden", { n: layer.n_out, activation: layer.activation })),
      el("div", { class: "tiles" }, units), rest ? el("p", { class: "soft" }, t("look.most-active", { n: rest, shown: shown.length })) : null);
  }

  function outputLayer(layer, W1, most) {
    const p = step.quantities.get("p").numbers;
    const z = step.quantities.get(`z${step.last}`).numbers;
    const best = p.indexOf(Math.max(...p));
    const rows = Array.from({ length: layer.n_out }, (_, k) => el("button", {
      type: "button", class: `class ${k === best ? "chosen" : ""}`, id: `u${step.last}-${k}`,
      "aria-label": t("look.class-label", { digit: k, p: percent(p[k]), z: num(z[k]) }),
      on: { click: () => openUnit(step.last, k) },
    },
    step.last === 1 ? picture(column(W1, layer.n_out, k), { most, label: "", css: "face large" }) : null,
    el("b", {}, String(k)), el("span", { class: "track" }, el("i", { style: { width: `${100 * p[k]}%` } })),
    el("span", { class: "value", "data-value": p[k] }, percent(p[k]))));
    return el("div", { class: `layer output ${step.last === 1 ? "with-faces" : ""}` }, el("h2", {}, t("look.output")), el("div", { class: "classes" }, rows));
  }

  async function openUnit(number, j) {
    const layer = step.layers[number - 1];
    if (!layer || !(j < layer.n_out)) return;
    keep({ unit: `${number}.${j}` });
    for (const one of diagram.querySelectorAll(".open")) one.classList.remove("open");
    document.getElementById(`u${number}-${j}`)?.classList.add("open");
    const z = step.quantities.get(`z${number}`).numbers[j];
    const isOutput = number === step.last;
    const a = isOutput ? step.quantities.get("p").numbers[j] : step.quantities.get(`a${number}`).numbers[j];
    const figures = number === 1 ? await firstLayerFigures(layer, j) : [];
    detail.hidden = false;
    put(detail,
      el("h2", { tabindex: -1 }, isOutput ? t("look.class", { digit: j }) : t("look.unit", { unit: j, layer: number })),
      el("div", { class: "figures" }, figures),
      el("p", { class: "row" },
        button(`z${number}[0, ${j}] = ${num(z)}`, () => panel.open(`z${number}`, [0, j]), { class: "chip", "data-value": z }),
        el("span", {}, isOutput ? "\u2192 softmax \u2192" : `\u2192 ${layer.activation} \u2192`),
        isOutput
          ? button(`p[0, ${j}] = ${num(a)}`, () => panel.open("p", [0, j]), { class: "chip", "data-value": a })
          : button(`a${number}[0, ${j}] = ${num(a)}`, () => panel.open(`a${number}`, [0, j]), { class: "chip", "data-value": a }),
        button(`b${number}[${j}]`, () => panel.open(`b${number}`, [j]), { class: "chip" })),
      el("p", { class: "soft" }, t(isOutput ? "look.class-text" : "look.unit-text")));
    drawEdges();
    await panel.open(`z${number}`, [0, j]);
    app.notice("unit");
  }

  async function firstLayerFigures(layer, j) {
    const W1 = await fetchArray(step, "W1");
    const weights = column(W1, layer.n_out, j);
    const x = step.quantities.get("x").numbers;
    const products = weights.map((w, k) => w * x[k]);
    const map = (numbers, most, label, name) => el("figure", {},
      pixelMap(numbers, {
        width: 28, height: 28, most, label,
        tell: (px, py, v) => `${name}[${28 * py + px}, ${j}] = ${num(v)}`,
        open: (px, py) => panel.open("W1", [28 * py + px, j]),
      }), el("figcaption", {}, label));
    const most = largest(W1);
    return [map(weights, most, t("look.weights"), "W1"), el("span", { class: "times", "aria-hidden": "true" }, "\u00d7"),
      el("figure", {}, picture(x, { most: 1, kind: "grey", label: t("look.input-label") }), el("figcaption", {}, t("look.input"))),
      el("span", { class: "times", "aria-hidden": "true" }, "="), map(products, most, t("look.products"), "x W1")];
  }

  // The strongest connections of the open unit, or of the likeliest class.
  async function drawEdges() {
    const edges = diagram.querySelector(".edges");
    if (!edges || !step || step.last === 1) return;
    const box = diagram.querySelector(".layers").getBoundingClientRect();
    edges.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    const p = step.quantities.get("p").numbers;
    const opened = (state.unit ?? "").split(".").map(Number);
    const lines = [];
    const [number, j] = opened.length === 2 && opened[0] <= step.last ? opened : [step.last, p.indexOf(Math.max(...p))];
    if (number > 1) lines.push(...await into(number, j));
    if (number < step.last) lines.push(...await outOf(number, j));
    const most = Math.max(...lines.map((one) => Math.abs(one.value)), 1e-12);
    const isShown = (one) => document.getElementById(one.from) && document.getElementById(one.to);
    const kept = lines.filter(isShown).sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, N_EDGES);
    const spot = (id, side) => {
      const one = document.getElementById(id)?.getBoundingClientRect();
      return one && [(side === "right" ? one.right : one.left) - box.left, one.top + one.height / 2 - box.top];
    };
    put(edges, kept.map(({ from, to, value }) => {
      const [start, end] = [spot(from, "right"), spot(to, "left")];
      if (!start || !end) return null;
      const bend = Math.max(20, (end[0] - start[0]) / 2);
      return svg("path", {
        d: `M${start.join(" ")}C${start[0] + bend} ${start[1]} ${end[0] - bend} ${end[1]} ${end.join(" ")}`,
        class: value < 0 ? "minus" : "plus", "stroke-width": 0.6 + (4 * Math.abs(value)) / most,
      });
    }));
  }

  async function into(number, j) {
    const W = await fetchArray(step, `W${number}`);
    const a = step.quantities.get(`a${number - 1}`).numbers;
    const { n_out: n } = step.layers[number - 1];
    return [...a].map((v, k) => ({ from: `u${number - 1}-${k}`, to: `u${number}-${j}`, value: v * W[k * n + j] }));
  }

  async function outOf(number, j) {
    const W = await fetchArray(step, `W${number + 1}`);
    const a = step.quantities.get(`a${number}`).numbers[j];
    const { n_out: n } = step.layers[number];
    return Array.from({ length: n }, (_, k) => ({ from: `u${number}-${j}`, to: `u${number + 1}-${k}`, value: a * W[j * n + k] }));
  }

  addEventListener("resize", drawEdges);
  return { leave: () => removeEventListener("resize", drawEdges) };
}
