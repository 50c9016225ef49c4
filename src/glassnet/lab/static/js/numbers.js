// How numbers are written, and how arrays come in.

export function num(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "not finite";
  if (Number.isInteger(value) && Math.abs(value) < 1e5) return String(value).replace("-", "\u2212");
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(Math.max(0, digits - 2)) : value.toPrecision(digits);
  return text.replace("e+", "e").replace("-", "\u2212").replace("e-", "e\u2212");
}

export function percent(share, digits = 1) {
  if (share === null || share === undefined) return "";
  if (share > 0.9994 && share < 1 && digits < 3) return "> 99.9 %";
  return `${(100 * share).toFixed(digits)} %`;
}

export function count(n) {
  return Math.round(n).toLocaleString("en").replaceAll(",", "\u202f");
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
