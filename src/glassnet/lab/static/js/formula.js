// The little LaTeX that the formulas need, as MathML, which browsers set by themselves.

const MATH = "http://www.w3.org/1998/Math/MathML";
const SIGNS = {
  varphi: "\u03c6", eta: "\u03b7", leftarrow: "\u2190", sum: "\u2211", log: "log", ",": "\u2009", ";": "\u2003",
};

function node(tag, ...children) {
  const made = document.createElementNS(MATH, tag);
  made.append(...children);
  return made;
}

export function formula(latex) {
  const math = node("math", row(tokens(latex), { at: 0 }));
  math.setAttribute("alttext", latex);
  return math;
}

function tokens(latex) {
  return latex.match(/\\[a-z]+|\\[,;]|[A-Za-z]+|[\d.]+|\S/g) ?? [];
}

function row(list, place, end = null) {
  const parts = [];
  while (place.at < list.length && list[place.at] !== end) parts.push(scripted(list, place));
  place.at += 1;
  return node("mrow", ...parts);
}

function group(list, place) {
  if (list[place.at] !== "{") return atom(list, place);
  place.at += 1;
  return row(list, place, "}");
}

function scripted(list, place) {
  const base = atom(list, place);
  let below = null;
  let above = null;
  while (["_", "^"].includes(list[place.at])) {
    const sign = list[place.at];
    place.at += 1;
    if (sign === "_") below = group(list, place);
    else above = group(list, place);
  }
  if (below && above) return node("msubsup", base, below, above);
  if (below) return node("msub", base, below);
  return above ? node("msup", base, above) : base;
}

function atom(list, place) {
  const token = list[place.at];
  place.at += 1;
  if (token === "{") return row(list, place, "}");
  if (token === "\\frac") return node("mfrac", group(list, place), group(list, place));
  if (token.startsWith("\\")) {
    const sign = SIGNS[token.slice(1)] ?? token;
    if (token === "\\varphi" || token === "\\eta") return node("mi", sign);
    if (token === "\\log") return node("mi", "log");
    return node(token === "\\," || token === "\\;" ? "mtext" : "mo", sign);
  }
  if (/^[\d.]+$/.test(token)) return node("mn", token);
  if (/^[A-Za-z]+$/.test(token)) return node("mi", token);
  const sign = node("mo", token === "-" ? "\u2212" : token === "'" ? "\u2032" : token);
  sign.setAttribute("stretchy", "false");
  return sign;
}
