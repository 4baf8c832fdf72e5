/** Bytes so far -> reports of progress, not too often, with the speed of the last seconds. */

export interface PullProgress {
  bytes: number;
  total: number;
  /** Over the last seconds; 0 at first. */
  bytesPerSecond: number;
}

/** Counts bytes per second over a sliding window, and reports not too often. */
export class PullMeter {
  readonly #total: number;
  readonly #report: ((progress: PullProgress) => void) | undefined;
  #samples: { time: number; bytes: number }[] = [];
  #last = Number.NEGATIVE_INFINITY;

  constructor(total: number, onProgress: ((progress: PullProgress) => void) | undefined) {
    this.#total = total;
    this.#report = onProgress;
  }

  begin(bytes: number): void {
    this.#samples = [{ time: performance.now(), bytes }];
    this.#send(bytes);
  }

  at(bytes: number): void {
    if (performance.now() - this.#last >= 100) this.#send(bytes);
  }

  end(bytes: number): void {
    this.#send(bytes);
  }

  #send(bytes: number): void {
    const time = performance.now();
    this.#last = time;
    // A part that was begun anew counts from there.
    if (bytes < (this.#samples.at(-1)?.bytes ?? 0)) this.#samples = [];
    this.#samples = [...this.#samples.filter((s) => time - s.time < 5000), { time, bytes }];
    const first = this.#samples[0]!;
    const bytesPerSecond = time > first.time ? ((bytes - first.bytes) * 1000) / (time - first.time) : 0;
    this.#report?.({ bytes, total: this.#total, bytesPerSecond });
  }
}
