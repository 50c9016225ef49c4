// The runs that are watched: polled, so that a lost connection is resumed.

import { ask, query, Refused } from "./api.js";
import { keep, state } from "./address.js";
import { formatOptions } from "./options.js";

const EVERY = 250; // milliseconds

export function watched() {
  return (state.runs ?? "").split(",").filter(Boolean);
}

// Starts a run; those no longer watched are paused, since they would keep others waiting.
export async function start(lab, options, { isSecond = false } = {}) {
  const kept = isSecond ? watched().slice(0, 1) : [];
  const here = new Set((await ask("runs")).map((one) => one.id));
  for (const name of watched()) {
    if (!kept.includes(name) && here.has(name)) await ask(`runs/${name}`, { body: { action: "pause" } });
  }
  const run = await ask("runs", { body: options });
  keep({ runs: [...kept, run.id].join(","), options: formatOptions(lab, options) });
  return run;
}

// Calls `show(runs)` whenever a run may have changed; each has all readings so far.
export function watch(show, complain) {
  const known = new Map();
  let timer = null;
  let isOver = false;

  function merge(run) {
    const before = known.get(run.id)?.readings ?? [];
    const readings = [...before.slice(0, run.n_before), ...run.readings];
    known.set(run.id, { ...run, readings });
  }

  async function look() {
    clearTimeout(timer);
    const names = watched();
    try {
      for (const name of names) {
        const since = known.get(name)?.readings.length ?? 0;
        merge(await ask(`runs/${name}?${query({ since })}`));
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
    merge(await ask(`runs/${name}`, { body }));
    await look();
  }

  look();
  return { look, act, stop: () => { isOver = true; clearTimeout(timer); } };
}
