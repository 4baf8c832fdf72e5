/** The schema of a dialogue row: checks what comes from a file. Other fields of a row are left alone. */
import { z } from "zod";
import type { MessagesRow } from "../spec/dataset.ts";

/** What chat templates may be given: refused here, with the line, and not hours into a training. */
const ROLE = /^[A-Za-z0-9_-]{1,64}$/;

export const messagesRow: z.ZodType<MessagesRow> = z.object({
  messages: z
    .array(z.object({ role: z.string().regex(ROLE, "not a role"), content: z.string() }))
    .min(1)
    .refine((messages) => messages.some((m) => m.role === "assistant"), "no assistant turn to learn from"),
  cluster: z.string().exactOptional(),
});
