// A step of gradient descent on the current image, with the current network: what Look inside and
// One step show.

import { ask } from "./api.js";
import { keep, state } from "./address.js";
import { currentImage } from "./image.js";
import { network } from "./shared.js";
import { floats } from "./numbers.js";
import { t } from "./words.js";

export const RATE = 0.1;

// The weights that were set by hand: "W1.401.17=0.5;b2.3=1".
export function changes() {
  return (state.set ?? "").split(";").filter(Boolean).map((text) => {
    const [where, value] = text.split("=");
    const [name, ...index] = where.split(".");
    return { name, index: index.map(Number), value: Number(value) };
  });
}

export function setWeight(name, index, value) {
  const others = changes().filter((one) => one.name !== name || one.index.join() !== index.join());
  const all = [...others, { name, index, value }];
  keep({ set: all.map((one) => `${[one.name, ...one.index].join(".")}=${one.value}`).join(";") });
}

export async function takeStep(app) {
  const image = await currentImage(app.lab);
  if (!image.picked) return null;
  const body = {
    network: network(app),
    image: image.picked,
    learning_rate: Number(state.rate ?? RATE),
    changes: changes(),
  };
  if (state.label !== undefined && /^\d$/.test(state.label)) body.label = Number(state.label);
  const trace = await ask("steps", { body });
  const quantities = new Map(trace.quantities.map((one) => [one.name, { ...one, numbers: one.numbers ? floats(one.numbers) : null }]));
  return { ...trace, image, quantities, last: trace.layers.length };
}

// All numbers of a large array, for pictures.
export async function fetchArray(step, name) {
  const quantity = step.quantities.get(name);
  if (!quantity.numbers) {
    const { buffer } = await ask(`steps/${step.id}/arrays/${name}`, { binary: true });
    quantity.numbers = new Float32Array(buffer);
  }
  return quantity.numbers;
}

export function describeQuantity({ kind, layer_type: layer }) {
  return t(`quantity.${kind}`, { layer });
}

// One unit's weights: column j of W.
export function column(W, nOut, j) {
  const nIn = W.length / nOut;
  const weights = new Float64Array(nIn);
  for (let k = 0; k < nIn; k += 1) weights[k] = W[k * nOut + j];
  return weights;
}
