// Diagnosis: the findings of the watched runs, and experiments that break one.

import { ask } from "../api.js";
import { go, keep } from "../address.js";
import { lineChart } from "../charts.js";
import { button, el, put } from "../dom.js";
import { findingCards } from "../findings.js";
import { brokenOptions, fixedOptions, formatOptions } from "../options.js";
import { start, watch } from "../runs.js";
import { complain } from "../shared.js";
import { t } from "../words.js";
import { describe } from "./train.js";

export async function enter(root, app) {
  const { lab } = app;
  const found = el("div", { class: "findings", role: "status" });
  const given = el("div", {});
  const list = el("section", { class: "card" }, el("h2", {}, t("diagnosis.causes")), el("p", { class: "soft" }, t("diagnosis.causes-text")),
    el("dl", { class: "causes" }, lab.experiments.map((one) => [
      el("dt", {}, t(`cause.${one.cause}`)),
      el("dd", {}, t(`experiment.${one.cause}`), " ", lab.data ? button(t("diagnosis.break"), () => breakIt(one.cause), { class: "small", id: `break-${one.cause}` }) : null)])));
  root.append(el("header", { class: "intro" }, el("h1", {}, t("diagnosis.title")), el("p", {}, t("diagnosis.intro"))),
    el("div", { class: "columns two" }, el("div", {}, found, given), list));
  let shownFindings = "";

  async function breakIt(cause) {
    try {
      await start(lab, brokenOptions(lab, cause));
      shownFindings = "";
      watcher.look();
      scrollTo({ top: 0 });
    } catch (error) {
      complain(error, root);
    }
  }

  function show(runs) {
    const kept = runs.filter(Boolean);
    const key = JSON.stringify(kept.map((one) => [one.id, one.status, one.epoch, one.findings.map((f) => f.cause)]));
    if (key === shownFindings) return;
    shownFindings = key;
    put(found, kept.length ? kept.map((one) => [
      el("h2", {}, describe(one.options)),
      el("p", { class: "soft", "data-status": one.status }, `${one.status === "waiting" ? t("status.waiting", { n: one.place }) : t(`status.${one.status}`)} \u00b7 ${t("diagnosis.epochs", { n: one.epoch })}`,
        " ", button(t("diagnosis.watch"), () => go({ page: "train" }), { class: "small" })),
      one.findings.length ? findingCards(one.findings, (finding) => {
        const options = fixedOptions(lab, one.options, finding);
        keep({ options: formatOptions(lab, options) });
        start(lab, options).then(() => go({ page: "train" }), (error) => complain(error, root));
      }) : el("p", { class: "note" }, one.epoch || one.status === "failed" ? t("diagnosis.nothing") : t("diagnosis.wait")),
    ]) : el("p", { class: "note" }, t("diagnosis.none")));
    if (kept.some((one) => one.findings.length)) app.notice("diagnosed");
  }

  const watcher = watch(show, (error) => complain(error, root));
  const run = await ask("opened-run");
  if (run) {
    const points = (name) => run.records.map((record) => [record.epoch, record[name] ?? NaN]);
    put(given, el("h2", {}, run.name),
      lineChart({ title: t("chart.loss"), xLabel: t("chart.epochs"), logY: true, series: [
        { name: t("chart.train"), points: points("train_loss") }, { name: t("chart.validation"), points: points("validation_loss") }] }),
      run.findings.length ? findingCards(run.findings) : el("p", { class: "note" }, t("diagnosis.nothing")));
  }
  return { leave: watcher.stop };
}
