// Everything about one candidate but its gates and charts, and about the process.

import { el, table, time } from "./dom.js";
import { count, duration, moment, nanos, number, percent } from "./format.js";

export const badge = (verdict) => el("strong", { class: `verdict ${verdict.toLowerCase()}` }, verdict.replace("_", " "));

const facts = (pairs) => el("dl", {}, pairs.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));

export function decision(one) {
  return [
    el("p", { class: "explanation" }, badge(one.verdict), one.reasons.length === 0 ? ` ${one.explanation}` : null),
    one.reasons.length === 0 ? null : el("ul", {}, one.reasons.map((reason) =>
      el("li", {}, reason.message, " ", el("code", {}, reason.code)))),
    facts([
      ["Stage", `${one.stage.percent} %, epoch ${one.stage.epoch}, since ${moment(one.stage.since)}, held for ${duration(one.stage.holdSeconds)}`],
      ["Next", one.nextStage === null ? "none" : `${one.nextStage} %, not before ${moment(one.notBefore)}`],
      ["Decided", `${moment(one.evaluatedAt)}, counts until ${moment(one.validUntil)}`],
      ["Served", `${percent(one.exposure.servedShare)} of ${count(one.exposure.eligible)} requests, declared ${percent(one.exposure.declaredShare)}`],
      ["Latency p99", `production ${nanos(one.latency.production.p99Nanos)}, candidate ${nanos(one.latency.candidate.p99Nanos)}`],
      ["Outcomes", one.accuracy === null ? "none yet"
        : `${percent(one.accuracy.coverage)} of ${count(one.accuracy.requests)} requests; accuracy ${percent(one.accuracy.accuracyProd)} → ${percent(one.accuracy.accuracyCand)}`],
    ]),
  ];
}

export function ledger(one) {
  return table("What became of every request that was due",
    ["What", "Requests"],
    [["due", count(one.eligible)], ["compared", count(one.compared)], ["failed", count(one.failed)],
      ["timed out", count(one.timedOut)], ["quarantined", count(one.quarantined)], ["shed", count(one.shed)],
      one.pending < 0 ? ["ahead of their predictions", count(-one.pending)] : ["pending", count(one.pending)], ["missing (gap)", count(one.gap)]],
    [1]);
}

export function slices(all) {
  return all.length === 0
    ? el("p", {}, "No segment is worse than allowed, or none is configured.")
    : table("Segments in which the candidate does worst",
      ["Segment", "Gate", "Harmed", "Observed", "At best", "Allowed", "Requests", "Entities"],
      all.map((slice) => [slice.segment, slice.gate, slice.flagged ? "yes" : "not proven", number(slice.observed),
        number(slice.upperBound), number(slice.margin), count(slice.requests), count(slice.entities)]),
      [3, 4, 5, 6, 7]);
}

/** Each code once, with how often it is there. */
function counted(codes) {
  const counts = new Map();
  codes.forEach((code) => counts.set(code, (counts.get(code) ?? 0) + 1));
  return [...counts].map(([code, times]) => (times === 1 ? code : `${code} × ${times}`)).join(", ");
}

/** The decision in a few words: how its gates stand, or what holds it. */
export function why(one) {
  const words = [["FAIL", "failed"], ["UNDECIDED", "undecided"], ["INSUFFICIENT", "with too little data"], ["PASS", "passed"]];
  const gates = words.map(([status, word]) => [one.gates.filter((gate) => gate.status === status).length, word])
    .filter(([times]) => times > 0).map(([times, word]) => `${times} ${word}`).join(", ");
  const others = counted(one.reasons.map((reason) => reason.code).filter((code) => !code.startsWith("GATE_")));
  return [gates === "" ? null : `gates: ${gates}`, others === "" ? null : others].filter(Boolean).join("; ") || one.explanation;
}

export function turns(all) {
  return all.length === 0 ? el("p", {}, "None has been seen yet.") : el("ol", { class: "turns", reversed: true },
    [...all].reverse().slice(0, 30).map((turn) => el("li", {},
      time(turn.at), " ", badge(turn.verdict),
      ` epoch ${turn.epoch}, ${turn.percent} %${turn.reasons.length ? `: ${counted(turn.reasons)}` : ""}`)));
}

const answer = (result) => (result.score === null ? result.label ?? "–" : number(result.score));

export function disagreements(all) {
  return all.length === 0
    ? el("p", {}, "None has been published yet.")
    : table("Requests on which the versions differ most, newest window first",
      ["Request", "Window", "Production", "Candidate", "Difference", "Features"],
      [...all].sort((a, b) => b.windowStart.localeCompare(a.windowStart) || Math.abs(b.difference) - Math.abs(a.difference))
        .map((one) => [one.requestId, time(one.windowStart), answer(one.production),
          answer(one.candidate), number(one.difference),
          Object.entries(one.features).map(([name, value]) => `${name}=${value}`).join(", ") || "–"]),
      [2, 3, 4]);
}

export function windows(all) {
  return all.length === 0
    ? el("p", {}, "No window has ended yet.")
    : table("The newest windows",
      ["Window", "State", "Compared", "Failed", "Timed out", "Quarantined", "Shed", "Flip rate", "p99 production",
        "p99 candidate"],
      [...all].reverse().slice(0, 20).map((window) => [time(window.windowStart),
        `${window.status}${window.final ? "" : ", not final"}`, count(window.compared), count(window.failed),
        count(window.timedOut), count(window.quarantined), count(window.shed), percent(window.divergence.flipRate),
        nanos(window.productionLatency.p99Nanos), nanos(window.candidateLatency.p99Nanos)]),
      [2, 3, 4, 5, 6, 7, 8, 9]);
}

function shadow(process) {
  const died = process.restarts === 0 ? "" : `, restarted ${process.restarts} times`;
  return (process.running ? "running" : "NOT RUNNING") + died + (process.lastEnd ? `: ${process.lastEnd}` : "");
}

function flags(health) {
  return `${health.source}: ${health.staleSince ? `STALE since ${moment(health.staleSince)}` : "fresh"}`
    + (health.problem ? `, ${health.problem}` : "");
}

export function process(one) {
  return [
    table("Pipeline stages that run here", ["Stage", "State", "Waiting records", "Dead letters"],
      one.stages.map((stage) => [stage.stage, stage.failure ? `${stage.state}: ${stage.failure}`
        : stage.restoring === null ? stage.state : `${stage.state}, ${count(stage.restoring)} records of its state to be read`,
        count(stage.lag), count(stage.deadLetters)]),
      [2, 3]),
    facts([
      ["Shadow process", one.shadow ? shadow(one.shadow) : "not supervised from here"],
      ["Flags", one.flags ? flags(one.flags) : "read where SCORE runs"],
      ["Models here", one.models.length === 0 ? "none was asked for" : one.models.map((model) =>
        `${model.version} ${{ LOADED: "loaded", IN_PROGRESS: "loading", FAILED: "FAILED" }[model.state]}${model.problem ? `: ${model.problem}` : ""}`).join("; ")],
      ["Prediction problems", Object.entries(one.predictionProblems).map(([cause, requests]) =>
        `${cause} ${count(requests)}`).join(", ") || "none since the start"],
      ["Quarantine", one.quarantineProblem ? `not known: ${one.quarantineProblem}` : one.quarantine.length === 0 ? "no version" : one.quarantine.map((version) =>
        `${version.version} until ${moment(version.until)}, time ${version.times} in a row: ${version.reason}`).join("; ")],
    ]),
  ];
}
