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
const MAX_RENDER_MILLISECONDS = 2000;
const MAX_MESSAGES = 10_000;
/** A role is the one part of a message that the template sees: it cannot spell a control token or a line break. */
const ROLE = /^[A-Za-z0-9_-]{1,64}$/;

export function renderChat(
  template: string,
  messages: readonly Message[],
  options: RenderChatOptions = {},
): Segment[] {
  for (const { role } of messages)
    if (!ROLE.test(role))
      throw new InputError(
        `the role ${JSON.stringify(role.slice(0, 80))} is not allowed: use up to 64 Latin letters, digits, - and _`,
      );
  if (messages.length > MAX_MESSAGES)
    throw new InputError(
      `${messages.length} messages are more than ${MAX_MESSAGES}: shorten the conversation`,
    );
  const marks = new Marks();
  const rendered = render(template, {
    messages: messages.map(({ role }, i) => ({ role, content: marks.padded(i) })),
    bos_token: options.bosToken ?? "<|begin_of_text|>",
    eos_token: options.eosToken ?? "<|eot_id|>",
    add_generation_prompt: options.addGenerationPrompt ?? true,
  });
  return cutOut(rendered, messages, marks);
}

/**
 * What stands for the contents while the template renders: white space, which shows whether the template trims,
 * around a core with characters that any escaping or change of case would alter. All of it is random.
 */
class Marks {
  readonly #secret = randomBytes(16).toString("hex");
  /** 128 spaces or tabs after random bits, so that no white space of the template looks the same. */
  readonly pad = Array.from(randomBytes(16), (byte) => byte.toString(2).padStart(8, "0"))
    .join("")
    .replace(/0/g, " ")
    .replace(/1/g, "\t");
  readonly pattern = new RegExp(`(${this.pad})?${this.#core("(\\d+)")}(${this.pad})?`, "g");

  #core(index: string): string {
    return `aБ<"'&${this.#secret}:${index}:${this.#secret}&'">Ёz`;
  }

  padded(index: number): string {
    return this.pad + this.#core(String(index)) + this.pad;
  }

  /** Whether something of a mark is left: then the template has changed or cut it. */
  remainIn(text: string): boolean {
    const pieces = [this.#secret, this.pad.slice(0, 32), this.pad.slice(48, 80), this.pad.slice(-32)];
    return pieces.some((piece) => text.includes(piece));
  }
}

function cutOut(rendered: string, messages: readonly Message[], marks: Marks): Segment[] {
  const segments: Segment[] = [];
  const seen = new Set<number>();
  const changed = (role: string) =>
    new InputError(
      `the chat template changes the content of the message with the role ${role}: use another --chat-template`,
    );
  const control = (text: string, near: Message | undefined) => {
    if (marks.remainIn(text)) throw changed(near?.role ?? "?");
    if (text !== "") segments.push({ kind: "control", text });
  };
  let end = 0;
  for (const match of rendered.matchAll(marks.pattern)) {
    const index = Number(match[2]);
    const message = messages[index]!;
    control(rendered.slice(end, match.index), message);
    if (seen.has(index)) throw refusal("repeats", message.role);
    seen.add(index);
    let text = message.content;
    if (match[1] === undefined) text = text.trimStart();
    if (match[3] === undefined) text = text.trimEnd();
    segments.push({ kind: "text", text, message: index });
    end = match.index + match[0].length;
  }
  control(rendered.slice(end), messages.at(-1));
  const dropped = messages.find((_, i) => !seen.has(i));
  if (dropped) throw refusal("leaves out", dropped.role);
  return segments;
}

function refusal(does: string, role: string): InputError {
  return new InputError(
    `the chat template ${does} the message with the role ${role}: use a model or a --chat-template that knows this role`,
  );
}

function render(
  template: string,
  values: { messages: { role: string }[] } & Record<string, unknown>,
): string {
  const fault = (reason: string, cause?: unknown) =>
    new InputError(`the chat template fails on roles ${roleList(values.messages)}: ${reason}`, { cause });
  if (template.length > MAX_TEMPLATE_LENGTH)
    throw fault(`it has more than ${MAX_TEMPLATE_LENGTH} characters`);
  let rendered: unknown;
  try {
    const program = parse(template);
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

function roleList(messages: readonly { role: string }[]): string {
  const roles = messages.map(({ role }) => role);
  return roles.length > 8 ? `${roles.slice(0, 8).join(", ")}, ...` : roles.join(", ");
}

let context: Context | undefined;
/** The template of the last call: a conversation, or a training set, renders one template again and again. */
let last: { source: string; template: Template } | undefined;

function parse(source: string): Template {
  if (last?.source !== source) last = { source, template: new Template(source) };
  return last.template;
}
