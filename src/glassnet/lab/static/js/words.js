// All words of the page, in one file per language.

import { state } from "./address.js";

export const LANGUAGES = [["en", "English"], ["de", "Deutsch"]];
let words = {};
let spare = {};

export async function loadWords() {
  const known = LANGUAGES.map(([code]) => code);
  const wanted = state.lang ?? navigator.language.slice(0, 2);
  const language = known.includes(wanted) ? wanted : "en";
  const load = async (code) => (await fetch(`words/${code}.json`)).json();
  words = await load(language);
  spare = words;
  document.documentElement.lang = language;
  return language;
}

// t("draw.title", {n: 3}) -> words, with {n} replaced.
export function t(key, values = {}) {
  const text = words[key] ?? spare[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function has(key) {
  return key in words;
}
