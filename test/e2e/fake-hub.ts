/** A hub that has one file under every name. It can lie about the file, and it can be slow. */
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as rest } from "node:timers/promises";

export interface FakeHub {
  /** For HF_ENDPOINT. */
  url: string;
  isLying: boolean;
  /** A thousandth of the file every 20 ms; what is left comes at once when it is set to false. */
  isSlow: boolean;
  close(): Promise<void>;
}

export async function startFakeHub(file: Buffer): Promise<FakeHub> {
  const server = createServer(async (request, response) => {
    const sha256 = createHash("sha256")
      .update(hub.isLying ? "other" : file)
      .digest("hex");
    response.writeHead(200, { "x-linked-etag": `"${sha256}"`, "x-linked-size": file.length });
    if (request.method === "HEAD") return response.end();
    let sent = 0;
    for (const step = Math.ceil(file.length / 1000); hub.isSlow && !response.destroyed; sent += step) {
      response.write(file.subarray(sent, sent + step));
      await rest(20);
    }
    response.end(file.subarray(sent));
  });
  const hub: FakeHub = {
    url: "",
    isLying: false,
    isSlow: false,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  hub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return hub;
}
