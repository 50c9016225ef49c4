// Strokes: what was drawn, as lists of points from 0 to 255, small enough for an address.

import { fromUrlText, toUrlText } from "./numbers.js";

export const FIELD = 256;

// Two bytes a point; a stroke ends with its length in front.
export function pack(strokes, thickness) {
  const list = [thickness];
  for (const stroke of strokes) {
    for (let from = 0; from < stroke.length; from += 255) {
      const part = stroke.slice(Math.max(0, from - 1), from + 255).slice(0, 255);
      list.push(part.length);
      for (const [x, y] of part) list.push(x, y);
    }
  }
  return toUrlText(Uint8Array.from(list));
}

export function unpack(text) {
  try {
    const list = fromUrlText(text);
    const strokes = [];
    for (let at = 1; at < list.length;) {
      const n = list[at];
      const stroke = [];
      for (let i = 0; i < n && at + 2 + 2 * i < list.length; i += 1) stroke.push([list[at + 1 + 2 * i], list[at + 2 + 2 * i]]);
      strokes.push(stroke);
      at += 1 + 2 * n;
    }
    return { thickness: list[0] || 20, strokes };
  } catch {
    return { thickness: 20, strokes: [] };
  }
}

// Draw into a square context of that side.
export function draw(context, side, strokes, thickness, ink) {
  const scale = side / FIELD;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = thickness * scale;
  context.strokeStyle = ink;
  context.fillStyle = ink;
  for (const stroke of strokes) {
    context.beginPath();
    if (stroke.length === 1) {
      context.arc(stroke[0][0] * scale, stroke[0][1] * scale, (thickness * scale) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    stroke.forEach(([x, y], i) => (i ? context.lineTo(x * scale, y * scale) : context.moveTo(x * scale, y * scale)));
    context.stroke();
  }
}

// Grey values, a byte each, black on white: what the server reads.
export function toGrey(strokes, thickness, side) {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  draw(context, side, strokes, thickness, "#000");
  const { data } = context.getImageData(0, 0, side, side);
  const grey = new Uint8Array(side * side);
  for (let i = 0; i < grey.length; i += 1) grey[i] = data[4 * i];
  return grey;
}
