// All words of the page, in one file per language.

import { state } from "./address.js";

export const LANGUAGES = [["en", "English"], ["de", "Deutsch"]];
let words = {};
let shared = {};

export async function loadWords() {
  const known = LANGUAGES.map(([code]) => code);
  const wanted = state.lang ?? navigator.language.slice(0, 2);
  const language = known.includes(wanted) ? wanted : "en";
  const load = async (code) => (await fetch(`words/${code}.json`)).json();
  words = await load(language);
  document.documentElement.lang = language;
}

// The English words that the page shares with the terminal, as the server has them.
export function shareWords(english) {
  shared = english;
}

// t("draw.title", {n: 3}) -> words, with {n} replaced.
export function t(key, values = {}) {
  const text = words[key] ?? shared[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (placeholder, name) => values[name] ?? placeholder);
}

// Whether the language itself has the words, not only the English that the server sends.
export function has(key) {
  return key in words;
}
