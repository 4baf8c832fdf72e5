/** A figure with what is known of its error. */

export interface Interval {
  low: number;
  high: number;
}

export interface Estimate {
  value: number;
  /** 95 %. */
  interval: Interval;
  /** How many observations it is made of. */
  count: number;
}
