// The kinds of errors, each with its exit status; docs/reference/harness.md describes them.

export const Status = {
  FAULT: 1,
  SETTINGS: 2,
  RENDEZVOUS: 3,
  ADDRESS: 4,
  DIAL: 5,
  PEER_ID: 6,
  PING: 7,
  TIME: 8,
  HOST: 9,
};

/** An error with an exit status and one printable line: the source, the expected state, and the state found. */
export class Failure extends Error {
  constructor(status, line, options) {
    super(line, options);
    this.status = status;
  }
}

/** Returns the innermost cause of an error, as `Name: message`. */
export function rootCause(error) {
  const below = error?.errors?.[0] ?? error?.cause ?? error?.error; // an ErrorEvent has its cause in `error`
  if (below instanceof Error) return rootCause(below);
  if (!(error instanceof Error)) return shown(String(error));
  return error.message ? `${error.name}: ${error.message}` : (error.code ?? error.name);
}

/** Returns a value as an error message shows it: quoted, printable, and cut to 60 characters. */
export function shown(value) {
  return JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 57)}...`);
}

/** Prints an error's line on standard error and ends the process; the status is FAULT unless `error` is a Failure. */
export function end(error) {
  const status = error instanceof Failure ? error.status : Status.FAULT;
  const line = error instanceof Failure ? error.message : `a fault of this program: ${rootCause(error)}`;
  const printable = line
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e…]/gu, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`);
  process.stderr.write(`peer-js: ${printable.slice(0, 1000)}\n`);
  process.exit(status);
}
