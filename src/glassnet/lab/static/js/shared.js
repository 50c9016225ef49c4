// Helpers that every page uses.

import { state } from "./address.js";
import { el } from "./dom.js";
import { has, t } from "./words.js";

// The name of the network that is looked at.
export function network(app) {
  return state.net ?? app.lab.first;
}

// Shows an error message, on the page where it occurred.
export function complain(error, page = document.getElementById("main")) {
  if (error.name === "AbortError") return;
  const shown = page.querySelector(".wrong") ?? page.appendChild(el("p", { class: "wrong", role: "alert" }));
  shown.textContent = explainError(error);
}

// The reason of a failure in the page's language; the server's own line is in English.
export function explainError({ message, kind, values }) {
  const key = `error.${kind}`;
  const name = values?.name?.split(".")[0]; // a list's element is hidden.0
  const label = name === "index" ? "image.index" : `option.${name}`;
  return has(key) ? t(key, has(label) ? { ...values, name: t(label) } : values) : message;
}

export function uncomplain(page) {
  page.querySelector(".wrong")?.remove();
}
