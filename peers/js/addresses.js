// The multiaddrs (addresses of libp2p nodes) of a ping test: those to listen on, to announce and to dial.

import { networkInterfaces } from "node:os";
import { isIPv6 } from "node:net";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import { Failure, shown, Status } from "./failure.js";

// For each transport, the protocols that a multiaddr may have between the IP address and the peer ID. A listener uses
// the first form.
const LAYERS = { tcp: ["tcp"], ws: ["tcp/ws"], wss: ["tcp/tls/ws", "tcp/wss"] };
const HOSTS = ["ip4", "ip6", "dns", "dns4", "dns6"];

/** Returns the multiaddr to listen on. Its port is 0, so that the system chooses a free port. */
export function localAddress({ transport, listenerIp }) {
  const [layer, ...rest] = LAYERS[transport][0].split("/");
  return ["", isIPv6(listenerIp) ? "ip6" : "ip4", listenerIp, layer, "0", ...rest].join("/");
}

/** Returns the multiaddr for the dialer: the address `listening`, with an IP address that other hosts can reach. */
export function announcedAddress(settings, listening) {
  const [, family, ip, ...rest] = listening.toString().split("/");
  const unspecified = ["0.0.0.0", "::"].includes(
    multiaddr(`/${family}/${settings.listenerIp}`).getComponents()[0].value,
  );
  return ["", family, unspecified ? reachableIp(settings) : ip, ...rest].join("/");
}

function reachableIp({ listenerIp }) {
  const family = isIPv6(listenerIp) ? "IPv6" : "IPv4";
  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one.family === family && !one.internal && !/^(fe[89ab]|169\.254\.)/i.test(one.address));
  if (own) return own.address;
  const expected = `LISTENER_IP=${listenerIp}: expected an ${family} address other than loopback on this machine`;
  const loopback = family === "IPv6" ? "::1" : "127.0.0.1";
  throw new Failure(Status.ADDRESS, `${expected}, found none; listen on loopback only, with LISTENER_IP=${loopback}`);
}

/** Parses an announced multiaddr. Throws a Failure that names `source` if the transport cannot dial the multiaddr. */
export function parseTarget(text, source, transport) {
  try {
    const address = multiaddr(text);
    const parts = address.getComponents();
    const names = parts.map((one) => one.name);
    if (names.at(-1) !== "p2p") throw new Error("it does not end with a peer ID");
    peerIdFromString(parts.at(-1).value);
    if (!HOSTS.includes(names[0]) || !LAYERS[transport].includes(names.slice(1, -1).join("/")))
      throw new Error(`it is for another transport: ${names.join("/")}`);
    return address;
  } catch (error) {
    const expected = `expected the listener's ${transport} multiaddr with its peer ID`;
    const line = `${source}: ${expected}, found ${shown(text)}: ${error.message}`;
    throw new Failure(Status.ADDRESS, line, { cause: error });
  }
}
