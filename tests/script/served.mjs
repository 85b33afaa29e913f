// What a script is as the hub serves it, beside its source: `node served.mjs SERVED SOURCE...` writes JSON.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import ts from "../../npm/node_modules/typescript/lib/typescript.js";

const [served, ...sources] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const source = sources.join("");

// In one form, whatever white space and comments it had.
const printed = (code) =>
  ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, removeComments: true } }).outputText;

console.log(
  JSON.stringify({
    is_the_source: printed(served) === printed(source),
    // Printed with the comments that are left.
    has_comments: printed(served) !== ts.transpileModule(served, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText,
    bytes: Buffer.byteLength(served),
    gzipped: gzipSync(served, { level: 9 }).length,
  }),
);
