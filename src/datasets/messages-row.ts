/** The schema of a dialogue row: checks what comes from a file. Other fields of a row are left alone. */
import { z } from "zod";
import type { MessagesRow } from "../spec/dataset.ts";

/** What chat templates may be given: refused here, with the line, and not hours into a training. */
const ROLE = /^[A-Za-z0-9_-]{1,64}$/;

const message = z.object({
  role: z.string().regex(ROLE, "not a role"),
  content: z.string(),
  weight: z.number().nonnegative().exactOptional(),
});

const target = z.object({
  message: z.int().nonnegative(),
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
  label: z.string().min(1),
});

export const messagesRow: z.ZodType<MessagesRow> = z
  .object({
    messages: z
      .array(message)
      .min(1)
      .refine((messages) => messages.some((m) => m.role === "assistant"), "no assistant turn to learn from"),
    cluster: z.string().exactOptional(),
    targets: z.array(target).exactOptional(),
  })
  .refine(
    ({ messages, targets = [] }) =>
      targets.every(
        ({ message, start, end }) => start < end && end <= (messages[message]?.content.length ?? -1),
      ),
    { path: ["targets"], message: "one lies outside its message" },
  );
