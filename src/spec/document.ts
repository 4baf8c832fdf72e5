/** Documents handed to a grounded answer, and the citations that lead back into them. */

/** A document of one grounded prompt. On the wire and on disk it is `{doc_id, title, content}`. */
export interface GroundingDocument {
  /** Unique within one question; any non-negative integer. */
  docId: number;
  title: string | null;
  /** Markdown, HTML or plain text; at most `MAX_DOCUMENT_CHARACTERS` UTF-16 code units. */
  content: string;
}

/** A half-open range of UTF-16 code units: `text.slice(start, end)`. */
export interface Span {
  start: number;
  end: number;
}

/** The place in a document's `content` which supports a sentence. */
export interface CitationSource extends Span {
  docId: number;
}

/** One sentence of an answer (`start`, `end` in the answer) and what supports it; no sources: unsupported. */
export interface Citation extends Span {
  text: string;
  sources: CitationSource[];
}
