/**
 * Chat template (Jinja) and messages -> segments: what the template wrote apart from what people wrote. Contents
 * never enter the template: it renders unguessable marks, which are then cut out. Knows no token.
 */
import { randomBytes } from "node:crypto";
import { type Context, createContext, runInContext } from "node:vm";
import { Template } from "@huggingface/jinja";
import { InputError } from "../errors.ts";
import type { Message, Segment } from "../spec/message.ts";

/** Llama 3.1 without its date and its own system message; renders any role. */
export const DEFAULT_CHAT_TEMPLATE = [
  "{{- bos_token }}",
  "{%- for message in messages %}",
  "{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}",
  "{{- message['content'] | trim + '<|eot_id|>' }}",
  "{%- endfor %}",
  "{%- if add_generation_prompt %}",
  "{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}",
  "{%- endif %}",
].join("\n");

export interface RenderChatOptions {
  /** Spelling of the token that begins a text. Default "<|begin_of_text|>". */
  bosToken?: string;
  /** Spelling of the token that ends a text. Default "<|eot_id|>". */
  eosToken?: string;
  /** Ends with the header of a reply, for the model to go on from. Default true. */
  addGenerationPrompt?: boolean;
}

/** Templates come with model files from elsewhere: too long, or too long at work, is an error and not a hang. */
const MAX_TEMPLATE_LENGTH = 256 * 1024;
const MAX_RENDER_MILLISECONDS = 1000;
const MAX_MESSAGES = 10_000;
/** A role is the one part of a message that the template sees: it cannot spell a control token or a line break. */
const ROLE = /^[A-Za-z0-9_-]{1,64}$/;

/** What the template writes, or the place of a message's content. */
type Slot = string | { message: number; trimStart: boolean; trimEnd: boolean };

export function renderChat(
  template: string,
  messages: readonly Message[],
  options: RenderChatOptions = {},
): Segment[] {
  const roles = messages.map(({ role }) => role);
  for (const role of roles)
    if (!ROLE.test(role))
      throw new InputError(
        `the role ${JSON.stringify(role.slice(0, 80))} is not allowed: use up to 64 Latin letters, digits, - and _`,
      );
  if (messages.length > MAX_MESSAGES)
    throw new InputError(
      `${messages.length} messages are more than ${MAX_MESSAGES}: shorten the conversation`,
    );
  return skeleton(template, roles, options).map((slot) => {
    if (typeof slot === "string") return { kind: "control", text: slot };
    let text = messages[slot.message]!.content;
    if (slot.trimStart) text = text.trimStart();
    if (slot.trimEnd) text = text.trimEnd();
    return { kind: "text", text, message: slot.message };
  });
}

/** Skeletons of the last template: they depend on roles only, and a training set has few sequences of roles. */
let known: { template: string; skeletons: Map<string, readonly Slot[]> } | undefined;
const MAX_SKELETONS = 200;

function skeleton(template: string, roles: readonly string[], options: RenderChatOptions): readonly Slot[] {
  if (known?.template !== template) known = { template, skeletons: new Map() };
  const { skeletons } = known;
  const key = JSON.stringify([roles, options.bosToken, options.eosToken, options.addGenerationPrompt]);
  const found = skeletons.get(key);
  if (found) return found;
  const marks = new Marks();
  const rendered = render(template, {
    messages: roles.map((role, i) => ({ role, content: marks.padded(i) })),
    bos_token: options.bosToken ?? "<|begin_of_text|>",
    eos_token: options.eosToken ?? "<|eot_id|>",
    add_generation_prompt: options.addGenerationPrompt ?? true,
  });
  const slots = cutOut(rendered, roles, marks);
  if (skeletons.size >= MAX_SKELETONS) skeletons.clear();
  // A template that writes the date must not keep that of yesterday.
  if (!template.includes("strftime_now")) skeletons.set(key, slots);
  return slots;
}

/**
 * What stands for the contents while the template renders: white space, which shows whether the template trims,
 * around a core with characters that any escaping or change of case would alter. All of it is random.
 */
class Marks {
  readonly #secret = randomBytes(16).toString("hex");
  /** 128 spaces or tabs after random bits, so that no white space of the template looks the same. */
  readonly #pad = Array.from(randomBytes(16), (byte) => byte.toString(2).padStart(8, "0"))
    .join("")
    .replace(/0/g, " ")
    .replace(/1/g, "\t");
  readonly pattern = new RegExp(`(${this.#pad})?${this.#core("(\\d+)")}(${this.#pad})?`, "g");

  #core(index: string): string {
    return `aБ<"'&${this.#secret}:${index}:${this.#secret}&'">Ёz`;
  }

  padded(index: number): string {
    return this.#pad + this.#core(String(index)) + this.#pad;
  }

  /** Whether something of a mark is left: then the template has changed or cut it. */
  remainIn(text: string): boolean {
    const pieces = [this.#secret, this.#pad.slice(0, 32), this.#pad.slice(48, 80), this.#pad.slice(-32)];
    return pieces.some((piece) => text.includes(piece));
  }
}

function cutOut(rendered: string, roles: readonly string[], marks: Marks): Slot[] {
  const slots: Slot[] = [];
  const seen = new Set<number>();
  const control = (text: string, nearRole = "?") => {
    if (marks.remainIn(text)) throw refusal("changes the content of", nearRole);
    if (text !== "") slots.push(text);
  };
  let end = 0;
  for (const match of rendered.matchAll(marks.pattern)) {
    const message = Number(match[2]);
    control(rendered.slice(end, match.index), roles[message]);
    if (seen.has(message)) throw refusal("repeats", roles[message]!);
    seen.add(message);
    slots.push({ message, trimStart: match[1] === undefined, trimEnd: match[3] === undefined });
    end = match.index + match[0].length;
  }
  control(rendered.slice(end), roles.at(-1));
  const dropped = roles.find((_, i) => !seen.has(i));
  if (dropped !== undefined) throw refusal("leaves out", dropped);
  return slots;
}

function refusal(does: string, role: string): InputError {
  return new InputError(
    `the chat template ${does} the message with the role ${role}: use a model or a chat template that knows this role`,
  );
}

let context: Context | undefined;

function render(
  template: string,
  values: { messages: { role: string }[] } & Record<string, unknown>,
): string {
  const roles = values.messages.map(({ role }) => role);
  const listed = `${roles.slice(0, 8).join(", ")}${roles.length > 8 ? ", ..." : ""}`;
  const fault = (reason: string, cause?: unknown) =>
    new InputError(
      `the chat template fails on messages with the roles ${listed}: ${reason}: use a model or a chat template that knows these roles`,
      { cause },
    );
  if (template.length > MAX_TEMPLATE_LENGTH)
    throw fault(`it has more than ${MAX_TEMPLATE_LENGTH} characters`);
  let rendered: unknown;
  try {
    const program = new Template(template);
    // The context is there for its timeout only, which also stops the interpreter that is called out of it.
    context ??= createContext({});
    context.work = () => program.render(values);
    rendered = runInContext("work()", context, { timeout: MAX_RENDER_MILLISECONDS });
  } catch (error) {
    const said = String(error).replace(/^(\w*Error: )+/, "");
    throw fault(said.replace(/[\p{C}\s]+/gu, " ").slice(0, 200), error);
  }
  if (typeof rendered !== "string") throw fault("it gives no text");
  return rendered;
}
