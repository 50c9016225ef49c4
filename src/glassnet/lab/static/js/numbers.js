// How numbers are written in the page's language, how they are read, and how arrays come in.

import { t } from "./words.js";

const language = () => document.documentElement.lang;

// The decimal sign of the page's language.
function decimalSign() {
  return new Intl.NumberFormat(language()).formatToParts(0.5).find((part) => part.type === "decimal").value;
}

// A number as JavaScript writes it, in the signs of the page's language.
function localise(text) {
  return text.replace("e+", "e").replaceAll("-", "\u2212").replace(".", decimalSign());
}

const isMissing = (value) => value === null || value === undefined || !Number.isFinite(value);

// With a fixed number of significant digits, for columns of numbers.
export function num(value, digits = 4) {
  if (isMissing(value)) return t("number.not-finite");
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e5) return localise(String(value));
  if (size >= 10 ** digits && size < 1e5) return count(value);
  return localise(size >= 1e5 || size < 1e-3 ? value.toExponential(Math.max(0, digits - 2)) : value.toPrecision(digits));
}

// Without trailing zeros, for text and axes.
export function brief(value, digits = 3) {
  if (isMissing(value)) return t("number.not-finite");
  const size = Math.abs(value);
  const rounded = Number(value.toPrecision(digits));
  if (size >= 1e9 || (size !== 0 && size < 1e-4)) return localise(rounded.toExponential());
  return size < 1e4 ? localise(String(rounded))
    : new Intl.NumberFormat(language(), { notation: "compact", maximumSignificantDigits: digits }).format(value);
}

export function percent(share, digits = 1) {
  if (isMissing(share)) return "";
  if (share > 0.9994 && share < 1 && digits < 3) return `>\u00a0${percent(0.999)}`;
  return new Intl.NumberFormat(language(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share);
}

export function count(n) {
  return new Intl.NumberFormat(language()).format(Math.round(n));
}

// What a decimal field shows: all digits of the number, without grouping.
export function toField(value) {
  return String(value).replace(".", decimalSign());
}

// The number that was typed, with a decimal point or comma; NaN for anything else.
export function fromField(text) {
  const plain = text.trim().replace(",", ".").replace("\u2212", "-");
  return plain === "" ? NaN : Number(plain);
}

export function bytes(base64) {
  const text = atob(base64);
  const array = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) array[i] = text.charCodeAt(i);
  return array;
}

export function floats(base64) {
  return new Float64Array(bytes(base64).buffer);
}

export function toUrlText(array) {
  let text = "";
  for (const byte of array) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromUrlText(text) {
  return bytes(text.replaceAll("-", "+").replaceAll("_", "/"));
}

export function largest(numbers) {
  let most = 0;
  for (const one of numbers) if (Math.abs(one) > most) most = Math.abs(one);
  return most;
}

// Names as the formulas have them: W1[401, 17].
export function place(name, index) {
  return index.length ? `${name}[${index.join(", ")}]` : name;
}
