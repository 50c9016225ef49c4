// What several pages have on top: the image that they are about, and a way to another.

import { ask, query } from "../api.js";
import { go, keep, state } from "../address.js";
import { button, el, field, put } from "../dom.js";
import { choose, chosen, currentImage } from "../image.js";
import { picture } from "../paint.js";
import { changes } from "../steps.js";
import { t } from "../words.js";

export function imageBar(app, changed) {
  const { lab } = app;
  const node = el("div", { class: "image-bar card" });
  const show = async () => {
    const image = await currentImage(lab);
    const { part, index } = chosen();
    const isOfData = image.picked?.part !== undefined;
    const number = el("input", { type: "number", min: 0, max: (lab.data?.parts[part] ?? 1) - 1, value: index, id: "index",
      on: { change: (event) => move(event.target.valueAsNumber) } });
    const set = changes();
    put(node,
      image.pixels ? picture(image.pixels, { most: 255, kind: "grey", label: t("image.28"), css: "thumb-picture" }) : null,
      el("span", {}, isOfData ? t("image.of", { data: lab.data.name, part: t(`part.${part}`), index, label: image.label })
        : image.pixels ? t(state.img === "px" ? "image.uploaded" : "image.drawn") : t("image.none")),
      lab.data ? field(t("image.index"), number) : null,
      lab.data ? button(t("image.next"), () => move(isOfData ? index + 1 : 0), { id: "next-image" }) : null,
      lab.data ? button(t("image.random"), () => move(Math.floor(Math.random() * lab.data.parts[part])), { id: "random-image" }) : null,
      button(t("image.draw"), () => go({ page: "draw", img: "ink" })),
      set.length ? button(t("set.undo", { n: set.length }), async () => {
        keep({ set: undefined });
        await refresh();
      }, { id: "unset" }) : null);
  };
  async function move(index) {
    const { part } = chosen();
    if (!Number.isInteger(index)) return;
    choose(part, Math.max(0, Math.min(lab.data.parts[part] - 1, index)));
    await refresh();
  }
  async function refresh() {
    await show();
    await changed();
  }
  node.refresh = show;
  show();
  return node;
}
