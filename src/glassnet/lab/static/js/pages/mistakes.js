// Mistakes: what is confused with what, the images, and why.

import { ask, query } from "../api.js";
import { go, keep, state } from "../address.js";
import { probabilityBars } from "../charts.js";
import { button, el, put, say } from "../dom.js";
import { choose } from "../image.js";
import { bytes, count, floats, largest, num, percent } from "../numbers.js";
import { picture } from "../paint.js";
import { complain, network } from "../shared.js";
import { t } from "../words.js";
import { dataNote } from "./draw.js";

const CLASSES = [..."0123456789"];

export async function enter(root, app) {
  const { lab } = app;
  root.append(el("header", { class: "intro" }, el("h1", {}, t("mistakes.title")), el("p", {}, t("mistakes.intro"))));
  if (!lab.data) {
    root.append(el("p", { class: "note" }, t("data.none")));
    return {};
  }
  const matrix = el("section", { class: "card" }, el("p", { class: "soft" }, t("mistakes.reading")));
  const sheet = el("section", { class: "card", hidden: true });
  const why = el("section", { class: "card", hidden: true });
  root.append(el("div", { class: "columns two" }, matrix, el("div", {}, sheet, why)));
  const confusion = await ask(`mistakes?${query({ network: network(app) })}`);
  showMatrix();
  const asked = (state.cell ?? "").split(".").map(Number);
  if (asked.length === 2) await openCell(...asked);
  else await openCell(...worst());
  if (state.why !== undefined) await openImage(Number(state.why));

  function worst() {
    let best = [0, 0];
    let most = -1;
    confusion.matrix.forEach((row, i) => row.forEach((n, j) => {
      if (i !== j && n > most) [best, most] = [[i, j], n];
    }));
    return best;
  }

  function showMatrix() {
    const most = Math.max(...confusion.matrix.flatMap((row, i) => row.filter((_, j) => i !== j)), 1);
    const head = el("tr", {}, el("th", { scope: "col" }, el("small", {}, t("mistakes.corner"))), CLASSES.map((c) => el("th", { scope: "col" }, c)));
    const rows = confusion.matrix.map((row, i) => el("tr", {}, el("th", { scope: "row" }, String(i)), row.map((n, j) => {
      const level = i === j ? "right" : n ? `m${Math.ceil((5 * n) / most)}` : "";
      return el("td", { class: level }, n ? el("button", {
        type: "button", class: "plain", id: `cell-${i}-${j}`, "aria-label": t("mistakes.cell", { n, i, j }), on: { click: () => openCell(i, j) },
      }, String(n)) : "");
    })));
    put(matrix, el("h2", {}, t("mistakes.matrix")),
      el("p", {}, t("mistakes.accuracy", { accuracy: percent(confusion.accuracy, 2), n: count(confusion.n), data: confusion.data, wrong: count(confusion.n - Math.round(confusion.accuracy * confusion.n)) })),
      el("div", { class: "scroll" }, el("table", { class: "matrix" }, el("thead", {}, head), el("tbody", {}, rows))),
      el("p", { class: "soft" }, t("mistakes.axes"), " ", dataNote(lab, network(app))));
  }

  async function openCell(i, j) {
    const cell = confusion.cells[`${i},${j}`];
    if (!cell) return;
    keep({ cell: `${i}.${j}` });
    for (const one of matrix.querySelectorAll(".open")) one.classList.remove("open");
    document.getElementById(`cell-${i}-${j}`)?.classList.add("open");
    try {
      const images = await ask(`images/test?${query({ indices: cell.map((one) => one.index).join(",") })}`);
      sheet.hidden = false;
      put(sheet, el("h2", { tabindex: -1 }, i === j ? t("mistakes.sheet-right", { i, n: confusion.matrix[i][j] }) : t("mistakes.sheet", { i, j, n: confusion.matrix[i][j] })),
        confusion.matrix[i][j] > cell.length ? el("p", { class: "soft" }, t("mistakes.shown", { n: cell.length })) : null,
        el("div", { class: "sheet" }, images.map((one, k) => el("button", {
          type: "button", class: "thumb", id: `image-${one.index}`, "aria-label": t("mistakes.image", { index: one.index, i, j, p: percent(cell[k].probability) }),
          on: { click: () => openImage(one.index) },
        }, picture(bytes(one.pixels), { most: 255, kind: "grey", label: "" }), el("small", {}, percent(cell[k].probability))))));
      say(t("mistakes.cell", { n: confusion.matrix[i][j], i, j }));
    } catch (error) {
      complain(error, root);
    }
  }

  async function openImage(index) {
    if (!Number.isInteger(index)) return;
    keep({ why: index });
    choose("test", index);
    try {
      const found = await ask("evidence", { body: { network: network(app), image: { part: "test", index } } });
      const evidence = floats(found.evidence);
      const bars = probabilityBars(CLASSES);
      bars.show(found.probabilities, found.answer, found.answer === found.label);
      why.hidden = false;
      put(why, el("h2", { tabindex: -1 }, t("mistakes.why", { index, label: found.label, answer: found.answer })),
        el("div", { class: "figures" },
          el("figure", {}, picture(bytes(found.seen), { most: 255, kind: "grey", label: t("image.28") }), el("figcaption", {}, t("mistakes.seen"))),
          el("figure", {}, picture(evidence, { most: largest(evidence), label: t("mistakes.evidence-label", { answer: found.answer, other: found.other }) }),
            el("figcaption", {}, t("mistakes.evidence", { answer: found.answer, other: found.other, d: num(found.difference) })))),
        el("p", { class: "scale soft" }, t("mistakes.for", { k: found.other }), el("i", { class: "ramp" }), t("mistakes.for", { k: found.answer })),
        bars,
        el("h3", {}, t("mistakes.nearest")),
        el("div", { class: "sheet" }, found.nearest.map((one) => el("figure", {}, picture(bytes(one.pixels), { most: 255, kind: "grey", label: t("mistakes.near", one) }),
          el("figcaption", {}, el("b", {}, String(one.label)), ` ${num(one.distance, 3)}`)))),
        el("p", { class: "soft" }, t("mistakes.nearest-text")),
        el("p", { class: "row" }, button(t("to.look"), () => go({ page: "look" })), button(t("to.step"), () => go({ page: "step" }))));
      why.querySelector("h2").focus({ preventScroll: true });
      app.notice("why");
    } catch (error) {
      complain(error, root);
    }
  }

  return {};
}
