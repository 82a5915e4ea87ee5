// User tokens, as a product's back end would sign them, and as others would forge them.

import { createHmac, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

type Claims = Record<string, unknown>;
type Signer = (signed: string) => string;

export const SECRET = "the-secret-of-the-products-back-end-0123";

const encode = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const seconds = () => Math.floor(Date.now() / 1000);

/** A token of just these texts. */
export function token(header: unknown, claims: unknown, signer: Signer) {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${signer(signed)}`;
}

export const hmac = (secret: string): Signer => (signed) => createHmac("sha256", secret).update(signed).digest("base64url");
export const ecdsa = (key: KeyObject): Signer => (signed) =>
  sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
export const ed25519 = (key: KeyObject): Signer => (signed) => sign(null, Buffer.from(signed), key).toString("base64url");

/** The claims of a good token that holds for ten minutes. */
export const claims = (sub: string, more: Claims = {}): Claims => ({ sub, iat: seconds(), exp: seconds() + 600, ...more });

/** A good token with HS256. */
export const tokenOf = (sub: string, more: Claims = {}) => token({ alg: "HS256", typ: "JWT" }, claims(sub, more), hmac(SECRET));

/** A fresh key pair; the public one in PEM. */
export function keyPair(kind: "ES256" | "EdDSA") {
  const { publicKey, privateKey } = kind === "ES256"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("ed25519");
  const signer = (kind === "ES256" ? ecdsa : ed25519)(privateKey);
  return { pem: publicKey.export({ type: "spki", format: "pem" }).toString(), signer };
}
