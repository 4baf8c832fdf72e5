/** What can be drawn: a report of either benchmark. */
import type { ArenaReport } from "../arena/arena-report.ts";
import type { RagReport } from "../rag/rag-report.ts";

export type Report = ArenaReport | RagReport;
