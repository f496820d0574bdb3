// Reads and checks the environment variables that the harness unified-testing sets, before the node opens anything.

import { isIP } from "node:net";
import { Failure, shown, Status } from "./failure.js";

const TRANSPORTS = ["tcp", "ws", "wss"];
const SECURE_CHANNELS = ["noise", "tls"];
const MUXERS = ["yamux", "mplex"];

/** Returns the settings of a role. Throws a Failure that names a wrong variable, its expected and its found value. */
export function readSettings(environ) {
  const read = (name, expected, accepts, value = environ[name]) => {
    if (value !== undefined && accepts(value)) return value;
    const found = value === undefined ? "nothing (unset)" : value === "" ? "nothing (empty)" : shown(value);
    throw new Failure(Status.SETTINGS, `${name}: expected ${expected}, found ${found} in the environment`);
  };
  const choice = (name, choices) => read(name, `one of ${choices.join(", ")}`, (value) => choices.includes(value));
  const truth = (name, value) =>
    read(name, "true or false", (word) => /^(true|false)$/i.test(word), value).toLowerCase() === "true";

  return Object.freeze({
    isDialer: truth("IS_DIALER"),
    transport: choice("TRANSPORT", TRANSPORTS),
    secureChannel: choice("SECURE_CHANNEL", SECURE_CHANNELS),
    muxer: choice("MUXER", MUXERS),
    redis: hostAndPort(read("REDIS_ADDR", "HOST:PORT, a port from 1 to 65535", (value) => hostAndPort(value) !== null)),
    key: read("TEST_KEY", "8 hexadecimal digits", (value) => /^[0-9a-f]{8}$/i.test(value)),
    listenerIp: read(
      "LISTENER_IP",
      "an IPv4 or IPv6 address to listen on",
      isPlainIp,
      environ.LISTENER_IP ?? "0.0.0.0",
    ),
    timeout: Number(
      read(
        "TEST_TIMEOUT_SECS",
        "a number of seconds, more than 0 and at most 86400",
        (value) => /^[0-9]{1,5}(\.[0-9]{1,6})?$/.test(value) && Number(value) > 0 && Number(value) <= 86_400,
        environ.TEST_TIMEOUT_SECS ?? "180",
      ),
    ),
    debug: truth("DEBUG", environ.DEBUG || "false"),
  });
}

function hostAndPort(value) {
  const found = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+)):([0-9]{1,5})$/i.exec(value);
  const port = Number(found?.[3]);
  return port >= 1 && port <= 65_535 ? { host: found[1] ?? found[2], port } : null;
}

function isPlainIp(value) {
  return isIP(value) !== 0 && !value.includes("%");
}
