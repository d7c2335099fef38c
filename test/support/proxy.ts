import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy before a database, whose wires a test can cut. */
export interface Proxy {
  readonly url: string;
  /** Connections that are open now. */
  readonly open: number;
  /** Breaks every connection, and refuses new ones if `refuse`. */
  cut(options?: { refuse?: boolean }): void;
  /** Takes connections again. */
  mend(): void;
  /** Called with what goes to the server; true: it is delivered, and the connection breaks before the answer. */
  breakAfter: ((sent: Buffer) => boolean) | undefined;
  /** The next answer that holds this text is not delivered: its connection breaks instead. Resolves then. */
  cutAnswerWith(text: string): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const traps: { text: string; spring: () => void }[] = [];
  let refusing = false;

  const server = createServer((near) => {
    if (refusing) return void near.destroy();
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (sent: Buffer) => {
      if (proxy.breakAfter?.(sent)) {
        // The server gets it all and acts on it; its answer goes nowhere.
        far.removeAllListeners('data').resume();
        near.removeAllListeners('close').destroy();
        far.end(sent);
        return;
      }
      far.write(sent);
    });
    far.on('data', (received: Buffer) => {
      const sprung = traps.findIndex(({ text }) => received.includes(text));
      if (sprung === -1) return void near.write(received);
      near.destroy();
      traps.splice(sprung, 1)[0]?.spring();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const proxy: Proxy = {
    url: url.href,
    get open() {
      return pairs.size;
    },
    breakAfter: undefined,
    cutAnswerWith: (text) => new Promise((spring) => traps.push({ text, spring })),
    cut({ refuse = false } = {}) {
      refusing = refuse;
      for (const [near] of pairs) near.destroy();
    },
    mend() {
      refusing = false;
    },
    async close() {
      for (const [near] of pairs) near.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
