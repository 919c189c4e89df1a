// Calls the operations given on standard input ({operation: parts}) and prints {operation: answer or error}.
// Usage: node call_every_operation.js WSDL-URL, with the toolkit in NODE_PATH.
const fs = require("node:fs");
const soap = require("soap");

async function main(wsdl) {
  const calls = JSON.parse(fs.readFileSync(0, "utf8"));
  const client = await soap.createClientAsync(wsdl);
  const answers = {};
  for (const [operation, parts] of Object.entries(calls)) {
    try {
      const [answer] = await client[`${operation}Async`](parts);
      answers[operation] = answer;
    } catch (error) {
      answers[operation] = { error: String(error.message ?? error) };
    }
  }
  console.log(JSON.stringify(answers));
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
