#!/usr/bin/env node
// Runs one of the programs in ts/cli: node ts/tools/run.cjs ts/cli/devnet.ts [arguments]
//
// The programs and what they need of the pure libraries are put together into few files, once for each state of the sources (out/programs).
// Loading a thousand modules through a TypeScript loader takes longer than most commands work; so a command is there in a quarter of the time.
"use strict";
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } = require("node:fs");
const { basename, join, relative, resolve } = require("node:path");
const { pathToFileURL } = require("node:url");

const root = resolve(__dirname, "..", "..");
const folder = join(root, "out", "programs");
/** Milliseconds: a program that still runs may load a part of itself late. */
const KEPT = 24 * 3600 * 1000;
/** What a program depends on besides the files below ts. */
const OUTSIDE = [join("circuits", "params.json"), "package-lock.json"];
/** Libraries without native parts, workers or files of their own. All others are loaded from node_modules as they are. */
const PURE = /^(?:viem|ox|abitype|@noble\/(?:curves|hashes|ciphers)|@scure\/(?:base|bip32|bip39)|eventemitter3)(?:\/|$)/;

main();

async function main() {
  const [program, ...args] = process.argv.slice(2);
  const entry = program === undefined ? undefined : resolve(root, program);
  const programs = readdirSync(join(root, "ts", "cli")).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts")).map((name) => join(root, "ts", "cli", name));
  if (!programs.includes(entry)) {
    process.stderr.write(`run.cjs: expected a program of ts/cli, got ${program ?? "nothing"}. Usage: run.cjs ts/cli/NAME.ts [arguments]\n`);
    process.exit(2);
  }
  process.argv = [process.argv[0], entry, ...args];
  const built = join(folder, stateOf(join(root, "ts")));
  if (existsSync(built)) utimesSync(built, new Date(), new Date());
  else if (!(await build(programs, built))) return;
  process.setSourceMapsEnabled(true);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", unread);
  await import(pathToFileURL(join(built, `${basename(entry, ".ts")}.mjs`)).href);
}

let isUnread = false;

/** Nobody reads the output any more (`… | head`): the end, an orderly one where there is something to stop. */
function unread(error) {
  if (error.code !== "EPIPE") throw error;
  if (isUnread) return;
  isUnread = true;
  if (process.listenerCount("SIGTERM") > 0) process.kill(process.pid, "SIGTERM");
  else process.exit();
}

/** Name for the sources as they are now: every file below ts and of OUTSIDE with its size and time, and who runs it. */
function stateOf(sources) {
  const hash = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}`);
  const note = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  };
  for (const name of readdirSync(sources, { recursive: true }).sort()) if (/(?<!\.test)\.(?:ts|json|cjs)$/.test(name)) note(join(sources, name));
  for (const name of OUTSIDE) note(join(root, name));
  return hash.digest("hex").slice(0, 24);
}

async function build(entryPoints, target) {
  const own = `${target}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  try {
    const { metafile } = await require("esbuild").build({
      absWorkingDir: root,
      metafile: true,
      entryPoints,
      outdir: own,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      sourcemap: "linked",
      logLevel: "silent",
      plugins: [{ name: "programs", setup: inPlace }],
    });
    for (const name of Object.keys(metafile.inputs)) {
      if (!/^(?:ts|node_modules|\.\.)[\\/]/.test(name) && !OUTSIDE.includes(join(name))) throw new Error(`${name} is part of a program; a change of it would go unseen. Name it in OUTSIDE of ts/tools/run.cjs.`);
    }
    renameSync(own, target);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    // When another process was first, what it made is the same.
    if (!existsSync(target)) return fail(error);
  }
  for (const name of readdirSync(folder)) if (Date.now() - statSync(join(folder, name)).mtimeMs > KEPT) rmSync(join(folder, name), { recursive: true, force: true });
  return true;
}

/** Says what is wrong with the sources, in which place. */
async function fail({ errors, message }) {
  const places = errors === undefined ? [message] : await require("esbuild").formatMessages(errors, { kind: "error", terminalWidth: 160 });
  process.stderr.write(`run.cjs: the programs of ts/cli cannot be put together. Correct this, or see npx tsc -p .\n${places.join("").trimEnd()}\n`);
  process.exitCode = 1;
  return false;
}

/** Modules keep the place they know of themselves (workers and data are found from there); libraries that are not pure stay where they are. */
function inPlace(context) {
  context.onResolve({ filter: /^[^./]/ }, ({ path, kind }) => (kind === "entry-point" || PURE.test(path) ? undefined : { path, external: true }));
  context.onLoad({ filter: /\.ts$/ }, ({ path }) => {
    if (relative(root, path).startsWith("node_modules")) return undefined;
    const text = readFileSync(path, "utf8");
    const place = JSON.stringify(pathToFileURL(path).href);
    return { contents: text.replaceAll("import.meta.url", place), loader: "ts" };
  });
}
