// What every room needs.

import { state } from "./address.js";
import { el } from "./dom.js";

// The name of the network that is looked at.
export function network(app) {
  return state.net ?? app.lab.first;
}

// A mistake is told where it was made, in its one line.
export function complain(error, room = document.getElementById("main")) {
  if (error.name === "AbortError") return;
  const shown = room.querySelector(".wrong") ?? room.appendChild(el("p", { class: "wrong", role: "alert" }));
  shown.textContent = error.message;
}

export function uncomplain(room) {
  room.querySelector(".wrong")?.remove();
}
