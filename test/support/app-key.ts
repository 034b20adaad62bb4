import { generateKeyPairSync } from "node:crypto";

/** A GitHub App with a private key of its own, made afresh for the test run. */
export const TEST_APP = {
  id: 4_711,
  privateKey: generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey,
};
