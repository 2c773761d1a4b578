// Keeps what the server sends, and shows the candidate that is chosen. Events: `windows` (those that changed), `state` (the rest
// of what topics say) and `process` (how the serving process is).

import { Charts } from "./charts.js";
import { badge, decision, disagreements, ledger, process, slices, turns, why, windows } from "./details.js";
import { el, show, table } from "./dom.js";
import { moment, pairOf } from "./format.js";
import { gates } from "./gates.js";

const NOTHING = "No decision has been published yet. One appears once a candidate has been compared.";
const WINDOWS = 1440; // as many as the server keeps

const at = (id) => document.getElementById(id);
const charts = new Charts(at("charts"));
const windowsByPair = new Map();
const verdicts = new Map();
let state = null;
let shownPair = null;

let chosen = "";

/** Addresses of candidates are #/model/production/candidate; other fragments, such as that of the link to skip, choose none. */
function choose() {
  if (location.hash.startsWith("#/")) {
    try {
      chosen = decodeURIComponent(location.hash.slice(2));
    } catch {
      chosen = ""; // no address of ours
    }
  }
}

function decisions() {
  return state.decisions.filter((one) => one.segment === "all")
    .sort((a, b) => (a.rank ?? 99) - (b.rank ?? 99) || pairOf(a).localeCompare(pairOf(b)));
}

function pick(all) {
  return all.find((one) => pairOf(one) === chosen) ?? all[0];
}

function candidates(all, picked) {
  return table("Candidates, best first",
    ["Candidate", "Verdict", "Stage", "Next", "Why"],
    all.map((one) => {
      const pair = pairOf(one);
      return [
        el("a", { href: `#/${encodeURIComponent(pair)}`, "data-key": pair, "aria-current": pair === picked ? "true" : undefined },
          `${one.model} ${one.candidateVersion}`, el("span", { class: "against" }, ` against ${one.productionVersion}`)),
        badge(one.verdict), `${one.stage.percent} %`,
        one.nextStage === null ? "–" : `${one.nextStage} % after ${moment(one.notBefore)}`,
        why(one),
      ];
    }));
}

function announce(all) {
  const news = all.filter((one) => verdicts.get(pairOf(one)) !== one.verdict);
  const first = verdicts.size === 0;
  news.forEach((one) => verdicts.set(pairOf(one), one.verdict));
  if (!first && news.length > 0) {
    at("announcer").textContent = news.map((one) => `${one.candidateVersion}: ${one.verdict.replace("_", " ")}`).join(", ");
  }
}

function showWindows(pair) {
  const all = [...(windowsByPair.get(pair)?.values() ?? [])].sort((a, b) => a.windowStart.localeCompare(b.windowStart));
  if (pair !== shownPair) {
    charts.clear();
    shownPair = pair;
  }
  charts.show(all, state.pairs[pair]?.shares ?? []);
  show(at("windows"), all.slice(-20), windows);
}

function render() {
  at("problem").hidden = !state.problem && !state.leftOut;
  at("problem").textContent = state.problem ? `Not up to date: ${state.problem}` : state.leftOut > 0 ? `${state.leftOut} records could not be read and are left out.` : "";
  const all = decisions();
  at("detail").hidden = all.length === 0;
  if (all.length === 0) {
    show(at("candidates"), [], () => el("p", {}, NOTHING));
    return;
  }
  announce(all);
  const one = pick(all);
  const pair = pairOf(one);
  const history = state.pairs[pair] ?? { turns: [], disagreements: [] };
  show(at("candidates"), [all.map((each) => [pairOf(each), each.verdict, each.stage.percent, each.nextStage, each.notBefore,
    why(each)]), pair], () => candidates(all, pair));
  at("detail-heading").textContent = `${one.model} ${one.candidateVersion} against ${one.productionVersion}`;
  show(at("decision"), one, decision);
  show(at("gates"), one.gates, gates);
  show(at("ledger"), one.ledger, ledger);
  show(at("slices"), one.slices, slices);
  show(at("turns"), history.turns, turns);
  show(at("disagreements"), history.disagreements, disagreements);
  showWindows(pair);
}

function connect() {
  const events = new EventSource("/api/events");
  events.addEventListener("windows", (event) => {
    for (const window of JSON.parse(event.data)) {
      const known = windowsByPair.get(window.pair) ?? new Map();
      known.set(window.windowStart, window);
      windowsByPair.set(window.pair, known);
      while (known.size > WINDOWS) {
        known.delete([...known.keys()].reduce((oldest, start) => (start < oldest ? start : oldest)));
      }
    }
  });
  events.addEventListener("state", (event) => {
    state = JSON.parse(event.data);
    render();
  });
  events.addEventListener("process", (event) => show(at("process"), JSON.parse(event.data), process));
  events.onopen = () => connection("Live", "live");
  events.onerror = () => {
    connection(`Not connected since ${moment(new Date().toISOString())}: what you see may be old`, "cut");
    if (events.readyState === EventSource.CLOSED) { // a refusal; the browser does not try again by itself
      setTimeout(connect, 5000);
    }
  };
}

function connection(words, kind) {
  const node = at("connection");
  if (node.className !== kind) {
    node.textContent = words;
    node.className = kind;
  }
}

addEventListener("hashchange", () => {
  choose();
  if (state) {
    render();
  }
});
choose();
connect();
