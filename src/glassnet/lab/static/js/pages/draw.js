// Draw: from a stroke to a digit, with every step between.

import { ask, query } from "../api.js";
import { go, keep, state } from "../address.js";
import { probabilityBars } from "../charts.js";
import { button, el, field, put, say } from "../dom.js";
import { choose, chooseInk, choosePixels, chosen, currentImage, SIDE } from "../image.js";
import { complain, network } from "../shared.js";
import { bytes, percent } from "../numbers.js";
import { makePad } from "../pad.js";
import { paint, picture } from "../paint.js";
import { pack, toGrey, unpack } from "../strokes.js";
import { t } from "../words.js";

const CLASSES = [..."0123456789"];
const N_EXAMPLES = 12;

export async function enter(root, app) {
  const { lab } = app;
  const drawn = unpack(state.ink ?? "");
  const off = new Set((state.off ?? "").split(",").filter((name) => lab.stages.includes(name)));
  const answer = el("p", { class: "answer-digit", "aria-live": "polite" });
  const reason = el("p", { class: "soft reason" });
  const bars = probabilityBars(CLASSES);
  const steps = el("ol", { class: "stages" });
  const pageBox = el("div", { class: "page-box" });
  let upload = null; // the file that was chosen, to be read again when a stage goes
  let isAsking = false;
  let isStale = false;
  let wantsStages = false;
  let abort = null;

  const pad = makePad({ ...drawn, change: () => send(false), done: () => {
    chooseInk(pack(pad.strokes, pad.thickness));
    send(true);
  } });

  // While one question is under way the next waits, and only the newest is asked.
  async function send(stages) {
    upload = null;
    put(pageBox);
    wantsStages ||= stages;
    if (isAsking) {
      isStale = true;
      return;
    }
    isAsking = true;
    do {
      isStale = false;
      const shown = wantsStages;
      wantsStages = false;
      try {
        if (!pad.strokes.length) {
          showNothing();
          continue;
        }
        const path = `drawing?${query({ network: network(app), side: SIDE, without: [...off].join(","), stages: shown })}`;
        abort = new AbortController();
        show(await ask(path, { raw: toGrey(pad.strokes, pad.thickness, SIDE), signal: abort.signal }), shown);
      } catch (error) {
        complain(error, root);
      }
    } while (isStale || wantsStages);
    isAsking = false;
  }

  function showNothing() {
    put(answer, el("span", { class: "soft" }, t("draw.empty")));
    reason.textContent = "";
    bars.show(null);
    put(steps);
  }

  function show(result, withStages) {
    root.querySelector(".wrong")?.remove();
    const isSure = result.digit !== null;
    put(answer, isSure
      ? [el("b", { class: "digit", id: "digit" }, String(result.digit)), el("span", { class: "soft" }, percent(result.probability, 2))]
      : el("b", { class: "unknown", id: "digit" }, t("draw.unknown")));
    reason.textContent = result.reason === "no-ink" ? t("draw.no-ink")
      : result.reason ? t("draw.not-sure", { digit: result.likeliest, p: percent(result.probability) }) : "";
    bars.show(result.seen ? result.probabilities : null, result.likeliest, isSure);
    if (withStages) showStages(result);
    if (isSure && withStages && state.img === "ink") app.notice("answered");
    if (withStages) say(isSure ? t("draw.said", { digit: result.digit, p: percent(result.probability) }) : reason.textContent);
  }

  function showStages(result) {
    put(steps, result.stages.map((stage, i) => {
      const canvas = el("canvas", { class: "pixels", role: "img", "aria-label": t("draw.stage-picture", { name: t(`stage.${stage.name}`) }) });
      paint(canvas, bytes(stage.pixels), stage.width, stage.height, 255, "ground");
      const control = lab.stages.includes(stage.name)
        ? el("label", { class: "switch" },
          el("input", { type: "checkbox", checked: !off.has(stage.name), on: { change: (event) => toggle(stage.name, event.target.checked) } }),
          el("span", {}, t(`stage.${stage.name}`)))
        : el("b", {}, t(`stage.${stage.name}`));
      return el("li", { class: off.has(stage.name) ? "off" : "", style: { "--i": i } },
        el("div", { class: "frame" }, canvas), control, el("small", {}, t(`stage.${stage.name}.text`)));
    }));
  }

  function toggle(name, isOn) {
    if (isOn) off.delete(name);
    else {
      off.add(name);
      app.notice("stage-off");
    }
    keep({ off: [...off].join(",") });
    const focused = name;
    Promise.resolve(again()).then(() => {
      const at = [...steps.querySelectorAll("input")].find((input) => input.nextSibling.textContent === t(`stage.${focused}`));
      at?.focus({ preventScroll: true });
    });
  }

  async function again() {
    if (upload) return readUpload(upload);
    if (state.img === "ink" || !state.img) return send(true);
    return readCurrent();
  }

  // An image of the data, or pixels: shown to the network as it is, or through the steps again.
  async function readCurrent() {
    try {
      const { pixels, label } = await currentImage(lab);
      if (!pixels) return showNothing();
      pad.strokes.length = 0;
      pad.repaint();
      put(pageBox, el("figure", {},
        picture(pixels, { most: 255, kind: "grey", label: t("image.28") }),
        el("figcaption", {}, caption(label))));
      const inverted = pixels.map((v) => 255 - v); // dark on white, as a drawing is
      const grey = enlarge(inverted, 4);
      const path = `drawing?${query({ network: network(app), side: SIDE, without: [...off].join(","), stages: true })}`;
      show(await ask(path, { raw: grey }), true);
    } catch (error) {
      complain(error, root);
    }
  }

  function caption(label) {
    if (state.img === "px") return t("image.uploaded");
    const { part, index } = chosen();
    return t("image.of", { data: lab.data.name, part: t(`part.${part}`), index, label });
  }

  async function readUpload(file) {
    upload = file;
    try {
      const path = `picture?${query({ network: network(app), without: [...off].join(",") })}`;
      const result = await ask(path, { raw: file });
      pad.strokes.length = 0;
      pad.repaint();
      if (result.seen) choosePixels(bytes(result.seen));
      showPage(result);
      show(result, true);
    } catch (error) {
      complain(error, root);
    }
  }

  function showPage(result) {
    const { width, height, pixels } = result.picture;
    const canvas = el("canvas", { class: "pixels", role: "img", "aria-label": t("image.uploaded") });
    paint(canvas, bytes(pixels), width, height, 255, "ground");
    const scale = 100 / result.width;
    const tall = (height / width) * result.width;
    const boxes = result.digits.filter((one) => one.box).map(({ box, digit }) => el("span", {
      class: `box ${digit === null ? "unsure" : ""}`,
      style: { left: `${box[0] * scale}%`, width: `${box[2] * scale}%`, top: `${(100 * box[1]) / tall}%`, height: `${(100 * box[3]) / tall}%` },
    }, el("b", {}, digit === null ? "?" : String(digit))));
    const text = result.digits.map((one) => (one.digit === null ? "?" : one.digit)).join(" ");
    put(pageBox, el("figure", {}, el("div", { class: "boxed" }, canvas, boxes),
      el("figcaption", {}, result.digits.length > 1 ? t("draw.page", { n: result.digits.length, text }) : t("image.uploaded"))));
  }

  const fileInput = el("input", { type: "file", accept: "image/*", class: "hidden", id: "file", tabindex: -1, "aria-hidden": "true",
    on: { change: (event) => event.target.files[0] && readUpload(event.target.files[0]) } });
  const paste = (event) => {
    const item = [...(event.clipboardData?.items ?? [])].find((one) => one.type.startsWith("image/"));
    if (item) readUpload(item.getAsFile());
  };
  addEventListener("paste", paste);
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file) readUpload(file);
  });

  const thickness = el("input", { type: "range", min: 6, max: 48, value: pad.thickness, id: "thickness",
    on: { input: (event) => {
      pad.thickness = Number(event.target.value);
      pad.repaint();
      send(false);
    }, change: () => {
      chooseInk(pack(pad.strokes, pad.thickness));
      send(true);
    } } });
  const examples = lab.data ? el("div", { class: "examples" }) : el("p", { class: "note" }, t("data.none"));

  root.append(
    el("header", { class: "intro" }, el("h1", {}, t("draw.title")), el("p", {}, t("draw.intro"))),
    el("div", { class: "columns" },
      el("section", { class: "card", "aria-label": t("draw.pad") },
        pad.node,
        el("div", { class: "row" },
          button(t("draw.undo"), pad.undo, { id: "undo" }), button(t("draw.clear"), pad.clear, { id: "clear" }),
          button(t("draw.upload"), () => fileInput.click(), { id: "upload" }), fileInput),
        field(t("draw.thickness"), thickness),
        el("p", { class: "soft small-text" }, t("draw.keys"))),
      el("section", { class: "card answer-card", "aria-label": t("draw.answer") },
        answer, reason, bars, pageBox,
        el("p", { class: "row" },
          button(t("to.look"), () => go({ page: "look" })), button(t("to.step"), () => go({ page: "step" })))),
      el("section", { class: "card", "aria-label": t("draw.examples") },
        el("h2", {}, t("draw.examples")), lab.data ? el("p", { class: "soft" }, dataNote(lab, network(app))) : null, examples)),
    el("section", { class: "card wide" }, el("h2", {}, t("draw.stages")), el("p", { class: "soft" }, t("draw.stages-intro")), steps));

  if (lab.data) showExamples();
  if (state.img && state.img !== "ink") await readCurrent();
  else await send(true);

  async function showExamples() {
    const n = lab.data.parts.test;
    const indices = Array.from({ length: N_EXAMPLES }, () => Math.floor(Math.random() * n));
    const sheet = await ask(`images/test?${query({ indices: indices.join(",") })}`);
    put(examples, sheet.map((one) => el("button", {
      type: "button", class: "thumb", "aria-label": t("image.of", { data: lab.data.name, part: t("part.test"), index: one.index, label: one.label }),
      on: { click: () => {
        choose("test", one.index);
        readCurrent();
      } },
    }, picture(bytes(one.pixels), { most: 255, kind: "grey", label: "" }))),
    button(t("draw.others"), showExamples, { class: "small" }));
  }

  return {
    leave: () => {
      abort?.abort();
      removeEventListener("paste", paste);
    },
  };
}

// Said plainly: a model that ships learnt from MNIST, which holds the sample's images too.
export function dataNote(lab, net) {
  const isOwn = !net.startsWith("run:");
  return lab.data.name === "sample" && isOwn ? t("data.sample-known") : t("data.test", { data: lab.data.name });
}

function enlarge(pixels, times) {
  const side = 28 * times;
  const big = new Uint8Array(side * side);
  for (let i = 0; i < big.length; i += 1) big[i] = pixels[Math.floor(Math.floor(i / side) / times) * 28 + Math.floor((i % side) / times)];
  return big;
}
