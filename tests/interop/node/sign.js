// Signs envelopes with xml-crypto. Usage: node sign.js FOLDER…, with the toolkit in NODE_PATH.
// A folder holds envelope.xml, key.pem, certificate.pem and, for the holder-of-key profile, assertion.xml; it gets
// signed.xml.
const { createPrivateKey, sign, X509Certificate } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { SignedXml } = require("xml-crypto");

const WSS = "http://docs.oasis-open.org/wss";
const WSSE = `${WSS}/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd`;
const WSU = `${WSS}/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd`;
const X509 = `${WSS}/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3`;
const ASSERTION_ID = `${WSS}/oasis-wss-saml-token-profile-1.0#SAMLAssertionID`;
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
const RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

// xml-crypto knows RSA only, and takes other algorithms from its callers.
class EcdsaSha256 {
  getSignature = (signedInfo, key) =>
    sign("sha256", Buffer.from(signedInfo), { key, dsaEncoding: "ieee-p1363" }).toString("base64");
  getAlgorithmName = () => ECDSA_SHA256;
}

function signed(folder) {
  const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
  const isHolder = fs.existsSync(path.join(folder, "assertion.xml"));
  const privateKey = createPrivateKey(read("key.pem"));
  const token = isHolder
    ? read("assertion.xml")
    : `<wsse:BinarySecurityToken ValueType="${X509}" wsu:Id="certificate">` +
      `${new X509Certificate(read("certificate.pem")).raw.toString("base64")}</wsse:BinarySecurityToken>`;
  const reference = isHolder
    ? `<wsse:KeyIdentifier ValueType="${ASSERTION_ID}">${/AssertionID="([^"]+)"/.exec(token)[1]}</wsse:KeyIdentifier>`
    : `<wsse:Reference URI="#certificate" ValueType="${X509}"/>`;
  const now = Date.now();
  const moment = (seconds) => new Date(now + seconds * 1000).toISOString();
  const security =
    `<wsse:Security xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}">${token}<wsu:Timestamp>` +
    `<wsu:Created>${moment(0)}</wsu:Created><wsu:Expires>${moment(60)}</wsu:Expires></wsu:Timestamp></wsse:Security>`;

  const signature = new SignedXml({
    privateKey,
    idMode: "wssecurity",
    signatureAlgorithm: privateKey.asymmetricKeyType === "ec" ? ECDSA_SHA256 : RSA_SHA256,
    canonicalizationAlgorithm: EXCLUSIVE,
    getKeyInfoContent: () => `<wsse:SecurityTokenReference>${reference}</wsse:SecurityTokenReference>`,
  });
  signature.SignatureAlgorithms[ECDSA_SHA256] = EcdsaSha256;
  const parts = isHolder ? ["Body", "Timestamp"] : ["Body", "Timestamp", "BinarySecurityToken"];
  for (const part of parts) {
    const xpath = `//*[local-name(.)='${part}']`;
    signature.addReference({ xpath, transforms: [EXCLUSIVE], digestAlgorithm: SHA256 });
  }
  signature.computeSignature(read("envelope.xml").replace("<S:Header/>", `<S:Header>${security}</S:Header>`), {
    prefix: "ds",
    location: { reference: "//*[local-name(.)='Security']", action: "append" },
    existingPrefixes: { wsse: WSSE },
  });
  return signature.getSignedXml();
}

for (const folder of process.argv.slice(2)) {
  fs.writeFileSync(path.join(folder, "signed.xml"), signed(folder));
}
