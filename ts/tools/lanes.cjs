#!/usr/bin/env node
// Runs commands at the same time, each line of output behind the number of its lane; fails when one of them fails, after all have ended.
// solc and circom use one core each. Usage: lanes.cjs "npm run a" "npm run b && npm run c"
"use strict";
const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");

const lanes = process.argv.slice(2);
if (lanes.length === 0) {
  process.stderr.write('lanes.cjs: expected commands, got none. Usage: lanes.cjs "npm run a" "npm run b && npm run c"\n');
  process.exit(2);
}

const run = (command, index) =>
  new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      createInterface({ input: from }).on("line", (line) => to.write(`${index + 1}| ${line}\n`));
    }
    child.on("error", (error) => resolve({ command, end: error.message }));
    child.on("close", (code, signal) => resolve({ command, end: code ?? signal }));
  });

Promise.all(lanes.map(run)).then((ends) => {
  const failed = ends.filter(({ end }) => end !== 0);
  for (const { command, end } of failed) process.stderr.write(`lanes.cjs: \`${command}\` ended with ${end}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});
