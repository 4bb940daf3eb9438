// How much a first visit fetches before anything is loaded on demand, compressed; fails past the budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 150 * 1024;

const dist = new URL("../dist/", import.meta.url);
const index = readFileSync(new URL("index.html", dist));
const names = [...index.toString().matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(([, name]) => name);
const sizes = [["index.html", gzipSync(index).length], ...names.map((name) => [name, gzipSync(readFileSync(new URL(name, dist))).length])];
for (const [name, size] of sizes) console.log(`${(size / 1024).toFixed(1).padStart(7)} KiB  ${name}`);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
console.log(`${(total / 1024).toFixed(1).padStart(7)} KiB  together, of ${BUDGET_BYTES / 1024}`);
process.exitCode = total > BUDGET_BYTES ? 1 : 0;
