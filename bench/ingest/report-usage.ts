/** Loaded into a command before it starts: at its end writes what the process used to the file $VIKHR_BENCH_USAGE. */
import { writeFileSync } from "node:fs";

export interface Usage {
  /** Of all threads, user and system. */
  cpuSeconds: number;
  /** Since the process began. */
  wallSeconds: number;
  /** Most bytes resident. */
  peak: number;
}

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage: Usage = {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    wallSeconds: performance.now() / 1000,
    peak: maxRSS * 1024,
  };
  writeFileSync(process.env.VIKHR_BENCH_USAGE!, JSON.stringify(usage));
});
