// Train: runs that can be watched, paused, stepped, rewound and broken.

import { ask, query } from "../api.js";
import { go, keep, state } from "../address.js";
import { lineChart } from "../charts.js";
import { button, el, field, put, say, select } from "../dom.js";
import { findingCards } from "../findings.js";
import { brief, count, percent } from "../numbers.js";
import { picture } from "../paint.js";
import { brokenOptions, fixedOptions, formatOptions, optionFields, parseOptions } from "../options.js";
import { start, watch, watched } from "../runs.js";
import { complain, explainError, uncomplain } from "../shared.js";
import { t } from "../words.js";

const PACES = [["", "full"], ["20", "20"], ["4", "4"], ["1", "1"]];
const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 2, 5];

export async function enter(root, app) {
  const { lab } = app;
  if (!lab.data) {
    root.append(el("h1", {}, t("train.title")), el("p", { class: "note" }, t("data.none")));
    return {};
  }
  let options = parseOptions(lab, state.options);
  const form = el("form", { class: "options card", on: { submit: (event) => {
    event.preventDefault();
    begin();
  } } });
  const live = el("div", { class: "live" });
  const broken = el("section", { class: "card" });
  root.append(el("header", { class: "intro" }, el("h1", {}, t("train.title")), el("p", {}, t("train.intro", { data: lab.data.name }))),
    el("div", { class: "columns side" }, el("div", {}, form, broken), live));
  const panes = new Map();
  const charts = el("div", { class: "charts" });
  const findings = el("div", { class: "findings", role: "status" });
  let shownFindings = "";

  function showForm() {
    const set = (name, value) => {
      options = { ...options, [name]: value };
      keep({ options: formatOptions(lab, options) });
    };
    put(form,
      el("h2", {}, t("train.options")),
      ...optionFields(lab, options, set),
      el("p", { class: "row" }, el("button", { class: "main", id: "start" }, t("train.start")),
        watched().length ? button(t("train.second"), () => begin({ isSecond: true }), { id: "start-second" }) : null));
  }

  function showBroken() {
    put(broken, el("h2", {}, t("train.break")), el("p", { class: "soft" }, t("train.break-text")),
      el("div", { class: "chips" }, lab.experiments.map((one) => button(t(`broken.${one.cause}`), () => breakIt(one.cause), { class: "chip", id: `break-${one.cause}` }))));
  }

  function breakIt(cause) {
    options = brokenOptions(lab, cause, options.seed);
    begin();
  }

  async function begin({ isSecond = false } = {}) {
    try {
      uncomplain(root);
      await start(lab, options, { isSecond });
      panes.clear();
      shownFindings = "";
      showForm();
      watcher.look();
    } catch (error) {
      complain(error, root);
    }
  }

  function show(runs) {
    const kept = runs.filter(Boolean);
    if (!kept.length) {
      put(live, el("p", { class: "note card" }, t("train.none")));
      return;
    }
    if (live.firstChild !== charts) put(live, charts, el("div", { class: "panes" }), findings);
    const list = live.querySelector(".panes");
    for (const one of kept) {
      if (!panes.has(one.id)) panes.set(one.id, makePane(one));
      panes.get(one.id).show(one);
    }
    const nodes = kept.map((one) => panes.get(one.id).node);
    if (nodes.length !== list.children.length || nodes.some((node, i) => node !== list.children[i])) put(list, nodes);
    showCharts(kept);
    showFindings(kept);
  }

  function showCharts(runs) {
    const many = runs.length > 1;
    const name = (one, i) => (many ? ` ${letter(i)}` : "");
    const series = (pick) => runs.flatMap((one, i) => pick(one, i));
    const points = (one, key) => one.readings.map((r) => [r.images, r[key] ?? NaN]);
    const loss = series((one, i) => [
      { name: t("chart.train") + name(one, i), points: points(one, "train_loss"), css: `s1 run${i}` },
      { name: t("chart.validation") + name(one, i), points: points(one, "loss"), css: `s2 run${i}` }]);
    const accuracy = series((one, i) => [{ name: t("chart.validation") + name(one, i), points: points(one, "accuracy"), css: `s2 run${i}` }]);
    const layered = (key) => series((one, i) => one.layers.map((layer, l) => ({
      name: `${t("chart.layer", { n: l + 1 })}${name(one, i)}`, points: one.readings.map((r) => [r.images, r[key][l] ?? NaN]), css: `s${(l % 6) + 1} run${i}` })));
    const mark = runs.length === 1 && runs[0].status !== "running" ? seen(runs[0]) : undefined;
    const common = { xLabel: t("chart.images"), logX: true, mark };
    put(charts,
      lineChart({ ...common, title: t("chart.loss"), series: loss, logY: true }),
      lineChart({ ...common, title: t("chart.accuracy"), series: accuracy, low: 0, high: 1, share: true }),
      lineChart({ ...common, title: t("chart.activations"), yLabel: t("chart.activations-text"), series: layered("activations"), logY: true }),
      lineChart({ ...common, title: t("chart.gradients"), yLabel: t("chart.gradients-text"), series: layered("gradients"), logY: true }));
    const best = Math.max(...runs.flatMap((one) => one.readings.map((r) => r.accuracy ?? 0)));
    if (best > 0.9) app.notice("learnt");
  }

  function showFindings(runs) {
    const key = JSON.stringify(runs.map((one) => [one.id, one.status === "failed", one.epoch > 0, one.findings.map((f) => [f.cause, f.evidence])]));
    if (key === shownFindings) return;
    shownFindings = key;
    const found = runs.filter((one) => one.findings.length);
    put(findings, el("h2", {}, t("page.diagnosis")),
      found.length ? found.map((one) => [runs.length > 1 ? el("h3", {}, letter(runs.indexOf(one))) : null, findingCards(one.findings.slice(0, 1), tryIt),
        one.findings.length > 1 ? button(t("diagnosis.all", { n: one.findings.length }), () => go({ page: "diagnosis" })) : null])
        : el("p", { class: "soft" }, runs.some((one) => one.epoch > 0) ? t("diagnosis.nothing") : t("diagnosis.wait")));
    if (found.length) {
      app.notice("diagnosed");
      say(t(`cause.${found[0].findings[0].cause}`));
    }
  }

  function tryIt(finding) {
    options = fixedOptions(lab, options, finding);
    begin();
  }

  function makePane(first) {
    const head = el("p", { class: "progress-text" });
    const bar = el("progress", { max: first.n_steps, "aria-label": t("train.progress") });
    const weights = el("div", { class: "weights" });
    const health = el("p", { class: "soft" });
    const message = el("p", { class: "wrong", hidden: true });
    const row = el("div", { class: "row" });
    const slider = el("input", { type: "range", min: 0, value: 0, class: "rewind", "aria-label": t("train.rewind") });
    const at = el("output", {});
    const rate = el("input", { type: "range", min: 0, max: RATES.length - 1, step: 1, "aria-label": t("train.rate-live") });
    const rateText = el("output", {});
    let one = first;
    let drawn = -1;
    let isDragging = false;
    let rowKey = "";
    slider.addEventListener("input", () => {
      isDragging = true;
      at.textContent = t("train.after", { step: count(one.snapshots[slider.value]) });
    });
    slider.addEventListener("change", async () => {
      isDragging = false;
      drawn = -1;
      await watcher.act(one.id, { action: "rewind", step: one.snapshots[slider.value] });
    });
    rate.addEventListener("input", () => { rateText.textContent = brief(RATES[rate.value]); });
    rate.addEventListener("change", () => watcher.act(one.id, { action: "learning_rate", learning_rate: RATES[rate.value] }));

    function showRow() {
      const key = `${one.status} ${one.pace}`;
      if (key === rowKey) return;
      rowKey = key;
      const act = (what, name, props = {}) => button(t(`train.${name}`), () => watcher.act(one.id, what), { class: `act-${name}`, ...props });
      const focused = document.activeElement?.className;
      put(row,
        ["running", "waiting"].includes(one.status) ? act({ action: "pause" }, "pause") : act({ action: "resume" }, "resume", { disabled: one.status !== "paused" }),
        act({ action: "step" }, "one-batch", { disabled: one.status !== "paused" && one.status !== "running" }),
        field(t("train.pace"), select(PACES.map(([value, name]) => [value, t(`pace.${name}`)]), one.pace ?? "", (pace) => watcher.act(one.id, { action: "pace", pace: pace ? Number(pace) : null }))),
        button(t("to.look"), () => go({ page: "look", net: `run:${one.id}`, at: undefined, set: undefined })),
        button(t("to.step"), () => go({ page: "step", net: `run:${one.id}`, at: undefined, set: undefined })));
      if (focused?.startsWith("act-")) row.querySelector(`.${focused.split(" ")[0]}, button`)?.focus();
    }

    const node = el("section", { class: "pane card", "data-id": first.id }, head, bar, message, row,
      field(t("train.rewind"), el("span", { class: "with-output" }, slider, at)),
      field(t("train.rate-live"), el("span", { class: "with-output" }, rate, rateText)),
      health, weights, el("p", {}, el("code", { class: "command" }, first.command)));

    async function show(next) {
      one = next;
      const last = one.readings.at(-1);
      const status = one.status === "waiting" ? t("status.waiting", { n: one.place }) : t(`status.${one.status}`);
      put(head, el("b", {}, letterOf(one.id), describe(one.options)), ` \u00b7 ${status} \u00b7 `,
        t("train.position", { step: count(one.step), n: count(one.n_steps), epoch: Math.min(one.epoch + 1, one.epochs), epochs: one.epochs }),
        one.images_per_second ? ` \u00b7 ${t("train.speed", { n: count(one.images_per_second) })}` : "",
        last ? [" \u00b7 ", el("b", { class: "accuracy", "data-value": last.accuracy }, percent(last.accuracy)), ` ${t("train.validation")}`] : null);
      node.dataset.status = one.status;
      node.dataset.step = one.step;
      bar.value = one.step;
      message.hidden = !one.message;
      message.textContent = one.message && explainError({ message: one.message, kind: "not-finite", values: { step: count(one.step) } });
      slider.max = one.snapshots.length - 1;
      if (!isDragging) {
        const place = one.snapshots.findLastIndex((step) => step <= one.step);
        slider.value = place;
        at.textContent = t("train.after", { step: count(one.step) });
      }
      if (document.activeElement !== rate) {
        const nearest = RATES.reduce((best, r, i) => (Math.abs(Math.log(r / one.learning_rate)) < Math.abs(Math.log(RATES[best] / one.learning_rate)) ? i : best), 0);
        rate.value = nearest;
        rateText.textContent = brief(one.learning_rate);
      }
      if (last) {
        const shares = last.dead.map((d, l) => t("train.units", { layer: l + 1, dead: percent(d, 0), saturated: percent(last.saturated[l], 0) }));
        health.textContent = shares.join(" \u00b7 ");
      }
      showRow();
      if (one.step !== drawn) {
        drawn = one.step;
        await showWeights();
      }
    }

    async function showWeights() {
      try {
        const { shape, largest, buffer } = await ask(`runs/${one.id}/weights?${query({ layer: 1 })}`, { binary: true });
        const levels = new Int8Array(buffer);
        const n = Math.min(shape[0], 32);
        put(weights, Array.from({ length: n }, (_, j) => picture(levels.subarray(j * 784, (j + 1) * 784), {
          most: 127, label: t("step.unit-weights", { name: "W1", unit: j }) })));
        weights.title = t("train.largest", { w: brief(largest) });
      } catch (error) {
        complain(error, root);
      }
    }

    return { node, show };
  }

  function letterOf(id) {
    const names = watched();
    return names.length > 1 ? `${letter(names.indexOf(id))}: ` : "";
  }

  showForm();
  showBroken();
  const watcher = watch(show, (error) => complain(error, root));
  return { leave: watcher.stop };
}

function letter(i) {
  return "AB"[i] ?? "";
}

function seen(one) {
  const before = one.readings.filter((r) => r.step <= one.step);
  return before.at(-1)?.images || undefined;
}

export function describe(options) {
  const sizes = [784, ...options.hidden, 10].join("-");
  const broken = options.experiment ? ` \u00b7 ${t(`broken.${options.experiment}`)}` : "";
  return `${sizes} ${options.hidden.length ? `${options.activation[0]} ` : ""}${options.optimizer} ${brief(options.learning_rate)}${broken}`;
}
