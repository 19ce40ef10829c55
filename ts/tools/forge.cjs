#!/usr/bin/env node
// forge with its own exit code: the launcher that npm installs as `forge` ends with 0 whatever forge ended with, so that a failing test
// would not fail a script. Usage: forge.cjs <arguments of forge>
"use strict";
const { spawnSync } = require("node:child_process");
const path = require("node:path");

const arch = { x64: "amd64", arm64: "arm64" }[process.arch] ?? process.arch;
const name = process.platform === "win32" ? "forge.exe" : "forge";
let binary;
try {
  // The platform's package belongs to the launcher's, wherever npm put it.
  const launcher = path.dirname(require.resolve("@foundry-rs/forge/package.json"));
  binary = require.resolve(`@foundry-rs/forge-${process.platform}-${arch}/bin/${name}`, { paths: [launcher] });
} catch {
  process.stderr.write(`forge.cjs: there is no forge for ${process.platform} ${arch} in node_modules. Run npm ci on a platform that has one.\n`);
  process.exit(1);
}
const { status, signal, error } = spawnSync(binary, process.argv.slice(2), { stdio: "inherit" });
if (error) process.stderr.write(`forge.cjs: ${error.message}\n`);
// A signal counts as a failure, as in a shell.
process.exitCode = status ?? (signal === "SIGINT" ? 130 : 1);
