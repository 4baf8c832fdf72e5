/** So many requests a minute, which may come at once: a bucket that fills evenly. */

export class TokenBucket {
  readonly perMinute: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** `now` gives milliseconds. Starts full. */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.perMinute = perMinute;
    this.#now = now;
    this.#tokens = perMinute;
    this.#filledAt = now();
  }

  /** Takes one token, or gives the seconds until there is one. */
  take(): { taken: true } | { taken: false; retryAfter: number } {
    this.#fill();
    if (this.#tokens >= 1) {
      this.#tokens--;
      return { taken: true };
    }
    return { taken: false, retryAfter: ((1 - this.#tokens) * 60) / this.perMinute };
  }

  /** Whole requests that may come now. */
  get remaining(): number {
    this.#fill();
    return Math.floor(this.#tokens);
  }

  /** Seconds until it is full. */
  get secondsUntilFull(): number {
    this.#fill();
    return ((this.perMinute - this.#tokens) * 60) / this.perMinute;
  }

  #fill(): void {
    const now = this.#now();
    const passed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#tokens = Math.min(this.perMinute, this.#tokens + (passed * this.perMinute) / 60_000);
  }
}
