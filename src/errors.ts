/** The errors that people see: one line that says what happened, where, and what to do. */

/** Exit codes of every command; `interrupted` is the one by which shells know a program that Ctrl-C ended. */
export const EXIT = { ok: 0, failure: 1, usage: 2, partly: 3, interrupted: 130 } as const;

export interface ErrorFacts {
  cause?: unknown;
  /** Of HTTP, from a model's server. */
  serverStatus?: number | undefined;
}

/** Base of all expected errors. `exitCode` is 2 where the user can put it right, 1 where the fault is ours. */
export class VikhrError extends Error {
  readonly exitCode: number;
  /** Of HTTP, where a model's server answered so. */
  readonly serverStatus: number | undefined;
  constructor(message: string, options: ErrorFacts & { exitCode?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.exitCode = options.exitCode ?? EXIT.failure;
    this.serverStatus = options.serverStatus;
  }
}

/** Wrong input from the user: a bad file, flag, document or setting. */
export class InputError extends VikhrError {
  constructor(message: string, options: ErrorFacts = {}) {
    super(message, { ...options, exitCode: EXIT.usage });
  }
}

/** The prompt is longer than the context. */
export class ContextOverflowError extends InputError {
  readonly promptTokens: number;
  readonly contextSize: number;
  constructor(promptTokens: number, contextSize: number) {
    super(
      `the prompt has ${promptTokens} tokens and the context holds ${contextSize}: give less text (fewer or shorter documents or messages), or a model or --context-size that holds more`,
    );
    this.promptTokens = promptTokens;
    this.contextSize = contextSize;
  }
}

/** More requests wait for the model than it takes; try again later. */
export class OverloadedError extends VikhrError {
  constructor() {
    super("the model is busy, and as many requests as it takes wait for it already: try again later");
  }
}

/** A model's server cannot answer, and the request is not to blame: another server may, or this one later. */
export class UnavailableError extends InputError {}

/** The connection to a model's server was cut in the middle of an answer. */
export class CutAnswerError extends VikhrError {}

/** What was asked for is not there. */
export class NotFoundError extends InputError {}

/** It cannot be done as things stand: another process writes, or what is there would be lost. */
export class ConflictError extends InputError {}
