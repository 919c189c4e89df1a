// A GetTransactionList service as one writes it with node's `soap`, on the hub's own WSDL, in two processes.
// node soap_service.js PORT WSDL ROWS: the rows are the ones that the hub lists (bench/peer_rows.py), as objects in
// memory. The toolkit writes every element in one namespace; without its prefix that is less text than the hub's.
"use strict";
const cluster = require("node:cluster");
const fs = require("node:fs");
const http = require("node:http");
const soap = require("soap");

const PROCESSES = 2;
const [port, wsdl, rows] = process.argv.slice(2);

if (cluster.isPrimary) {
  let listening = 0;
  cluster.on("listening", () => {
    listening += 1;
    if (listening === PROCESSES) console.log("ready");
  });
  for (let number = 0; number < PROCESSES; number += 1) cluster.fork();
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers)) worker.kill("SIGKILL");
    process.exit(0);
  });
} else {
  serve();
}

function serve() {
  const listed = read(JSON.parse(fs.readFileSync(rows, "utf8")));
  const GetTransactionList = (request) => {
    const patient = request.select.patient;
    const transaction = listed.get(patient.id[0].$value);
    return { acknowledge: { iscomplete: true }, kmehrheader: { folder: { patient, transaction } } };
  };
  const server = http.createServer();
  soap.listen(server, {
    path: "/",
    services: { IntraHubService: { IntraHub: { GetTransactionList } } },
    xml: fs.readFileSync(wsdl, "utf8"),
    uri: wsdl,
    ignoredNamespaces: { namespaces: ["protocol"], override: true },
    callback: () => server.listen(Number(port), "127.0.0.1"),
  });
}

// Objects as the toolkit takes them: attributes apart, the elements in the order of the schema.
function read({ authors, patients }) {
  const chains = authors.map((author) => ({ hcparty: author.map(party) }));
  return new Map(
    Object.entries(patients).map(([number, list]) => [
      number,
      list.map((row) => ({ ...row, id: row.id.map(coded), cd: row.cd.map(coded), author: chains[row.author] })),
    ]),
  );
}

function party({ id = [], cd = [], address = [], ...names }) {
  const addresses = address.map((one) => ({
    cd: one.cd.map(coded),
    country: { cd: coded(one.country.cd) },
    zip: one.zip,
  }));
  return { id: id.map(coded), cd: cd.map(coded), ...names, address: addresses };
}

function coded({ value, ...attributes }) {
  return { attributes, $value: value };
}
