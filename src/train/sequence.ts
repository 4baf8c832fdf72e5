/** What training sees of a row: token ids, and how much each one counts. */

export interface Sequence {
  ids: Int32Array;
  /** `weights[i]` is the weight of predicting `ids[i]` from what stands before it; `weights[0]` is unused. */
  weights: Float32Array;
  /** 1 where `ids[i]` is of an assistant turn, for metrics; a context may weigh as much. */
  isAnswer: Uint8Array;
  /** Where a token is an auxiliary target. */
  auxiliary?: AuxiliaryLabels;
}

/** Of every token; its class is given as a token of the vocabulary. */
export interface AuxiliaryLabels {
  labels: Int32Array;
  /** 0 where the token is no target. */
  weights: Float32Array;
}
