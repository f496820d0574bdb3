// A libp2p node with only the transport, the secure channel and the muxer that the settings name.

import { generateKeyPair } from "@libp2p/crypto/keys";
import { identify } from "@libp2p/identify";
import { mplex } from "@libp2p/mplex";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { localAddress } from "./addresses.js";
import { selfSigned } from "./certificate.js";
import { Failure, rootCause, Status } from "./failure.js";

const SECURE_CHANNELS = { noise, tls };
const MUXERS = { yamux, mplex };

/** Returns a started node with a new Ed25519 identity; a dialer does not listen. Throws a Failure on an error. */
export async function startNode(settings) {
  const local = localAddress(settings);
  try {
    // The time limit of the test replaces the library's limits for a dial, which are 6 and 10 s.
    const limit = 1000 * settings.timeout;
    return await createLibp2p({
      privateKey: await generateKeyPair("Ed25519"),
      addresses: { listen: settings.isDialer ? [] : [local] },
      transports: [await transport(settings)],
      connectionEncrypters: [SECURE_CHANNELS[settings.secureChannel]()],
      streamMuxers: [MUXERS[settings.muxer]()],
      connectionManager: {
        dialTimeout: limit,
        addressDialTimeout: limit,
        // By default, the library accepts from one host only 5 connections per second, and only 10 unfinished ones.
        inboundConnectionThreshold: Infinity,
        maxIncomingPendingConnections: Infinity,
      },
      services: { identify: identify(), ping: ping() },
    });
  } catch (error) {
    const line = `the libp2p node at ${local}: expected it to start, found: ${rootCause(error)}`;
    throw new Failure(Status.HOST, line, { cause: error });
  }
}

async function transport(settings) {
  if (settings.transport === "tcp") return tcp();
  if (settings.transport === "ws") return webSockets();
  if (settings.isDialer) {
    // Accept any certificate: a listener signs its own certificate, and the libp2p secure channel inside TLS checks the
    // identity of the listener. The library dials with Node's WebSocket, which reads no other setting for this.
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    return webSockets();
  }
  return webSockets({ https: await selfSigned() });
}
