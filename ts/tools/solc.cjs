#!/usr/bin/env node
// forge talks to a native solc over stdin/stdout; npm ships the compiler as a JavaScript module. This file is the adapter.
// Usage: solc.cjs --version | solc.cjs --standard-json < input.json
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const args = process.argv.slice(2);

/** forge asks for the version at every command; the answer sits in the package's manifest and its build name in the module. */
function version() {
  const cache = path.join(__dirname, "..", "..", "node_modules", ".cache", "solc-version.txt");
  const wanted = require("solc/package.json").version;
  try {
    const cached = fs.readFileSync(cache, "utf8");
    if (cached.startsWith(wanted + "+")) return cached;
  } catch {
    // No cache yet: load the module once below.
  }
  const found = require("solc").version().replace(".Emscripten.clang", "");
  try {
    fs.mkdirSync(path.dirname(cache), { recursive: true });
    fs.writeFileSync(cache, found);
  } catch {
    // A read-only checkout only loses the cache.
  }
  return found;
}

if (args.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version()}.Linux.g++\n`);
} else if (args.includes("--standard-json")) {
  const input = fs.readFileSync(0, "utf8");
  process.stdout.write(require("solc").compile(input));
} else {
  process.stderr.write(
    `solc.cjs: expected --version or --standard-json, got "${args.join(" ")}". It is called by forge (foundry.toml, key "solc").\n`,
  );
  process.exitCode = 2;
}
