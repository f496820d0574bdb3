// The js peer: plays one role of one ping test, the dialer or the listener, with js-libp2p. docs/reference/harness.md
// lists the variables and the exit statuses.

import { writeSync } from "node:fs";
import { end, Failure, Status } from "./failure.js";
import { readSettings } from "./settings.js";

/** The stage that the role has reached, and a timer that ends the process when the time limit of the test is over. */
class Clock {
  stage = "starting";
  #timer;

  constructor(seconds) {
    const left = 1000 * seconds - performance.now(); // now() is the time since the process started
    this.#timer = setTimeout(() => {
      end(new Failure(Status.TIME, `expected a result within ${seconds} s, found none: still ${this.stage}`));
    }, left);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

async function main() {
  const settings = readSettings(process.env);
  const stop = (signal, status) => process.on(signal, () => process.exit(settings.isDialer ? status : 0));
  stop("SIGINT", 130);
  stop("SIGTERM", 143);
  const clock = settings.isDialer ? new Clock(settings.timeout) : undefined;
  // Without the next line, Node would print warnings next to the one line of a failure.
  if (!settings.debug) process.removeAllListeners("warning");

  // This import takes most of the time until the node listens.
  const { dial, listen, logEverything } = await import("./roles.js");
  if (settings.debug) logEverything();
  if (!settings.isDialer) return listen(settings);
  return dial(settings, clock, (latency) => {
    clock.stop();
    const figures = {
      handshake_plus_one_rtt: latency.handshakePlusOneRtt.toFixed(3),
      ping_rtt: latency.pingRtt.toFixed(3),
      unit: "ms",
    };
    const lines = Object.entries(figures).map(([name, value]) => `  ${name}: ${value}\n`);
    writeSync(1, `latency:\n${lines.join("")}`);
  });
}

process.on("uncaughtException", end); // this includes errors in the library's own tasks
main().then(() => process.exit(0), end);
