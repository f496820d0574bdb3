// The rendezvous of the two nodes: the listener puts its multiaddr into a list in Redis, and the dialer takes it.

import { createClient, ErrorReply } from "@redis/client";
import { Failure, rootCause, Status } from "./failure.js";

// Both constants are in milliseconds. The test fails if Redis is unreachable for PATIENCE, at the start or later, or
// for half of the test's time limit if that half is shorter. RETRY is the pause between two attempts to connect.
const PATIENCE = 10_000;
const RETRY = 200;

export class Rendezvous {
  #settings;
  #list;
  #patience;
  #away;
  #cause = "no answer";

  constructor(settings) {
    this.#settings = settings;
    this.#list = `${settings.key}_listener_multiaddr`;
    this.#patience = Math.min(PATIENCE, 500 * settings.timeout);
    const { host, port } = settings.redis;
    this.source = `Redis at ${host.includes(":") ? `[${host}]` : host}:${port}, key ${this.#list}`;
  }

  /** Puts the address into the dialer's list, and again after each lost connection. The promise never resolves. */
  announce(address) {
    return this.#whenReady(async (client) => {
      await client.multi().del(this.#list).rPush(this.#list, address).exec();
    });
  }

  /** Waits for the listener's address and returns the address. Rejects with a Failure if Redis is unreachable. */
  take() {
    return this.#whenReady(async (client, done) => done((await client.blPop(this.#list, 0)).element));
  }

  /** Runs `commands` at the first connection to Redis and at each later one. Resolves when `commands` calls `done`. */
  #whenReady(commands) {
    return new Promise((resolve, reject) => {
      const fail = (expected, found) =>
        reject(new Failure(Status.RENDEZVOUS, `${this.source}: expected ${expected}, found: ${found}`));
      const refuse = (error) => {
        if (error instanceof ErrorReply) fail("a Redis that accepts our commands", error.message);
      };
      const wait = () => {
        this.#away ??= setTimeout(() => {
          const found = `${this.#cause}, for ${this.#patience / 1000} s; start Redis, or correct REDIS_ADDR`;
          fail("a Redis that answers", found);
        }, this.#patience);
      };
      const play = async () => {
        await client.ping(); // `ready` only means that Redis accepted the connection: Redis may still hang
        clearTimeout(this.#away);
        this.#away = undefined;
        await commands(client, resolve);
      };
      const client = createClient({
        RESP: 2,
        disableClientInfo: true,
        socket: { ...this.#settings.redis, connectTimeout: this.#patience, reconnectStrategy: RETRY },
      });
      client.on("error", (error) => {
        this.#cause = rootCause(error);
        refuse(error);
        wait();
      });
      client.on("ready", () => play().catch(refuse));
      wait();
      client.connect().catch(refuse);
    });
  }
}
