// The page: its frame, its pages, and what they share.

import { ask } from "./api.js";
import { go, href, keep, onMove, read, state } from "./address.js";
import { button, el, field, say, select } from "./dom.js";
import { forgetColours } from "./paint.js";
import { complain, network } from "./shared.js";
import { makeTour } from "./tour.js";
import { LANGUAGES, loadWords, shareWords, t } from "./words.js";

const PAGES = ["draw", "look", "step", "train", "diagnosis", "mistakes"];
const main = document.getElementById("main");
let current = null;
let turn = 0;
const app = { lab: null, tour: null, notice: (what) => app.tour?.notice(what) };

async function enterPage() {
  const mine = ++turn;
  current?.leave?.();
  current = null;
  if (!PAGES.includes(state.page)) state.page = "draw";
  showFrame();
  const page = el("div", { class: `page ${state.page}` });
  main.replaceChildren(page);
  document.title = `${t(`page.${state.page}`)} \u00b7 glassnet Lab`;
  try {
    const module = await import(`./pages/${state.page}.js`);
    if (mine !== turn) return;
    const entered = await module.enter(page, app);
    if (mine === turn) current = entered;
    else entered?.leave?.();
  } catch (error) {
    complain(error, page);
  }
  app.notice("moved");
}

function showFrame() {
  const pages = document.getElementById("pages");
  pages.setAttribute("aria-label", t("pages"));
  pages.replaceChildren(el("ul", {}, PAGES.map((page) => el("li", {},
    el("a", {
      href: href({ page, at: undefined }),
      "aria-current": page === state.page ? "page" : null,
      on: { click: (event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        go({ page, at: undefined });
        main.focus({ preventScroll: true });
        scrollTo(0, 0);
      } },
    }, t(`page.${page}`))))));
  pages.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
  const networks = app.lab.networks.map((name) => [name, name.split("/").at(-1)]);
  if (state.net?.startsWith("run:")) networks.unshift([state.net, t("net.run")]);
  document.getElementById("settings").replaceChildren(
    field(t("net"), select(networks, network(app), (net) => go({ net, at: undefined, set: undefined }), { id: "network", "aria-label": t("net") })),
    el("details", { class: "menu" }, el("summary", {}, t("settings")),
      el("div", { class: "card" },
        field(t("notation"), select([["rows", t("notation.rows")], ["columns", t("notation.columns")]], state.notation ?? "rows",
          (notation) => go({ notation: notation === "rows" ? undefined : notation }), { id: "notation" })),
        field(t("theme"), select(["auto", "light", "dark"].map((one) => [one, t(`theme.${one}`)]), state.theme ?? "auto",
          (theme) => go({ theme: theme === "auto" ? undefined : theme }), { id: "theme" })),
        field(t("language"), select(LANGUAGES, document.documentElement.lang, async (lang) => {
          keep({ lang });
          await loadWords();
          go({});
        }, { id: "language" })))),
    button(t("tour"), () => app.tour.start(), { id: "start-tour" }));
  document.getElementById("skip").textContent = t("skip");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = state.theme ?? (dark ? "dark" : "light");
  forgetColours();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => go({}));
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  complain(event.reason instanceof Error ? event.reason : new Error(String(event.reason)));
});
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names a page
  main.focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

async function open() {
  read();
  onMove(enterPage);
  try {
    const [lab] = await Promise.all([ask("lab"), loadWords()]);
    app.lab = lab;
    shareWords(lab.words);
    app.tour = makeTour(app);
    await enterPage();
    say(t(`page.${state.page}`));
  } catch (error) {
    complain(error);
  }
}

open();
