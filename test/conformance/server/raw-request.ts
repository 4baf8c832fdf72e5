/** Bytes to a port of this machine, and all that comes back until the other side closes. */
import { connect, type Socket } from "node:net";

/** Milliseconds after which a server that does not answer counts as hanging. */
const PATIENCE = 20_000;

export interface RawAnswer {
  /** 0 where nothing came. */
  status: number;
  head: string;
  body: string;
}

/** `hold` keeps our side open once all is sent: clients that are slow, or wait. */
export function rawRequest(port: number, bytes: string | Buffer, { hold = false } = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = rawSocket(port);
    let text = "";
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the server hangs: ${JSON.stringify(bytes.toString("latin1").slice(0, 200))}`));
    }, PATIENCE);
    socket.setEncoding("utf8").on("data", (piece) => {
      text += piece;
    });
    socket.on("close", () => {
      clearTimeout(timer);
      const [head = "", ...body] = text.split("\r\n\r\n");
      resolve({ status: Number(head.split(" ")[1] ?? 0), head, body: body.join("\r\n\r\n") });
    });
    if (hold) socket.write(bytes);
    else socket.end(bytes);
  });
}

/** Whose faults are told by its closing. */
export function rawSocket(port: number): Socket {
  return connect(port, "127.0.0.1").on("error", () => undefined);
}
