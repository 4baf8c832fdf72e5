/** Items -> what `run` makes of each, in order, with a bounded number under way: `Promise.all` over any number of items. */

export interface MapConcurrentlyOptions<T> {
  /** No item is started while those under way weigh so much together; one always is. Default 32. */
  limit?: number;
  /** What an item counts for, above 0. Default 1. */
  weight?: (item: T) => number;
}

/** Rejects with the first error; what is under way then goes on, nothing more is started. */
export function mapConcurrently<T, R>(
  items: readonly T[],
  run: (item: T, index: number) => Promise<R>,
  { limit = 32, weight = () => 1 }: MapConcurrentlyOptions<T> = {},
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let [next, running, load] = [0, 0, 0];
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      next = items.length;
      reject(error);
    };
    const start = async (index: number) => {
      const item = items[index]!;
      const own = weight(item);
      running++;
      load += own;
      results[index] = await run(item, index);
      running--;
      load -= own;
      fill();
    };
    const fill = () => {
      while (next < items.length && (running === 0 || load < limit)) start(next++).catch(fail);
      if (running === 0) resolve(results);
    };
    fill();
  });
}
