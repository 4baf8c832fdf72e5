/** Jobs that wait for a place, and in which order they get one. */
import type { Job } from "./job.ts";

/** A job is passed over so often at most. */
const MOST_PASSED = 64;

export class WaitingJobs {
  #jobs: Job[] = [];
  /** How often another was let in before them. */
  readonly #passed = new WeakMap<Job, number>();

  get count(): number {
    return this.#jobs.length;
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  /** One that had a place, and gave it up for others. */
  addFirst(job: Job): void {
    this.#jobs.unshift(job);
  }

  /** False where it does not wait. */
  remove(job: Job): boolean {
    const at = this.#jobs.indexOf(job);
    if (at >= 0) this.#jobs.splice(at, 1);
    return at >= 0;
  }

  /**
   * As they came; but what goes on from something known, a second step or the next turn of a dialogue, goes before others
   * while it is known, unless somebody was passed over too often.
   */
  inOrder(goesOn: (job: Job) => boolean): Job[] {
    const jobs = [...this.#jobs];
    if (jobs.some((job) => this.#timesPassed(job) >= MOST_PASSED)) return jobs;
    const first = new Set(jobs.filter(goesOn));
    return [...first, ...jobs.filter((job) => !first.has(job))];
  }

  /** It has got its place. */
  letIn(job: Job): void {
    for (const other of this.#jobs.slice(0, this.#jobs.indexOf(job)))
      this.#passed.set(other, 1 + this.#timesPassed(other));
    this.remove(job);
  }

  #timesPassed(job: Job): number {
    return this.#passed.get(job) ?? 0;
  }
}
