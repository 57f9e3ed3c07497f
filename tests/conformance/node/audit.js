// Runs the audits of graphql-http against a server: node audit.js http://127.0.0.1:8080/graphql
// Exits with 1 if an audit of what a server MUST or SHOULD do fails.

import { auditServer } from "graphql-http";

const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node audit.js URL");
  process.exit(2);
}

const results = await auditServer({ url, fetchFn: fetch });
if (results.length === 0) {
  console.error("no audit has run");
  process.exit(2);
}
const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
for (const result of results) {
  counts[result.status] += 1;
  if (result.status !== "ok") console.log(`${result.status} ${result.id} ${result.name}: ${result.reason}`);
}
console.log(`${results.length} audits: ${counts.ok} ok, ${counts.notice} MAY, ${counts.warn} SHOULD and ${counts.error} MUST failed`);
process.exit(counts.warn + counts.error === 0 ? 0 : 1);
