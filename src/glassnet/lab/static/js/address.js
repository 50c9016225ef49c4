// The state of the page is in its address: #page?key=value&...

const listeners = new Set();
export const state = { page: "draw" };

export function read() {
  for (const key of Object.keys(state)) delete state[key];
  const [page, rest] = location.hash.slice(1).split("?");
  state.page = page || "draw";
  for (const [key, value] of new URLSearchParams(rest ?? "")) state[key] = value;
}

function write(values) {
  const { page, ...rest } = values;
  const kept = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(kept).toString();
  return `#${page}${text ? `?${text}` : ""}`;
}

// Where a link would lead that changes these.
export function href(changes) {
  return write({ ...state, ...changes });
}

// Remember; the page stays as it is.
export function keep(changes) {
  Object.assign(state, changes);
  history.replaceState(null, "", write(state));
}

// Go there; the page is made anew.
export function go(changes) {
  Object.assign(state, changes);
  history.pushState(null, "", write(state));
  for (const run of listeners) run();
}

export function onMove(run) {
  listeners.add(run);
}

addEventListener("popstate", () => {
  read();
  for (const run of listeners) run();
});
