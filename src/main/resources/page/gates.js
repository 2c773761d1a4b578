// Gates as a forest plot: a table with an interval in each row, all on one axis that counts in margins.

import { el, svg, table } from "./dom.js";
import { count, number } from "./format.js";

const WIDTH = 240;
const HEIGHT = 24;
const REACH = 3; // margins to either side that fit

const STATUS_WORDS = {
  PASS: "passes", FAIL: "FAILS", UNDECIDED: "undecided", INSUFFICIENT: "too little data",
};

/** Gates differ in units. What they share is their margin, so that is the unit; one that has none uses its interval. */
function unit(gate) {
  const ends = [gate.bound, gate.upperBound, gate.observed].filter(Number.isFinite).map(Math.abs);
  return Math.abs(gate.margin) || Math.max(...ends, 0) || 1;
}

function x(value) {
  const within = Math.max(-REACH, Math.min(REACH, value));
  return WIDTH / 2 + (within / REACH) * (WIDTH / 2 - 8);
}

function interval(gate) {
  const one = unit(gate);
  const at = (value) => x(value / one);
  const middle = HEIGHT / 2;
  const low = Number.isFinite(gate.bound) ? gate.bound : null;
  const high = Number.isFinite(gate.upperBound) ? gate.upperBound : null;
  const from = low === null ? 4 : at(low);
  const to = high === null ? WIDTH - 4 : at(high);
  const parts = [
    svg("line", { class: "zero", x1: WIDTH / 2, x2: WIDTH / 2, y1: 0, y2: HEIGHT }),
    svg("line", { class: "margin", x1: at(gate.margin), x2: at(gate.margin), y1: 2, y2: HEIGHT - 2 }),
  ];
  if (low !== null || high !== null) {
    parts.push(svg("line", { class: "interval", x1: from, x2: to, y1: middle, y2: middle }));
    if (low === null || low / one < -REACH) {
      parts.push(svg("path", { class: "arrow", d: `M10 ${middle - 5}L3 ${middle}L10 ${middle + 5}` }));
    }
    if (high === null || high / one > REACH) {
      const end = WIDTH - 3;
      parts.push(svg("path", { class: "arrow", d: `M${end - 7} ${middle - 5}L${end} ${middle}L${end - 7} ${middle + 5}` }));
    }
  }
  if (Number.isFinite(gate.observed) && Math.abs(gate.observed / one) <= REACH) {
    parts.push(svg("rect", { class: "observed", x: at(gate.observed) - 4, y: middle - 4, width: 8, height: 8 }));
  }
  const words = low === null && high === null
    ? "no interval yet"
    : `from ${low === null ? "unknown" : number(low)} to ${high === null ? "unknown" : number(high)}, margin ${number(gate.margin)}`;
  return svg("svg", {
    class: `forest ${gate.status.toLowerCase()}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT,
    role: "img", "aria-label": words,
  }, parts);
}

function status(gate) {
  const reason = gate.reason ? ` (${gate.reason})` : "";
  return el("span", { class: `status ${gate.status.toLowerCase()}` }, (STATUS_WORDS[gate.status] ?? gate.status) + reason);
}

export function gates(all) {
  if (all.length === 0) {
    return el("p", {}, "No gate has been judged yet.");
  }
  return table(
    "Gates with their intervals",
    ["Gate", "Status", "Difference, in margins", "Observed", "Interval", "Must exceed", "Requests", "Entities",
      "Still needed"],
    all.map((gate) => [gate.name, status(gate), interval(gate), number(gate.observed),
      `${number(gate.bound)} to ${number(gate.upperBound)}`, number(gate.margin), count(gate.requests),
      count(gate.entities), count(gate.requestsNeeded)]),
    [3, 4, 5, 6, 7, 8]);
}
