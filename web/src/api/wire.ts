/** What the server sends, as it sends it: snake_case here, and in what is kept of it. */

export interface Hit {
  doc_id: number;
  /** Id of the document in its collection. */
  document: string;
  source: string;
  title: string | null;
  format: string;
  /** From 1, where the file has pages. */
  page?: number;
  /** UTF-16 code units of the document's text. */
  start: number;
  end: number;
  text: string;
  score: number;
  rank: number;
}

export interface Place {
  source: string;
  page?: number;
  start: number;
  end: number;
}

export interface CitationSource {
  doc_id: number;
  /** UTF-16 code units of the hit's text. */
  start: number;
  end: number;
  /** Of the file's text. */
  file?: Place;
}

/** A sentence of the answer; without sources nothing supports it. */
export interface Citation {
  start: number;
  end: number;
  text: string;
  sources: CitationSource[];
}

export interface AskAnswer {
  outcome?: "answered" | "nothing-found" | "nothing-relevant";
  relevant_doc_ids: number[];
  relevance: Record<string, number>;
  answer: string;
  citations: Citation[];
  hits?: Hit[];
  finish_reason?: "stop" | "length" | "aborted";
  model?: string;
}

export interface Health {
  status: string;
  version: string;
  /** null: answers are quotes. */
  model: string | null;
  is_local: boolean;
}

export interface CollectionInfo {
  id: string;
  documents: number;
  /** Folders, files and addresses that stay linked. */
  sources: string[];
  embedding: string | null;
}

export interface DocumentInfo {
  id: string;
  source: string;
  title: string | null;
  format: string;
  modified?: string | number | null;
  uploaded: boolean;
}

export interface DocumentText extends DocumentInfo {
  text: string;
  page_starts: number[] | null;
  /** The file is no more what was indexed: offsets may mean other words. */
  changed: boolean;
}

export interface KnownModel {
  id: string;
  description: string;
  state: "ready" | "partial" | "absent" | "loaded";
  bytes?: number | null;
  approximate_bytes?: number | null;
}

export interface IngestProgress {
  files: number;
  total_files: number;
  bytes: number;
  total_bytes: number;
  chunks: number;
}

export interface IngestReport {
  added: number;
  replaced: number;
  removed: number;
  unchanged: number;
  chunks: number;
  failed: { path: string; reason: string }[];
}

export interface PullProgress {
  downloaded_bytes: number;
  total_bytes: number;
  bytes_per_second: number;
  eta_seconds: number | null;
}

export interface ChatMessage {
  role: "system" | "user" | "assistant";
  content: string;
}
