// Builds elements. Text only ever becomes text: nothing that a topic holds is read as markup.

import { moment } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * A table whose first column heads its rows; right says which columns hold numbers. On a phone each row is a card of its
 * own, which takes the table's roles away unless they are given.
 */
export function table(caption, heads, rows, right = []) {
  const side = (column) => (right.includes(column) ? "number" : undefined);
  return el("table", { role: "table" },
    el("caption", { class: "unseen" }, caption),
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map((head, i) =>
      el("th", { role: "columnheader", scope: "col", class: side(i) }, head)))),
    el("tbody", { role: "rowgroup" }, rows.map((cells) => el("tr", { role: "row" }, cells.map((cell, i) => i === 0
      ? el("th", { role: "rowheader", scope: "row" }, cell)
      : el("td", { role: "cell", class: side(i), "data-head": heads[i] }, cell))))));
}

/** A moment that is not broken into lines. */
export const time = (iso) => el("time", { datetime: iso }, moment(iso));

const shown = new WeakMap();

/** Renders anew only what differs, and keeps the keyboard where it was (elements are told apart by data-key). */
export function show(container, data, render) {
  const now = JSON.stringify(data);
  if (shown.get(container) === now) {
    return;
  }
  shown.set(container, now);
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  container.replaceChildren(...[render(data)].flat().filter((child) => child !== null));
  if (focused !== undefined) {
    container.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }
}
