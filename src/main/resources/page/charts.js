// Series over time, drawn by uPlot. What is drawn is also in the table of windows below them.

import { el } from "./dom.js";
import { count, nanos, number, percent } from "./format.js";

const HEIGHT = 200;

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A gap in the axis breaks the line: windows without traffic are not drawn over. */
function columns(points, time, series) {
  return [points.map((point) => Date.parse(time(point)) / 1000),
    ...series.map((one) => points.map((point) => one.value(point) ?? null))];
}

const CHARTS = [
  {
    title: "Disagreement", unit: number, of: "windows",
    series: [
      { label: "flip rate", color: "--candidate", value: (w) => w.divergence.flipRate },
      { label: "mean absolute difference", color: "--production", value: (w) => w.divergence.meanAbsDiff },
    ],
  },
  {
    title: "Latency, production", unit: nanos, of: "windows",
    series: [
      { label: "p50", color: "--production", value: (w) => w.productionLatency.p50Nanos },
      { label: "p95", color: "--production", dash: [6, 3], value: (w) => w.productionLatency.p95Nanos },
      { label: "p99", color: "--production", dash: [2, 3], value: (w) => w.productionLatency.p99Nanos },
    ],
  },
  {
    title: "Latency, candidate", unit: nanos, of: "windows",
    series: [
      { label: "p50", color: "--candidate", value: (w) => w.candidateLatency.p50Nanos },
      { label: "p95", color: "--candidate", dash: [6, 3], value: (w) => w.candidateLatency.p95Nanos },
      { label: "p99", color: "--candidate", dash: [2, 3], value: (w) => w.candidateLatency.p99Nanos },
    ],
  },
  {
    title: "Served share", unit: percent, of: "shares",
    series: [
      { label: "served by the candidate", color: "--candidate", value: (s) => s.served },
      { label: "declared", color: "--quiet", dash: [6, 3], value: (s) => s.declared },
    ],
  },
  {
    title: "Errors in each window", unit: count, of: "windows",
    incrs: [1, 2, 5].flatMap((step) => [...Array(9).keys()].map((power) => step * 10 ** power)).sort((a, b) => a - b),
    series: [
      { label: "production", color: "--production", value: (w) => w.productionErrors },
      { label: "candidate failed", color: "--bad", value: (w) => w.failed },
      { label: "timed out", color: "--bad", dash: [6, 3], value: (w) => w.timedOut },
      { label: "quarantined", color: "--bad", dash: [2, 3], value: (w) => w.quarantined },
      { label: "shed", color: "--quiet", value: (w) => w.shed },
    ],
  },
];

const DAY = 86400;

/** Times of day, with the date where there is more than one day. */
function times(ticks) {
  const long = ticks[ticks.length - 1] - ticks[0] > DAY;
  return ticks.map((tick) => new Date(tick * 1e3).toISOString()).map((iso) => (long ? iso.slice(5, 16).replace("T", " ") : iso.slice(11, 19)));
}

function options(chart, width) {
  const axis = { stroke: color("--text"), grid: { stroke: color("--line") }, ticks: { stroke: color("--line") } };
  return {
    width, height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC"),
    // One point alone has no range of its own.
    scales: { x: { range: (u, low, high) => (low === high && low !== null ? [low - 60, high + 60] : [low, high]) }, y: { range: (u, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.05 : 1] } },
    series: [{ label: "UTC", value: (u, seconds) => (seconds === null ? "–" : times([seconds])[0]) }, ...chart.series.map((one) => ({
      label: one.label, stroke: color(one.color), dash: one.dash, width: 2, points: { size: 5 },
      value: (u, value) => (value === null ? "–" : chart.unit(value)),
    }))],
    axes: [
      { ...axis, space: 80, values: (u, ticks) => times(ticks) },
      { ...axis, size: 70, values: (u, ticks) => ticks.map(chart.unit), incrs: chart.incrs },
    ],
  };
}

/** All charts of one candidate. */
export class Charts {
  constructor(container) {
    this.container = container;
    this.drawn = new Map();
    this.last = null;
    new ResizeObserver(() => this.drawn.forEach(({ plot, body }) =>
      plot.setSize({ width: body.clientWidth, height: HEIGHT }))).observe(container);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.clear();
      if (this.last) {
        this.show(...this.last);
      }
    });
  }

  clear() {
    this.drawn.forEach(({ plot }) => plot.destroy());
    this.drawn.clear();
    this.container.replaceChildren();
  }

  show(windows, shares) {
    this.last = [windows, shares];
    for (const chart of CHARTS) {
      const points = chart.of === "windows" ? windows : shares;
      const data = columns(points, (point) => point.windowStart ?? point.at, chart.series);
      const known = this.drawn.get(chart.title);
      if (known) {
        known.plot.setData(data);
      } else {
        const body = el("div", { class: "plot" });
        this.container.append(el("figure", {}, el("figcaption", {}, chart.title), body));
        this.drawn.set(chart.title, { plot: new uPlot(options(chart, body.clientWidth || 320), data, body), body });
      }
    }
  }
}
