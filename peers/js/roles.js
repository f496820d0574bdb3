// The two roles of a ping test, the listener and the dialer. A test uses one connection and one stream.

import { randomBytes } from "node:crypto";
import { enable } from "@libp2p/logger";
import { byteStream } from "@libp2p/utils";
import { announcedAddress, parseTarget } from "./addresses.js";
import { Failure, rootCause, Status } from "./failure.js";
import { startNode } from "./node.js";
import { Rendezvous } from "./rendezvous.js";

const PING = "/ipfs/ping/1.0.0";
const PAYLOAD = 32; // the size of a ping in bytes
const FAREWELL = 500; // the milliseconds that the connection may take to close after the result

/** Prints the logs of the library on standard error. */
export function logEverything() {
  enable("libp2p*,*:trace");
}

/** Listens, announces the address, and answers pings until the process is stopped. */
export async function listen(settings) {
  const rendezvous = new Rendezvous(settings);
  const node = await startNode(settings);
  const [listening] = node.getMultiaddrs();
  await rendezvous.announce(announcedAddress(settings, listening));
}

/** Takes the listener's address, dials it, pings once, calls `done` with the latency, and closes the connection. */
export async function dial(settings, clock, done) {
  const rendezvous = new Rendezvous(settings);
  const node = await startNode(settings);
  clock.stage = `waiting for the listener's address (${rendezvous.source})`;
  const target = parseTarget(await rendezvous.take(), rendezvous.source, settings.transport);
  const { connection, latency } = await measure(node, target, `${target} (${rendezvous.source})`, clock);
  done(latency);
  await connection.close({ signal: AbortSignal.timeout(FAREWELL) }).catch((error) => connection.abort(error));
}

/** Returns the connection and two latencies in ms, which contain only the dial, the stream and the ping. */
async function measure(node, target, where, clock) {
  const payload = randomBytes(PAYLOAD);
  clock.stage = `dialing ${where}`;
  const start = performance.now();
  let connection, stream;
  try {
    connection = await node.dial(target);
    clock.stage = `opening a stream to ${where}`;
    stream = await connection.newStream(PING);
  } catch (error) {
    const cause = rootCause(error);
    if (/unexpected peer|does not match expected/i.test(cause))
      throw new Failure(Status.PEER_ID, `${where}: expected that peer ID, found: ${cause}`, { cause: error });
    throw new Failure(Status.DIAL, `${where}: expected a connection, found: ${cause}`, { cause: error });
  }
  clock.stage = `waiting for the pong of ${where}`;
  let sent, end, pong;
  try {
    const bytes = byteStream(stream);
    sent = performance.now();
    await bytes.write(payload);
    pong = await bytes.read({ bytes: PAYLOAD });
    end = performance.now();
  } catch (error) {
    throw new Failure(Status.PING, `${where}: expected a pong, found: ${rootCause(error)}`, { cause: error });
  }
  if (!payload.equals(pong.subarray()))
    throw new Failure(Status.PING, `${where}: expected the same ${PAYLOAD} bytes as in the ping, found other bytes`);
  return { connection, latency: { handshakePlusOneRtt: end - start, pingRtt: end - sent } };
}
