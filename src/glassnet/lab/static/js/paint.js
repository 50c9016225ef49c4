// Numbers as pictures. One language for all: colour says the sign, its strength the size, and the
// same number always has the same colour, since the scale is given from outside.

import { el } from "./dom.js";

let palette = null;

function toRgb(variable) {
  const probe = el("i", { style: { color: `var(${variable})` }, hidden: true });
  document.body.append(probe);
  const rgb = getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return rgb;
}

export function forgetColours() {
  palette = null;
}

function colours() {
  palette ??= { none: toRgb("--card"), plus: toRgb("--plus"), minus: toRgb("--minus"), ink: toRgb("--ink") };
  return palette;
}

// A colour for a number, on a scale whose end is `most`.
export function shade(value, most, kind = "signed") {
  const { none, plus, minus, ink } = colours();
  if (!Number.isFinite(value)) return plus;
  // The root shows what is small; zero stays the colour of the paper.
  const share = most > 0 ? Math.min(1, Math.abs(value) / most) : 0;
  const strength = kind === "grey" ? share : Math.sqrt(share);
  const end = kind === "grey" ? ink : value < 0 ? minus : plus;
  return none.map((c, i) => Math.round(c + (end[i] - c) * strength));
}

export function css([r, g, b]) {
  return `rgb(${r} ${g} ${b})`;
}

// kind: "signed", "grey" (0 is paper, the most is ink) or "ground" (grey values as they are).
export function paint(canvas, numbers, width, height, most, kind = "signed") {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const [r, g, b] = kind === "ground" ? [numbers[i], numbers[i], numbers[i]] : shade(numbers[i], most, kind);
    image.data.set([r, g, b, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

// A picture; without a label it belongs to a button that has one.
export function picture(numbers, { width = 28, height = 28, most, kind = "signed", label, css: name = "" }) {
  const canvas = el("canvas", { class: `pixels ${name}`, ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) });
  paint(canvas, numbers, width, height, most, kind);
  return canvas;
}

// A picture whose every number can be opened: by mouse, finger or arrow keys and Enter.
export function pixelMap(numbers, { width, height, most, kind = "signed", label, open, tell }) {
  const canvas = el("canvas", { class: "pixels", "aria-hidden": "true" });
  paint(canvas, numbers, width, height, most, kind);
  const cursor = el("i", { class: "cursor", hidden: true });
  let at = { x: Math.floor(width / 2), y: Math.floor(height / 2) };
  const node = el("button", { type: "button", class: "map", "aria-label": label }, canvas, cursor);
  const show = () => {
    cursor.hidden = false;
    cursor.style.left = `${(100 * at.x) / width}%`;
    cursor.style.top = `${(100 * at.y) / height}%`;
    cursor.style.width = `${100 / width}%`;
    cursor.style.height = `${100 / height}%`;
    const i = at.y * width + at.x;
    const text = tell(at.x, at.y, numbers[i]);
    node.title = text;
    node.setAttribute("aria-label", `${label}; ${text}`);
  };
  const follow = (event) => {
    const box = canvas.getBoundingClientRect();
    const inside = (value, n) => Math.max(0, Math.min(n - 1, Math.floor(value)));
    at = {
      x: inside(((event.clientX - box.left) / box.width) * width, width),
      y: inside(((event.clientY - box.top) / box.height) * height, height),
    };
    show();
  };
  node.addEventListener("pointermove", follow);
  node.addEventListener("pointerdown", follow); // a click's own place is rounded to whole pixels
  node.addEventListener("pointerleave", () => { cursor.hidden = document.activeElement !== node; });
  node.addEventListener("focus", () => node.matches(":focus-visible") && show());
  node.addEventListener("blur", () => { cursor.hidden = true; });
  node.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    at = {
      x: Math.max(0, Math.min(width - 1, at.x + move[0])),
      y: Math.max(0, Math.min(height - 1, at.y + move[1])),
    };
    show();
  });
  node.addEventListener("click", () => open(at.x, at.y));
  node.repaint = (values, scale) => {
    numbers = values;
    paint(canvas, values, width, height, scale, kind);
  };
  return node;
}
