// Elements from a line of code: el("p", {class: "note"}, "words", child).

import { fromField, toField } from "./numbers.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    } else if (name === "style") {
      // Not as an attribute, which the content security policy forbids.
      for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
    } else if (name === "value" || name === "checked" || name === "hidden" || name === "disabled") {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...kept(children));
  return node;
}

function kept(children) {
  return children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);
}

// In the place of what was there.
export function put(node, ...children) {
  node.replaceChildren(...kept(children));
}

export function button(text, run, props = {}) {
  return el("button", { type: "button", on: { click: run }, ...props }, text);
}

export function field(label, control, props = {}) {
  return el("label", { class: "field", ...props }, el("span", {}, label), control);
}

export function select(options, value, change, props = {}) {
  const chosen = String(value);
  const made = options.map((option) => {
    const [key, text] = Array.isArray(option) ? option : [option, option];
    const node = el("option", { value: key }, text);
    node.selected = String(key) === chosen;
    return node;
  });
  return el("select", { ...props, on: { change: (event) => change(event.target.value) } }, made);
}

// A field for a decimal number, written as in the page's language; browsers write that of
// <input type="number"> in their own. `change` gets the number, or null from an empty field.
export function decimalField(value, change, { low = -Infinity, high = Infinity, required = true, ...props } = {}) {
  const text = (number) => (number === null || number === undefined ? "" : toField(number));
  const node = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", required, value: text(value), ...props, on: {
    input: () => {
      const number = fromField(node.value);
      const isEmpty = node.value.trim() === "";
      const isValid = isEmpty ? !required : number >= low && number <= high;
      node.setCustomValidity(isValid ? "" : t("number.range", { low: text(low), high: text(high) }));
    },
    change: () => node.validity.valid && change?.(node.value.trim() === "" ? null : fromField(node.value)),
  } });
  return node;
}

// Announces a text to screen readers, politely.
export function say(text) {
  document.getElementById("said").textContent = text;
}
