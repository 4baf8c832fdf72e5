/** Figures as people read them: a true minus, as many decimals as the measurement deserves. */
import type { Interval } from "../../estimate.ts";

export function figure(value: number, decimals = 1): string {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A figure that says which way it points. */
export function signed(value: number, decimals = 1): string {
  const text = figure(value, decimals);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** A dash between figures that have no minus, and dots between those that may have one. */
export function range({ low, high }: Interval, decimals = 1): string {
  return low < 0 || high < 0
    ? `${figure(low, decimals)} … ${figure(high, decimals)}`
    : `${figure(low, decimals)}–${figure(high, decimals)}`;
}

export function signedRange({ low, high }: Interval, decimals = 1): string {
  return `${signed(low, decimals)} … ${signed(high, decimals)}`;
}

/** Thin spaces between thousands. */
export const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, "\u2009");
