// The options of a run, as the server declares them: their form and their text in the address.

import { decimalField, el, field, select } from "./dom.js";
import { t } from "./words.js";

export function defaultOptions(lab) {
  return Object.fromEntries(lab.options.map((option) => [option.name, option.default]));
}

// The options of an address: "hidden:64,32;optimizer:adam"; those left out have their defaults.
export function parseOptions(lab, text) {
  const options = defaultOptions(lab);
  for (const part of (text ?? "").split(";").filter(Boolean)) {
    const [name, ...rest] = part.split(":");
    const option = lab.options.find((one) => one.name === name);
    if (option) options[name] = parseValue(option, rest.join(":"));
  }
  return options;
}

export function formatOptions(lab, options) {
  return lab.options.map(({ name, default: usual }) => [name, String(options[name] ?? ""), String(usual ?? "")])
    .filter(([, text, usual]) => text !== usual)
    .map(([name, text]) => `${name}:${text}`).join(";");
}

function parseValue(option, text) {
  if (option.is_list) {
    const parts = text.split(/[\s,]+/).filter(Boolean);
    return option.choices ? parts : parts.map(Number).filter(Number.isFinite);
  }
  if (option.kind === "flag") return text === "true";
  if (text === "") return option.is_optional ? null : option.default;
  if (option.kind !== "number") return text;
  return Number.isFinite(Number(text)) ? Number(text) : option.default;
}

// The options of a healthy run that is broken in one way.
export function brokenOptions(lab, cause, seed = 0) {
  const { change } = lab.experiments.find((one) => one.cause === cause);
  const shown = { ...lab.healthy, ...change };
  const main = lab.options.filter((option) => option.is_main && option.name in shown);
  const changed = Object.fromEntries(main.map(({ name }) => [name, shown[name]]));
  return { ...defaultOptions(lab), ...changed, n_train: 5000, seed, experiment: cause };
}

// The options after the change that a finding proposes.
export function fixedOptions(lab, options, finding) {
  const fixed = { ...options, experiment: null };
  for (const option of lab.options) {
    const value = finding.change[option.name];
    if (value === undefined) continue;
    fixed[option.name] = option.is_list && !Array.isArray(value) ? [value] : value;
  }
  return fixed;
}

// The form: the main options, and the others folded away. `set(name, value)` keeps a change.
export function optionFields(lab, options, set) {
  const fields = (isMain) => lab.options.filter((option) => option.is_main === isMain)
    .map((option) => optionField(option, options[option.name], (value) => set(option.name, value)));
  const isOpen = lab.options.some((option) => !option.is_main && String(options[option.name] ?? "") !== String(option.default ?? ""));
  return [...fields(true), el("details", { class: "more-options", open: isOpen }, el("summary", {}, t("train.more-options")), el("div", {}, ...fields(false)))];
}

function optionField(option, value, set) {
  const id = `option-${option.name}`;
  const common = { id, title: t(`help.${option.name}`) };
  const read = (text) => set(parseValue(option, String(text)));
  const input = (type, props = {}) => el("input", {
    type, value: option.is_list ? value.join(", ") : value ?? "", placeholder: t("option.none"), ...common, ...props,
    on: { change: (event) => event.target.validity.valid && read(event.target.value) },
  });
  const label = t(`option.${option.name}`);
  switch (option.kind) {
    case "choice": return field(label, select(choices(option), (option.is_list ? value[0] : value) ?? "", read, common));
    case "flag": return field(label, el("input", { type: "checkbox", checked: value, ...common, on: { change: (event) => set(event.target.checked) } }));
    case "number": return field(label, option.is_whole
      ? input("number", { min: option.low, max: option.high, step: 1, required: !option.is_optional })
      : decimalField(value, set, { low: option.low, high: option.high, required: !option.is_optional, ...common }));
    default: return field(label, input("text"));
  }
}

function choices(option) {
  const named = option.choices.map((name) => [name, option.name === "experiment" ? t(`broken.${name}`) : name]);
  return option.is_optional ? [["", t("option.none")], ...named] : named;
}
