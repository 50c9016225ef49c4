// One step, slowly: forward, loss, backward, update, for one example.

import { keep, state } from "../address.js";
import { button, decimalField, el, field, put, say, select } from "../dom.js";
import { makeEntryPanel } from "../entry.js";
import { formula } from "../formula.js";
import { largest, num, percent } from "../numbers.js";
import { pixelMap } from "../paint.js";
import { complain, uncomplain } from "../shared.js";
import { column, describeQuantity, fetchArray, RATE, setWeight, takeStep } from "../steps.js";
import { t } from "../words.js";
import { imageBar } from "./parts.js";

const BEAT = 2200; // milliseconds, while playing
const MOST_PICTURES = 32; // units whose weights are shown as pictures
const MOST_CHIPS = 10; // numbers that are shown as numbers

export async function enter(root, app) {
  let step = null;
  let beats = [];
  let playing = null;
  let asked = null; // the question that stands open

  const timeline = el("div", { class: "timeline card", role: "group", "aria-label": t("step.timeline") });
  const stage = el("div", { class: "beats" });
  const panel = makeEntryPanel({
    step: () => step,
    set: async (name, index, value) => {
      setWeight(name, index, value);
      bar.refresh();
      await load();
    },
    noticed: ({ letter }) => isParameter(letter) && app.notice("parameter"),
  });
  const bar = imageBar(app, load);
  root.append(
    el("header", { class: "intro" }, el("h1", {}, t("step.title")), el("p", {}, t("step.intro"))),
    bar, timeline, el("div", { class: "columns two" }, stage, panel.node));
  document.addEventListener("keydown", keys);
  await load();

  async function load() {
    pause();
    try {
      step = await takeStep(app);
      uncomplain(root);
      if (!step) {
        put(stage, el("p", { class: "note" }, t("image.none")));
        put(timeline);
        return;
      }
      beats = plan(step);
      await show();
      await panel.reopen();
    } catch (error) {
      complain(error, root);
    }
  }

  function at() {
    return Math.max(0, Math.min(beats.length - 1, Number(state.beat) || 0));
  }

  async function move(to, { ask = true } = {}) {
    const before = at();
    const next = Math.max(0, Math.min(beats.length - 1, to));
    if (ask && state.quiz === "1" && next > before && asked === null) {
      const question = questionBefore(beats[before + 1], step);
      if (question) {
        pause();
        asked = { question, next: before + 1 };
        await show();
        return;
      }
    }
    asked = null;
    keep({ beat: next });
    await show();
    if (beats[next].name === "after") app.notice("updated");
  }

  function play() {
    if (at() === beats.length - 1) keep({ beat: 0 });
    playing = setInterval(() => (at() < beats.length - 1 ? move(at() + 1) : pause()), BEAT);
    showTimeline();
  }

  function pause() {
    clearInterval(playing);
    playing = null;
    if (step) showTimeline();
  }

  function keys(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, .map, summary")) return;
    if (event.key === "ArrowRight") move(at() + 1);
    else if (event.key === "ArrowLeft") move(at() - 1, { ask: false });
    else if (event.key === " " && !event.target.closest("button, a")) (playing ? pause : play)();
    else return;
    event.preventDefault();
  }

  function showTimeline() {
    const here = at();
    put(timeline,
      el("ol", { class: "phases" }, beats.map((beat, i) => el("li", {}, el("button", {
        type: "button", class: i < here ? "past" : "", "aria-current": i === here ? "step" : null,
        on: { click: () => move(i, { ask: false }) },
      }, t(`beat.${beat.kind}`, { layer: beat.number }))))),
      el("div", { class: "row" },
        button(t("step.back"), () => move(here - 1, { ask: false }), { id: "back", disabled: here === 0 }),
        button(playing ? t("step.pause") : t("step.play"), () => (playing ? pause() : play()), { id: "play" }),
        button(t("step.next"), () => move(here + 1), { id: "next", class: "main", disabled: here === beats.length - 1 }),
        field(t("step.label"), select([..."0123456789"], step.label, (label) => {
          keep({ label });
          load();
        }, { id: "label" })),
        field(t("step.rate"), decimalField(Number(state.rate ?? RATE), (rate) => {
          keep({ rate });
          load();
        }, { low: 1e-4, high: 1000, id: "rate" })),
        el("label", { class: "switch" }, el("input", { type: "checkbox", id: "quiz", checked: state.quiz === "1",
          on: { change: (event) => {
            keep({ quiz: event.target.checked ? "1" : undefined });
            asked = null;
            show();
          } } }), el("span", {}, t("step.quiz")))));
    const phases = timeline.querySelector(".phases");
    const current = phases.children[here];
    phases.scrollLeft = current.offsetLeft - (phases.clientWidth - current.clientWidth) / 2;
  }

  async function show() {
    showTimeline();
    const beat = beats[at()];
    const cards = await Promise.all(beat.names.map((name) => card(name)));
    const number = (name) => num(step.quantities.get(name).numbers[0], 5);
    const sum = beat.name === "after"
      ? el("p", { class: "big" }, t("step.outcome", { before: number("loss"), after: number("loss_after") })) : null;
    put(stage, asked ? quiz() : null,
      el("h2", { id: "beat-title" }, t(`beat.${beat.kind}`, { layer: beat.number })),
      el("p", {}, t(`beat.${beat.kind}.text`, { layer: beat.number, label: step.label })),
      step.is_fused && beat.name === "given" ? el("p", { class: "note" }, t("look.fused")) : null,
      sum, el("div", { class: "quantities" }, cards));
    say(t(`beat.${beat.kind}`, { layer: beat.number }));
  }

  function quiz() {
    const { question, next } = asked;
    const result = el("p", { role: "status" });
    const choose = (choice) => {
      const isRight = choice === question.answer;
      put(result, el("b", {}, isRight ? `\u2713 ${t("quiz.yes")} ` : `\u2717 ${t("quiz.no")} `), t(`quiz.${question.name}.why`, question.values), " ",
        button(t("step.next"), () => move(next, { ask: false }), { class: "main", id: "quiz-next" }));
      for (const one of box.querySelectorAll(".choice")) one.disabled = true;
      document.getElementById("quiz-next").focus();
    };
    const box = el("section", { class: "quiz card" },
      el("h3", {}, t(`quiz.${question.name}`, question.values)),
      el("p", { class: "row" }, ["yes", "no"].map((choice) => button(t(`quiz.${question.name}.${choice}`), () => choose(choice), { class: "choice" })),
        button(t("quiz.skip"), () => move(next, { ask: false }), { class: "small" })),
      result);
    return box;
  }

  async function card(name) {
    const quantity = step.quantities.get(name);
    const columns = state.notation === "columns";
    const body = await numbers(name, quantity);
    const shape = columns ? [...quantity.shape].reverse() : quantity.shape;
    return el("section", { class: `quantity card ${quantity.phase}`, id: `q-${name}` },
      el("header", {}, el("h3", {}, name), el("span", { class: "soft" }, shape.length ? shape.join(" \u00d7 ") : t("entry.number"))),
      formula(columns ? quantity.columns : quantity.rows),
      el("p", { class: "soft" }, describeQuantity(quantity)),
      body,
      el("p", { class: "source" }, el("code", { title: quantity.source.text }, quantity.source.place)));
  }

  async function numbers(name, { shape }) {
    const open = (...index) => panel.open(name, index);
    const values = await fetchArray(step, name);
    const most = name === "x" ? 1 : largest(values) || 1;
    const kind = name === "x" ? "grey" : "signed";
    const map = (array, width, height, toIndex, label, scale = most) => pixelMap(array, {
      width, height, most: scale, kind, label,
      tell: (px, py, v) => `${name}[${toIndex(px, py).join(", ")}] = ${num(v)}`,
      open: (px, py) => open(...toIndex(px, py)),
    });
    if (!shape.length) {
      return el("button", { type: "button", class: "number", "data-value": values[0], on: { click: () => open() } }, num(values[0], 6));
    }
    if (name === "x") return map(values, 28, 28, (px, py) => [0, 28 * py + px], t("look.input-label"));
    if (shape.at(-1) <= MOST_CHIPS && (shape.length === 1 || shape[0] === 1)) {
      const index = (j) => (shape.length === 1 ? [j] : [0, j]);
      return el("p", { class: "chips" }, [...values].map((v, j) => button(num(v), () => open(...index(j)), {
        class: "chip", "data-value": v, "aria-label": `${name}[${index(j).join(", ")}] = ${num(v)}`,
        style: { "--share": Math.abs(v) / most }, title: `${name}[${index(j).join(", ")}]`,
      })));
    }
    if (shape.length === 1) return map(values, shape[0], 1, (px) => [px], name);
    if (shape[0] === 1) return map(values, shape[1], 1, (px) => [0, px], name);
    if (shape[0] !== 784) return between(name, values, shape, map);
    const shown = Math.min(shape[1], MOST_PICTURES);
    return el("div", { class: "unit-pictures" },
      Array.from({ length: shown }, (_, j) => map(column(values, shape[1], j), 28, 28, (px, py) => [28 * py + px, j], t("step.unit-weights", { name, unit: j }))),
      shape[1] > shown ? el("span", { class: "soft" }, t("look.more-units", { n: shape[1] - shown })) : null);
  }

  // Weights between two layers, lying down where there are more inputs than units.
  function between(name, values, [nIn, nOut], map) {
    if (nIn <= nOut) return map(values, nOut, nIn, (px, py) => [py, px], name);
    const lying = Float64Array.from(values, (_, i) => values[(i % nIn) * nOut + Math.floor(i / nIn)]);
    const node = map(lying, nIn, nOut, (px, py) => [px, py], t("step.lying", { name }));
    node.classList.add("wide-map");
    return node;
  }

  return {
    leave: () => {
      pause();
      document.removeEventListener("keydown", keys);
    },
  };
}

const isParameter = (letter) => letter === "W" || letter === "b";

// The beats of a step: the quantities that are shown together.
function plan({ last, quantities }) {
  const names = (isShown) => [...quantities.values()].filter(isShown).map(({ name }) => name);
  const isGiven = ({ letter, is_after: isAfter }) => !isAfter && ("xy".includes(letter) || isParameter(letter));
  const isUpdated = ({ letter, is_after: isAfter }) => isAfter && isParameter(letter);
  const beats = [{ name: "given", kind: "given", names: names(isGiven) }];
  for (let l = 1; l < last; l += 1) beats.push({ name: `forward${l}`, kind: "forward", number: l, names: [`z${l}`, `a${l}`] });
  beats.push({ name: "output", kind: "output", number: last, names: [`z${last}`, "p"] });
  beats.push({ name: "loss", kind: "loss", names: ["loss"] });
  beats.push({ name: "dlogits", kind: "dlogits", number: last, names: [`dz${last}`, `dW${last}`, `db${last}`] });
  for (let l = last - 1; l > 0; l -= 1) {
    beats.push({ name: `backward${l}`, kind: "backward", number: l, names: [`da${l}`, `slope${l}`, `dz${l}`, `dW${l}`, `db${l}`] });
  }
  beats.push({ name: "update", kind: "update", names: names(isUpdated) });
  beats.push({ name: "after", kind: "after", names: ["p_after", "loss_after"] });
  return beats;
}

// What may be asked before a beat: will it, or will it not?
function questionBefore(beat, step) {
  const get = (name) => step.quantities.get(name).numbers;
  const p = get("p");
  const { label, last } = step;
  if (beat.name === "output") {
    const predicted = p.indexOf(Math.max(...p));
    return { name: "right", answer: predicted === label ? "yes" : "no", values: { label, predicted, p: percent(p[predicted]) } };
  }
  if (beat.name === "loss") {
    const guessing = Math.log(p.length);
    return { name: "loss", answer: get("loss")[0] > guessing ? "yes" : "no", values: { loss: num(get("loss")[0]), guessing: num(guessing), p: percent(p[label], 3) } };
  }
  if (beat.name === "dlogits") {
    const d = get(`dz${last}`)[label];
    return { name: "logit", answer: d > 0 ? "yes" : "no", values: { label, d: num(d), p: num(p[label]) } };
  }
  if (beat.name === "update" && last > 1) {
    const a = get(`a${last - 1}`);
    const unit = a.indexOf(Math.max(...a));
    const n = step.layers[last - 1].n_out;
    const d = a[unit] * get(`dz${last}`)[label];
    return { name: "weight", answer: d < 0 ? "yes" : "no", values: { name: `W${last}`, unit, label, n, a: num(a[unit]), d: num(d) } };
  }
  if (beat.name === "after") {
    return { name: "after", answer: get("loss_after")[0] < get("loss")[0] ? "yes" : "no", values: { before: num(get("loss")[0], 5), after: num(get("loss_after")[0], 5) } };
  }
  return null;
}
