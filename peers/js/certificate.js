// A self-signed certificate for one run, for the TLS of WebSocket Secure. The libp2p secure channel inside TLS checks
// the identity of the other node, so nobody has to trust the certificate.

import { KeyObject, webcrypto } from "node:crypto";
import "reflect-metadata"; // @peculiar/x509 needs this module
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";

const HOUR = 3_600_000; // in milliseconds

/** Returns a new key and certificate for localhost, valid for a day, in the form that node:https accepts. */
export async function selfSigned() {
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=localhost",
      notBefore: new Date(Date.now() - HOUR),
      notAfter: new Date(Date.now() + 24 * HOUR),
      extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
      keys,
      signingAlgorithm,
    },
    webcrypto,
  );
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" });
  return { cert: certificate.toString("pem"), key };
}
