/** GenerateOptions as callers give them -> checked, with the defaults of spec filled in. Shared by all engines. */
import { randomInt } from "node:crypto";
import { InputError } from "../errors.ts";
import type { BeamSearchOptions, GenerateOptions, ScoreOptions } from "../spec/language-model.ts";
import { printable } from "../util/printable.ts";

const DEFAULT_TEMPERATURE = 0.3;
export const MAX_TEMPERATURE = 100;
const MAX_TOP_LOGPROBS = 20;
export const MAX_BEAMS = 16;
/** Far above what is of use: 1 is usual, 2 strong. */
const MAX_ADAPTER_SCALE = 100;
/** Seeds are whole numbers from 0 to this. 2^32 - 1 is left out: to llama.cpp it means "draw one yourself". */
export const MAX_SEED = 2 ** 32 - 2;

// Threat: the grammar goes to a native recursive parser, whose stack a deep nesting would exhaust.
export const MAX_GRAMMAR_CHARACTERS = 65_536;
const MAX_GRAMMAR_GROUPS = 1000;

export interface ResolvedGenerateOptions {
  maxTokens: number | undefined;
  temperature: number;
  topP: number;
  topK: number;
  minP: number;
  repeatPenalty: number;
  seed: number;
  stop: readonly string[];
  grammar: string | undefined;
  topLogprobs: number | undefined;
  beamSearch: Required<BeamSearchOptions> | undefined;
  adapters: Readonly<Record<string, number>> | undefined;
  signal: AbortSignal | undefined;
}

export function resolveGenerateOptions(options: GenerateOptions = {}): ResolvedGenerateOptions {
  const { maxTokens, topLogprobs, grammar, stop = [], signal } = options;
  if (maxTokens !== undefined) checkInteger("maxTokens", maxTokens, 1, Number.MAX_SAFE_INTEGER);
  if (topLogprobs !== undefined) checkInteger("topLogprobs", topLogprobs, 0, MAX_TOP_LOGPROBS);
  if (stop.some((text) => text === "")) throw new InputError("a stop string is empty: leave it out");
  if (grammar !== undefined) checkGrammar(grammar);
  return {
    maxTokens,
    temperature: inRange("temperature", options.temperature ?? DEFAULT_TEMPERATURE, 0, MAX_TEMPERATURE),
    topP: aboveZero("topP", inRange("topP", options.topP ?? 1, 0, 1)),
    topK: checkInteger("topK", options.topK ?? 0, 0, 2 ** 31 - 1),
    minP: belowOne("minP", inRange("minP", options.minP ?? 0, 0, 1)),
    repeatPenalty: aboveZero("repeatPenalty", inRange("repeatPenalty", options.repeatPenalty ?? 1, 0, 100)),
    seed:
      options.seed === undefined ? randomInt(MAX_SEED + 1) : checkInteger("seed", options.seed, 0, MAX_SEED),
    stop,
    grammar,
    topLogprobs,
    beamSearch: resolveBeamSearch(options),
    adapters: resolveAdapters(options),
    signal,
  };
}

function resolveBeamSearch({
  beamSearch,
  topLogprobs,
}: GenerateOptions): Required<BeamSearchOptions> | undefined {
  if (beamSearch === undefined) return undefined;
  if (topLogprobs !== undefined && topLogprobs > 0)
    throw new InputError("a beam search reports no alternatives of single tokens: topLogprobs must be 0");
  const { beams, lengthPenalty = 1, earlyStopping = false } = beamSearch;
  checkInteger("beams", beams, 1, MAX_BEAMS);
  return { beams, lengthPenalty: inRange("lengthPenalty", lengthPenalty, -10, 10), earlyStopping };
}

export function resolveAdapters({ adapters }: ScoreOptions): Readonly<Record<string, number>> | undefined {
  for (const [name, scale] of Object.entries(adapters ?? {})) checkAdapterScale(name, scale);
  return adapters;
}

export function checkAdapterScale(name: string, scale: number): number {
  return inRange(`the scale of the adapter ${printable(name)}`, scale, -MAX_ADAPTER_SCALE, MAX_ADAPTER_SCALE);
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (!(value >= min && value <= max))
    throw new InputError(`${name} is ${value} and must be between ${min} and ${max}`);
  return value;
}

function aboveZero(name: string, value: number): number {
  if (value === 0) throw new InputError(`${name} is 0 and must be greater`);
  return value;
}

function belowOne(name: string, value: number): number {
  if (value === 1) throw new InputError(`${name} is 1 and must be less`);
  return value;
}

export function checkInteger(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new InputError(`${name} is ${value} and must be a whole number between ${min} and ${max}`);
  return value;
}

function checkGrammar(grammar: string): void {
  if (grammar.length > MAX_GRAMMAR_CHARACTERS)
    throw new InputError(
      `the grammar has ${grammar.length} characters, and ${MAX_GRAMMAR_CHARACTERS} are allowed`,
    );
  const groups = grammar.split("(").length - 1;
  if (groups > MAX_GRAMMAR_GROUPS)
    throw new InputError(`the grammar opens ${groups} groups, and ${MAX_GRAMMAR_GROUPS} are allowed`);
}
