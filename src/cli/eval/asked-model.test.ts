import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { askedModel } from "./asked-model.ts";

const server = { baseUrl: ["http://localhost:8000/v1"], modelId: "org/big" };

test("a model is called by its own name, or as one likes", () => {
  expect(askedModel(server, undefined).name).toBe("org/big");
  expect(askedModel({ model: "nano" }, undefined).name).toBe("nano");
  expect(askedModel({ model: "nano" }, "mine").name).toBe("mine");
});

test("its identity does not hang on its name or its address, but on who renders the prompt", () => {
  const { identity } = askedModel(server, undefined);
  expect(askedModel({ ...server, baseUrl: ["http://elsewhere/v1"] }, "mine").identity).toEqual(identity);
  expect(askedModel({ ...server, api: "chat" }, undefined).identity).not.toEqual(identity);
  expect(askedModel({ ...server, modelId: "org/small" }, undefined).identity).not.toEqual(identity);
});

test("a file that was trained on is another model, and so is one with an adapter", () => {
  const folder = mkdtempSync(join(tmpdir(), "vikhr-asked-"));
  try {
    const [model, path] = [join(folder, "small.gguf"), join(folder, "style.gguf")];
    for (const file of [model, path]) writeFileSync(file, "weights");
    const { name, identity } = askedModel({ model }, undefined);
    expect(name).toBe("small");
    const adapted = askedModel({ model, adapter: [{ path }] }, undefined).identity;
    expect(adapted).not.toEqual(identity);
    expect(askedModel({ model, adapter: [{ path, scale: 0.5 }] }, undefined).identity).not.toEqual(adapted);
    appendFileSync(path, "!");
    expect(askedModel({ model, adapter: [{ path }] }, undefined).identity).not.toEqual(adapted);
    writeFileSync(model, "Weights");
    expect(askedModel({ model }, undefined).identity).not.toEqual(identity);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("nobody, and what is not there, is refused", () => {
  const { baseUrl } = server;
  for (const settings of [{}, { model: "quotes" }, { baseUrl }, { model: "./lost.gguf" }])
    expect(() => askedModel(settings, undefined)).toThrow(InputError);
  expect(() => askedModel({ model: "nano", adapter: [{ path: "lost.gguf" }] }, undefined)).toThrow(
    InputError,
  );
});
