// Numbers and times as people read them.

const NONE = "–";
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const count = (value) => (value === null || value === undefined ? NONE : whole.format(value));

export function number(value) {
  if (value === null || value === undefined) {
    return NONE;
  }
  if (typeof value !== "number") {
    return String(value); // NaN and infinities come as text
  }
  return value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e6)
    ? value.toExponential(2)
    : String(Number(value.toPrecision(3)));
}

export const percent = (share) => (share === null || share === undefined ? NONE : `${number(share * 100)} %`);

export function nanos(value) {
  if (value === null || value === undefined) {
    return NONE;
  }
  return value < 1e6 ? `${number(value / 1e3)} µs` : value < 1e9 ? `${number(value / 1e6)} ms` : `${number(value / 1e9)} s`;
}

/** A moment in UTC, to the second. */
export const moment = (iso) => (iso ? `${iso.slice(0, 19).replace("T", " ")} UTC` : NONE);

export function duration(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const found = parts.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "s"];
  return `${seconds / found[0]} ${found[1]}`;
}

export const pairOf = (decision) =>
  `${decision.model}/${decision.productionVersion}/${decision.candidateVersion}`;
