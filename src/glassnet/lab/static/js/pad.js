// The pad: drawing with mouse, pen, finger or keys.

import { el } from "./dom.js";
import { draw, FIELD } from "./strokes.js";
import { t } from "./words.js";

const STEP = 6; // of the 256 of the field, for an arrow key

export function makePad({ strokes, thickness, change, done }) {
  const canvas = el("canvas", { width: 512, height: 512, "aria-hidden": "true" });
  const cursor = el("i", { class: "pen", hidden: true });
  const node = el("div", { class: "pad", tabindex: 0, role: "application", "aria-label": t("draw.pad") }, canvas, cursor);
  const context = canvas.getContext("2d");
  const pad = { node, strokes, thickness, pen: { x: 128, y: 128, isDown: false } };
  let pointer = null;
  let isDue = false;

  const repaint = () => {
    isDue = false;
    context.clearRect(0, 0, 512, 512);
    draw(context, 512, pad.strokes, pad.thickness, getComputedStyle(node).color);
  };
  pad.repaint = () => {
    if (!isDue) requestAnimationFrame(repaint);
    isDue = true;
  };
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const inside = (v) => Math.max(0, Math.min(FIELD - 1, Math.round(v * FIELD)));
    return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
  };
  node.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button > 0) return;
    pointer = event.pointerId;
    node.setPointerCapture(pointer);
    pad.strokes.push([point(event)]);
    pad.repaint();
    change();
  });
  node.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const stroke = pad.strokes.at(-1);
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const [x, y] = point(one);
      const [lastX, lastY] = stroke.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= 2) stroke.push([x, y]);
    }
    pad.repaint();
    change();
  });
  const lift = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    done();
  };
  node.addEventListener("pointerup", lift);
  node.addEventListener("pointercancel", lift);
  node.addEventListener("touchmove", (event) => event.preventDefault(), { passive: false });

  const showPen = () => {
    cursor.hidden = document.activeElement !== node || !node.matches(":focus-visible");
    cursor.classList.toggle("down", pad.pen.isDown);
    cursor.style.left = `${(100 * pad.pen.x) / FIELD}%`;
    cursor.style.top = `${(100 * pad.pen.y) / FIELD}%`;
  };
  node.addEventListener("focus", showPen);
  node.addEventListener("blur", () => {
    pad.pen.isDown = false;
    showPen();
  });
  node.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const pen = pad.pen;
    if (move) {
      const step = event.shiftKey ? 4 * STEP : STEP;
      pen.x = Math.max(0, Math.min(FIELD - 1, pen.x + step * move[0]));
      pen.y = Math.max(0, Math.min(FIELD - 1, pen.y + step * move[1]));
      if (pen.isDown) {
        pad.strokes.at(-1).push([pen.x, pen.y]);
        pad.repaint();
        change();
      }
    } else if (event.key === " ") {
      pen.isDown = !pen.isDown;
      if (pen.isDown) pad.strokes.push([[pen.x, pen.y]]);
      pad.repaint();
      if (pen.isDown) change();
      else done();
    } else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) {
      pad.undo();
    } else {
      return;
    }
    event.preventDefault();
    showPen();
  });
  pad.undo = () => {
    pad.strokes.pop();
    pad.repaint();
    done();
  };
  pad.clear = () => {
    pad.strokes.length = 0;
    pad.repaint();
    done();
  };
  pad.repaint();
  return pad;
}
