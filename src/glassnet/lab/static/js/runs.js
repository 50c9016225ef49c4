// Trainings that are watched: asked for again and again, so that a lost connection is taken up.

import { ask, query, Refused } from "./api.js";
import { keep, state } from "./address.js";

const EVERY = 250; // milliseconds

export const DEFAULTS = {
  hidden: [32], activation: "relu", initializer: "he", optimizer: "sgd", learning_rate: 0.1,
  batch_size: 64, epochs: 6, n_train: 60000, seed: 0, experiment: null,
};

// Knobs in the address: only what is not usual.
export function knobsOf(text) {
  const knobs = { ...DEFAULTS };
  for (const part of (text ?? "").split(";").filter(Boolean)) {
    const [key, value] = part.split(":");
    if (!(key in DEFAULTS)) continue;
    if (key === "hidden") knobs.hidden = value ? value.split(",").map(Number) : [];
    else if (typeof DEFAULTS[key] === "number") knobs[key] = Number(value);
    else knobs[key] = value;
  }
  return knobs;
}

export function textOf(knobs) {
  return Object.entries(knobs)
    .filter(([key, value]) => String(value ?? "") !== String(DEFAULTS[key] ?? ""))
    .map(([key, value]) => `${key}:${value}`).join(";");
}

// The knobs of a healthy training that is broken in one way.
export function brokenKnobs(lab, cause, seed = 0) {
  const { change } = lab.experiments.find((one) => one.cause === cause);
  const told = { ...lab.healthy, ...change };
  const knobs = { ...DEFAULTS, n_train: 5000, seed, experiment: cause };
  for (const key of ["hidden", "initializer", "optimizer", "learning_rate", "batch_size", "epochs"]) knobs[key] = told[key];
  knobs.activation = told.activation[0];
  return knobs;
}

export function watched() {
  return (state.runs ?? "").split(",").filter(Boolean);
}

// What is no longer watched is halted: it would run on unseen, and take the place of others.
export async function start(knobs, { beside = false } = {}) {
  const kept = beside ? watched().slice(0, 1) : [];
  const here = new Set((await ask("trainings")).map((one) => one.id));
  for (const name of watched()) {
    if (!kept.includes(name) && here.has(name)) await ask(`trainings/${name}`, { body: { do: "pause" } });
  }
  const told = await ask("trainings", { body: knobs });
  keep({ runs: [...kept, told.id].join(","), k: textOf(knobs) });
  return told;
}

// Calls `show(runs)` whenever something may have changed; runs hold all readings so far.
export function watch(show, complain) {
  const known = new Map();
  let timer = null;
  let isOver = false;

  function take(told) {
    const before = known.get(told.id)?.readings ?? [];
    const readings = [...before.slice(0, told.n_before), ...told.readings];
    const one = { ...told, readings };
    known.set(told.id, one);
    return one;
  }

  async function look() {
    clearTimeout(timer);
    const names = watched();
    try {
      for (const name of names) {
        const since = known.get(name)?.readings.length ?? 0;
        take(await ask(`trainings/${name}?${query({ since })}`));
      }
      if (!isOver) show(names.map((name) => known.get(name)));
    } catch (error) {
      if (error instanceof Refused && error.status === 404) keep({ runs: undefined });
      if (!isOver) complain(error);
    }
    const isLive = names.some((name) => ["running", "waiting"].includes(known.get(name)?.status));
    if (!isOver && (isLive || names.length === 0)) timer = setTimeout(look, isLive ? EVERY : 4 * EVERY);
  }

  async function act(name, body) {
    take(await ask(`trainings/${name}`, { body }));
    await look();
  }

  look();
  return { look, act, stop: () => { isOver = true; clearTimeout(timer); } };
}
