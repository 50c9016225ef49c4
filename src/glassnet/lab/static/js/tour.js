// The tour: five minutes through the pages. A step notices by itself when it has been done.

import { go, keep, state } from "./address.js";
import { button, el, put } from "./dom.js";
import { t } from "./words.js";

// What is to be done, where, and the notice that says so.
const STEPS = [
  { name: "draw", page: "draw", notice: "answered" },
  { name: "stages", page: "draw", notice: "stage-off" },
  { name: "look", page: "look", notice: "unit" },
  { name: "follow", page: "look", notice: "followed" },
  { name: "step", page: "step", notice: "updated" },
  { name: "nudge", page: "step", notice: "parameter" },
  { name: "train", page: "train", notice: "learnt" },
  { name: "break", page: "train", notice: "diagnosed" },
  { name: "mistakes", page: "mistakes", notice: "why" },
];

export function makeTour(app) {
  const node = document.getElementById("tour");
  const tour = { start, notice };
  let isDone = false;

  const at = () => (state.tour === undefined ? null : Math.max(0, Math.min(STEPS.length, Number(state.tour) || 0)));

  function start() {
    keep({ tour: 0 });
    isDone = false;
    enter(0);
  }

  function enter(place) {
    keep({ tour: place });
    isDone = false;
    const step = STEPS[place];
    if (step && state.page !== step.page) go({ page: step.page, at: undefined });
    show();
  }

  function stop() {
    keep({ tour: undefined });
    show();
  }

  function notice(what) {
    const place = at();
    if (place === null) {
      node.hidden = true;
      return;
    }
    if (what === STEPS[place]?.notice) isDone = true;
    show();
  }

  function show() {
    const place = at();
    node.hidden = place === null;
    if (place === null) return;
    node.setAttribute("aria-label", t("tour"));
    const step = STEPS[place];
    if (!step) {
      put(node, el("h2", {}, t("tour.end.title")), el("p", {}, t("tour.end.text")), el("p", { class: "row" }, button(t("close"), stop)));
      return;
    }
    const elsewhere = state.page !== step.page;
    put(node, 
      el("p", { class: "soft" }, t("tour.place", { n: place + 1, of: STEPS.length })),
      el("h2", {}, t(`tour.${step.name}.title`)),
      el("p", {}, t(`tour.${step.name}.text`)),
      isDone ? el("p", { class: "done", role: "status" }, `\u2713 ${t(`tour.${step.name}.done`)}`) : null,
      el("p", { class: "row" },
        elsewhere ? button(t("tour.there"), () => go({ page: step.page, at: undefined })) : null,
        place ? button(t("tour.back"), () => enter(place - 1), { class: "small" }) : null,
        button(isDone ? t("tour.next") : t("tour.skip"), () => enter(place + 1), { class: isDone ? "" : "small", id: "tour-next" }),
        button(t("close"), stop, { class: "small" })));
  }

  return tour;
}
