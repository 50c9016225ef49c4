// The image that all pages are about: one of the data, a drawing, or pixels.

import { ask, query } from "./api.js";
import { keep, state } from "./address.js";
import { bytes, fromUrlText, toUrlText } from "./numbers.js";
import { toGrey, unpack } from "./strokes.js";

export const SIDE = 112; // of a drawing as the server reads it

const seen = new Map(); // what was found, by address

// As a request names it, and its pixels: {picked, pixels, label}; pixels null where there is no ink.
export async function currentImage(lab) {
  const key = JSON.stringify([state.img, state.ink, state.px]);
  if (!seen.has(key)) {
    if (seen.size > 20) seen.clear();
    seen.set(key, await find(lab));
  }
  return seen.get(key);
}

async function find(lab) {
  if (state.img === "ink" && state.ink) {
    const { strokes, thickness } = unpack(state.ink);
    const path = `drawing?${query({ network: lab.first, side: SIDE })}`;
    const answer = await ask(path, { raw: toGrey(strokes, thickness, SIDE) });
    if (!answer.seen) return { picked: null, pixels: null, label: null };
    return ofPixels(bytes(answer.seen));
  }
  if (state.img === "px" && state.px) {
    const pixels = fromUrlText(state.px);
    return pixels.length === 784 ? ofPixels(pixels) : { picked: null, pixels: null, label: null };
  }
  if (!lab.data) return { picked: null, pixels: null, label: null };
  const { part, index } = chosen();
  const found = await ask(`images/${part}/${index}`);
  return { picked: { part, index }, pixels: bytes(found.pixels), label: found.label };
}

function ofPixels(pixels) {
  return { picked: { pixels: [...pixels] }, pixels, label: null };
}

export function chosen() {
  const [part, index] = (state.img ?? "").split(".");
  const isKnown = ["train", "validation", "test"].includes(part) && /^\d+$/.test(index ?? "");
  return isKnown ? { part, index: Number(index) } : { part: "test", index: 0 };
}

export function choose(part, index) {
  keep({ img: `${part}.${index}`, px: undefined, label: undefined });
}

export function chooseInk(text) {
  keep({ img: "ink", ink: text, px: undefined, label: undefined });
}

export function choosePixels(pixels) {
  keep({ img: "px", px: toUrlText(pixels), label: undefined });
}
