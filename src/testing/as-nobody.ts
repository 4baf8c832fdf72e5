/** What a test does in, its result out: done as a user whom a folder's permissions bind, which root is not. */

const NOBODY = 65_534;

export async function asNobody<T>(run: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid!(NOBODY);
  try {
    return await run();
  } finally {
    process.seteuid!(0);
  }
}
