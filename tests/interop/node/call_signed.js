// Asks for a list in a message that `soap` signs by its WSSecurityCert; prints what was sent, and the answer or the error.
// Usage: node call_signed.js WSDL-URL FOLDER, with the toolkit in NODE_PATH and {request, options} on standard input.
// The folder holds key.pem, certificate.pem and, for the holder-of-key profile, assertion.xml.
const fs = require("node:fs");
const path = require("node:path");
const soap = require("soap");

const ASSERTION_ID = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID";

function security(folder, options) {
  const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
  const signing = (more) => new soap.WSSecurityCert(read("key.pem"), read("certificate.pem"), "", { ...options, ...more });
  if (!fs.existsSync(path.join(folder, "assertion.xml"))) {
    return signing({});
  }
  const assertion = read("assertion.xml");
  const holder = signing({ appendElement: assertion });
  // The toolkit names its certificate here; the holder of an assertion names that.
  holder.signer.getKeyInfoContent = () =>
    `<wsse:SecurityTokenReference><wsse:KeyIdentifier ValueType="${ASSERTION_ID}">` +
    `${/AssertionID="([^"]+)"/.exec(assertion)[1]}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`;
  return holder;
}

async function main(wsdl, folder) {
  const { request, options } = JSON.parse(fs.readFileSync(0, "utf8"));
  const client = await soap.createClientAsync(wsdl);
  client.setSecurity(security(folder, options));
  const answer = await client.GetTransactionListAsync(request).then(
    ([answer]) => answer,
    (error) => ({ error: String(error.message ?? error) }),
  );
  console.log(JSON.stringify({ sent: client.lastRequest, answer }));
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
