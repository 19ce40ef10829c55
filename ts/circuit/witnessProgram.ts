import { readFileSync } from 'node:fs';
import { RollupError } from '../base/errors.ts';
import { FIELD, modField } from '../spec/field.ts';

/** Inputs by qualified signal name; arrays are flattened in row-major order. */
export type SignalInputs = Record<string, SignalInput>;
export type SignalInput = bigint | readonly SignalInput[];

/** A circuit's witness program (circom's .wasm), loaded once and run many times. */
export interface WitnessProgram {
  /** @throws RollupError when an input is missing, unknown or of the wrong size, or (unless it is silenced) one of the program's checks fails */
  calculate(inputs: SignalInputs): bigint[];
  /** Checks that failed in the last run of a silenced program, e.g. `Range line: 11`, innermost first. */
  failedChecks(): readonly string[];
}

export interface LoadWitnessProgramOptions {
  /** The program's checks (`===`, `assert`) are only noted, so that it ends with whatever witness follows from the inputs. */
  silenced?: boolean;
}

/** How every check ends: call printErrorMessage (import 1), i32.const 4, return, end. Silenced, the failure is printed and not returned. */
const CHECK_FAILS = Buffer.from([0x10, 0x01, 0x41, 0x04, 0x0f, 0x0b]);
const CHECK_CONTINUES = Buffer.from([0x10, 0x01, 0x01, 0x01, 0x01, 0x0b]);

/** What the program exports; a field element passes through a shared buffer of 32-bit words, least significant first. */
interface ProgramExports {
  init(sanityCheck: number): void;
  getFieldNumLen32(): number;
  getRawPrime(): void;
  getWitnessSize(): number;
  getInputSize(): number;
  getInputSignalSize(hashHigh: number, hashLow: number): number;
  setInputSignal(hashHigh: number, hashLow: number, index: number): void;
  getWitness(index: number): void;
  readSharedRWMemory(word: number): number;
  writeSharedRWMemory(word: number, value: number): void;
  getMessageChar(): number;
  memory: WebAssembly.Memory;
  /** Address of the shared buffer in `memory`. */
  getSharedRWMemoryStart(): number;
}

export async function loadWitnessProgram(path: string, { silenced = false }: LoadWitnessProgramOptions = {}): Promise<WitnessProgram> {
  let program: ProgramExports | undefined;
  let messages: string[] = [];
  const readMessage = (): string => {
    let text = '';
    for (let c = program?.getMessageChar() ?? 0; c !== 0; c = program?.getMessageChar() ?? 0) text += String.fromCharCode(c);
    return text;
  };
  const runtime = {
    exceptionHandler(code: number): void {
      throw new RollupError('Witness program stopped', { facts: { code, ...Object.fromEntries(messages.map((m, i) => [`${i + 1}`, m])) } });
    },
    printErrorMessage(): void {
      messages.push(readMessage().replace('Error in template ', '').replace(/_\d+ line/, ' line').trim());
    },
    writeBufferMessage(): void {
      readMessage();
    },
    showSharedRWMemory(): void {},
  };
  const { instance } = await WebAssembly.instantiate(silenced ? silence(readFileSync(path)) : readFileSync(path), { runtime });
  const exports = instance.exports as unknown as ProgramExports;
  program = exports;
  const words = exports.getFieldNumLen32();
  // Straight from memory, 64 bits at a time: a call for each word would take most of the time. Most wires are bits.
  let shared = new DataView(exports.memory.buffer);
  const read = (): bigint => {
    // Memory that has grown is another buffer.
    if (shared.buffer !== exports.memory.buffer || shared.byteLength !== 4 * words) shared = new DataView(exports.memory.buffer, exports.getSharedRWMemoryStart(), 4 * words);
    let value = 0n;
    for (let i = 4 * words - 8; i >= 0; i -= 8) {
      const limb = shared.getBigUint64(i, true);
      value = value === 0n ? limb : (value << 64n) | limb;
    }
    return value;
  };
  exports.getRawPrime();
  if (read() !== FIELD) throw new RollupError('Witness program is not over the BN254 scalar field', { facts: { path } });

  return {
    calculate(inputs) {
      messages = [];
      exports.init(0);
      let set = 0;
      for (const [name, value] of Object.entries(inputs)) {
        const [high, low] = fnv1a(name);
        const elements = flatten(value);
        const size = exports.getInputSignalSize(high, low);
        if (size !== elements.length) {
          throw new RollupError(size < 0 ? 'Circuit has no such input' : 'Input has the wrong size', { facts: { name, expected: size, actual: elements.length } });
        }
        elements.forEach((element, index) => {
          let rest = modField(element);
          for (let i = 0; i < words; i++, rest >>= 32n) exports.writeSharedRWMemory(i, Number(rest & 0xffff_ffffn));
          exports.setInputSignal(high, low, index);
          set++;
        });
      }
      if (set !== exports.getInputSize()) throw new RollupError('Inputs are missing', { facts: { expected: exports.getInputSize(), actual: set } });
      return Array.from({ length: exports.getWitnessSize() }, (_, i) => {
        exports.getWitness(i);
        return read();
      });
    },
    failedChecks: () => messages,
  };
}

function silence(program: Buffer): Buffer {
  let found = 0;
  for (let at = program.indexOf(CHECK_FAILS); at >= 0; at = program.indexOf(CHECK_FAILS, at + 1), found++) CHECK_CONTINUES.copy(program, at);
  if (found === 0) throw new RollupError('Witness program has no check to silence', { hint: 'circom writes its checks in another way now.' });
  return program;
}

function flatten(value: SignalInput): bigint[] {
  return typeof value === 'bigint' ? [value] : value.flatMap(flatten);
}

/** 64-bit FNV-1a of a signal's name as two signed halves: how the program knows its inputs. */
function fnv1a(text: string): [high: number, low: number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  return [Number(hash >> 32n), Number(hash & 0xffff_ffffn)];
}
