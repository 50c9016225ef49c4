// Where a number comes from and where it goes: the panel in which every number can be followed.

import { ask, query } from "./api.js";
import { keep, state } from "./address.js";
import { button, decimalField, el, put, say } from "./dom.js";
import { formula } from "./formula.js";
import { brief, fromField, num, place } from "./numbers.js";
import { css, shade } from "./paint.js";
import { describeQuantity } from "./steps.js";
import { t } from "./words.js";

export const EPS = 1e-4;
const MAX_VALUE = 1000; // of a weight that is set, either side of zero
const N_INPUTS = 16; // shown one by one; the rest is summed

// `step()` gives the current step, {id, ...}; `set(name, index, value)` sets a weight.
export function makeEntryPanel({ step, set, noticed, classes }) {
  const node = el("section", { class: "entry card", "aria-live": "off", hidden: true, tabindex: "-1" });
  let trail = [];
  const panel = { node, open, reopen, close };

  async function open(name, index, { isBack = false } = {}) {
    const current = step();
    if (!current) return;
    const explanation = await ask(`steps/${current.id}/explanation?${query({ quantity: name, index: index.join(","), n_inputs: N_INPUTS })}`);
    if (!isBack) {
      const last = trail.at(-1);
      if (!last || place(last.name, last.index) !== place(name, index)) trail.push({ name, index });
    }
    keep({ at: `${name}.${index.join(".")}` });
    show(explanation);
    noticed?.(explanation.value);
  }

  async function reopen() {
    if (!state.at) return;
    const [name, ...index] = state.at.split(".");
    try {
      await open(name, index.map(Number), { isBack: trail.length > 0 });
    } catch {
      close(); // a number of another network
    }
  }

  function close() {
    trail = [];
    node.hidden = true;
    keep({ at: undefined });
  }

  function chip(entry, props = {}) {
    const colour = state.page === "step" || state.page === "look" ? entry.value : 0;
    return el("button", {
      type: "button", class: "chip", ...props,
      on: { click: () => open(entry.name, entry.index) },
      "aria-label": `${place(entry.name, entry.index)} = ${num(entry.value)}`,
    },
    el("i", { class: "swab", style: { background: css(shade(colour, SCALE)) } }),
    el("span", { class: "name" }, place(entry.name, entry.index)),
    el("span", { class: "value", "data-value": entry.value }, num(entry.value)));
  }

  function show(explanation) {
    const entry = explanation.value;
    const most = Math.max(...explanation.inputs.map((term) => Math.abs(term.value)), 1e-300);
    const back = trail.length > 1
      ? button(t("entry.back"), async () => {
        trail.pop();
        const last = trail.at(-1);
        await open(last.name, last.index, { isBack: true });
      }, { class: "small" }) : null;
    const head = el("header", {},
      el("h3", { tabindex: "-1" }, place(entry.name, entry.index), " = ", el("output", { "data-value": entry.value }, num(entry.value, 6))),
      el("span", {}, back, button(t("close"), close, { class: "small" })));
    const columns = state.notation === "columns";
    const facts = el("dl", { class: "facts" },
      el("dt", {}, t("entry.is")), el("dd", {}, describeQuantity(step().quantities.get(entry.name)), where(entry)),
      el("dt", {}, t("entry.formula")), el("dd", {}, formula(columns ? explanation.columns : explanation.rows)),
      el("dt", {}, t("entry.shape")), el("dd", {}, shape(explanation.shape, columns)),
      el("dt", {}, t("entry.source")), el("dd", {}, el("code", {}, explanation.source.place), " ", el("code", { class: "line" }, explanation.source.text)));
    put(node, head, facts, ...sum(explanation, most), ...consumers(explanation), tools(entry));
    node.hidden = false;
    node.querySelector("h3").focus({ preventScroll: true });
    if (node.getBoundingClientRect().top > innerHeight - 80) node.scrollIntoView({ block: "nearest" });
    say(`${place(entry.name, entry.index)} = ${num(entry.value)}`);
  }

  // In words, where in the image or the network it stands.
  function where(entry) {
    if (entry.name === "x") return ` \u2013 ${t("entry.pixel", { row: Math.floor(entry.index[1] / 28), column: entry.index[1] % 28 })}`;
    if ((entry.letter === "W" || entry.letter === "dW") && entry.layer === 1) {
      const [k, j] = entry.index;
      return ` \u2013 ${t("entry.weight", { row: Math.floor(k / 28), column: k % 28, unit: j })}`;
    }
    return "";
  }

  function shape(list, columns) {
    if (!list.length) return t("entry.number");
    return (columns ? [...list].reverse() : list).join(" \u00d7 ");
  }

  function sum(explanation, most) {
    if (!explanation.inputs.length) return [];
    const line = (label, value, extra = "") => el("li", { class: extra },
      el("span", { class: "parts" }, label),
      el("span", { class: `bar ${value < 0 ? "minus" : "plus"}`, "aria-hidden": "true" }, el("i", { style: { width: `${Math.min(100, (100 * Math.abs(value)) / most)}%` } })),
      el("span", { class: "value", "data-value": value }, num(value)));
    const rows = explanation.inputs.map((term) => line(
      el("span", {}, term.factors.flatMap((factor, i) => [i ? " \u00d7 " : "", chip(factor)]), term.kind ? el("small", {}, ` ${t(`input.${term.kind}`)}`) : ""),
      term.value));
    if (explanation.n_rest) rows.push(line(el("em", {}, t("entry.rest", { n: explanation.n_rest })), explanation.rest, "rest"));
    if (explanation.is_sum) {
      rows.push(line(el("b", {}, t("entry.total")), explanation.inputs.reduce((a, term) => a + term.value, explanation.rest), "total"));
    }
    return [el("h4", {}, explanation.is_sum ? t("entry.from") : t("entry.softmax")), el("ol", { class: "sum" }, rows)];
  }

  function consumers(explanation) {
    if (!explanation.consumers.length) return [];
    const more = explanation.n_more ? el("span", { class: "soft" }, t("entry.more", { n: explanation.n_more })) : null;
    return [el("h4", {}, t("entry.to")), el("p", { class: "chips" }, explanation.consumers.map((entry) => chip(entry)), more)];
  }

  function tools(entry) {
    if (entry.is_after || (entry.letter !== "W" && entry.letter !== "b")) return null;
    const answer = el("p", { class: "answer", role: "status" });
    const nudge = button(t("entry.nudge"), async () => {
      const nudged = await ask(`steps/${step().id}/perturbation?${query({ quantity: entry.name, index: entry.index.join(","), eps: EPS })}`);
      answer.replaceChildren(
        t("entry.nudged", { eps: brief(EPS), below: num(nudged.loss_below, 8), above: num(nudged.loss_above, 8) }),
        el("b", { class: "slope", "data-value": nudged.slope }, num(nudged.slope, 5)), t("entry.backprop"),
        el("b", { class: "gradient", "data-value": nudged.gradient }, num(nudged.gradient, 5)), ".");
    });
    const value = decimalField(+entry.value.toPrecision(6), null, { low: -MAX_VALUE, high: MAX_VALUE, "aria-label": t("entry.setTo") });
    const form = el("form", {
      class: "set",
      on: { submit: (event) => {
        event.preventDefault();
        set(entry.name, entry.index, fromField(value.value));
      } },
    }, value, el("button", {}, t("entry.set")));
    return el("div", { class: "tools" }, nudge, form, answer);
  }

  return panel;
}

export const SCALE = 3; // the same number has the same colour everywhere in a page
