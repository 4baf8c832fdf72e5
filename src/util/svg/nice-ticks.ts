/**
 * Multiples of 1, 2 or 5 times a power of ten, `about` of them or fewer: from the last one that is not above `low` to
 * the last one that is not above `high`; two at least. `high` must be above `low`.
 */
export function niceTicks(low: number, high: number, about: number): number[] {
  const raw = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999) ?? 10 * power;
  const first = Math.floor(low / step + 1e-9);
  const count = Math.floor((high - first * step) / step + 1e-9);
  return Array.from({ length: Math.max(2, count + 1) }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}
