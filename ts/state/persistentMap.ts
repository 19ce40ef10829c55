const BITS = 5;
const MASK = (1 << BITS) - 1;
const HASH_BITS = 32;

interface Branch<K, V> {
  /** Which of the 32 slots are filled; `slots` holds only those, in order. */
  bitmap: number;
  slots: readonly (Branch<K, V> | Bucket<K, V>)[];
}

/** Entries whose keys have one hash; almost always one. */
interface Bucket<K, V> {
  hash: number;
  entries: readonly (readonly [K, V])[];
}

/**
 * An immutable map (hash trie): `set` and `delete` give a new map and share everything else with the old one, so that a ledger can be forked for
 * nothing.
 */
export class PersistentMap<K extends string | number, V> {
  readonly size: number;
  readonly #root: Branch<K, V>;

  private constructor(root: Branch<K, V>, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<K extends string | number, V>(): PersistentMap<K, V> {
    return new PersistentMap<K, V>({ bitmap: 0, slots: [] }, 0);
  }

  get(key: K): V | undefined {
    const hash = hashOf(key);
    let branch = this.#root;
    for (let shift = 0; ; shift += BITS) {
      const bit = bitAt(hash, shift);
      if ((branch.bitmap & bit) === 0) return undefined;
      const slot = branch.slots[position(branch.bitmap, bit)];
      if (slot === undefined) return undefined;
      if ('entries' in slot) return slot.entries.find(([candidate]) => candidate === key)?.[1];
      branch = slot;
    }
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  set(key: K, value: V): PersistentMap<K, V> {
    return new PersistentMap(insert(this.#root, key, value, hashOf(key), 0), this.has(key) ? this.size : this.size + 1);
  }

  delete(key: K): PersistentMap<K, V> {
    return this.has(key) ? new PersistentMap(remove(this.#root, key, hashOf(key), 0), this.size - 1) : this;
  }

  /** All entries, in no particular order. */
  *entries(): Generator<readonly [K, V]> {
    yield* walk(this.#root);
  }
}

function insert<K, V>(branch: Branch<K, V>, key: K, value: V, hash: number, shift: number): Branch<K, V> {
  const bit = bitAt(hash, shift);
  const at = position(branch.bitmap, bit);
  const old = (branch.bitmap & bit) === 0 ? undefined : branch.slots[at];
  if (old === undefined) {
    const bucket: Bucket<K, V> = { hash, entries: [[key, value]] };
    return { bitmap: branch.bitmap | bit, slots: branch.slots.toSpliced(at, 0, bucket) };
  }
  return { bitmap: branch.bitmap, slots: branch.slots.with(at, replace(old, key, value, hash, shift)) };
}

function replace<K, V>(old: Branch<K, V> | Bucket<K, V>, key: K, value: V, hash: number, shift: number): Branch<K, V> | Bucket<K, V> {
  if (!('entries' in old)) return insert(old, key, value, hash, shift + BITS);
  if (old.hash === hash) return { hash, entries: [...old.entries.filter(([candidate]) => candidate !== key), [key, value]] };
  // Two hashes meet in one slot: push the old bucket one level down and try again there.
  const down: Branch<K, V> = { bitmap: bitAt(old.hash, shift + BITS), slots: [old] };
  return insert(down, key, value, hash, shift + BITS);
}

/** Without a key that is there. A branch that ends up with one bucket stays: it costs a step and nothing else. */
function remove<K, V>(branch: Branch<K, V>, key: K, hash: number, shift: number): Branch<K, V> {
  const bit = bitAt(hash, shift);
  const at = position(branch.bitmap, bit);
  const old = branch.slots[at];
  if (old === undefined) return branch;
  const rest = 'entries' in old ? { hash, entries: old.entries.filter(([candidate]) => candidate !== key) } : remove(old, key, hash, shift + BITS);
  const isEmpty = 'entries' in rest ? rest.entries.length === 0 : rest.slots.length === 0;
  if (isEmpty) return { bitmap: branch.bitmap ^ bit, slots: branch.slots.toSpliced(at, 1) };
  return { bitmap: branch.bitmap, slots: branch.slots.with(at, rest) };
}

function* walk<K, V>(branch: Branch<K, V>): Generator<readonly [K, V]> {
  for (const slot of branch.slots) {
    if ('entries' in slot) yield* slot.entries;
    else yield* walk(slot);
  }
}

function bitAt(hash: number, shift: number): number {
  return shift >= HASH_BITS ? 1 : 1 << ((hash >>> shift) & MASK);
}

function position(bitmap: number, bit: number): number {
  let below = bitmap & (bit - 1);
  let count = 0;
  while (below !== 0) {
    below &= below - 1;
    count++;
  }
  return count;
}

function hashOf(key: string | number): number {
  if (typeof key === 'number') return Math.imul(key ^ (key >>> 16), 0x9e3779b1);
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash;
}
