import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publicClient } from '../../chain/clients.ts';
import { primaryRollup } from '../../chain/contracts.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { Auditor } from '../../sequencer/auditor.ts';
import { openFileStore } from '../../sequencer/fileStore.ts';
import { proofVerifier } from '../../sequencer/proverPort.ts';
import { startSequencer } from '../../sequencer/sequencer.ts';
import { operator, testUser } from '../../sequencer/testSupport.ts';
import { depositFor, until } from './chain.ts';
import { deployRollups, type TestDeployment } from './deployment.ts';

/* Sequencer, prover, auditor and verifying contract together, with the keys of `npm run circuit -- build`. */

const folder = mkdtempSync(join(tmpdir(), 'real-proofs-'));
let test: TestDeployment;
beforeAll(async () => {
  await ensureBuilt();
  test = await deployRollups({ anvilOf: [0, 0, 0], verifier: 'Verifier', logFolder: folder });
});
afterAll(async () => {
  await test.stop();
  rmSync(folder, { recursive: true });
});

it('proves, audits and executes a block with real proofs', async () => {
  const { deployment } = test;
  const lines: string[] = [];
  const dataDir = join(folder, 'data');
  const sequencer = await startSequencer({
    deployment, operator, dataDir, port: 0, pollMs: 100, policy: { blockIntervalMs: 200 }, accounts: { validator: testAccount('validator').privateKey },
    progress: { report: (line) => lines.push(line) },
  });
  try {
    await depositFor(deployment.chains[1]!, testUser(1), 10n ** 18n);
    const reads = deployment.chains.map((chain) => primaryRollup({ address: chain.rollup, client: publicClient(chain) }).read);
    await until(async () => {
      if (sequencer.halted() !== null) throw sequencer.halted()!;
      const executed = await Promise.all(reads.map((read) => read.totalBlocksExecuted()));
      const committed = await Promise.all(reads.map((read) => read.totalBlocksCommitted()));
      const used = await Promise.all(reads.map(async (read) => (await read.priorityQueueState())[2]));
      return executed.every((n, i) => n > 0 && n === committed[i]) && used[1] === 1n;
    }, 'execution', 240_000).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${lines.join('\n')}`);
    });
  } finally {
    await sequencer.stop();
  }

  // The auditor's own check tells a good proof from one that was changed.
  const store = await openFileStore({ dataDir });
  const { verify, stop } = proofVerifier();
  try {
    const block = (await store.block(1))!;
    const auditor = new Auditor({ deploymentId: deployment.deploymentId, chainCount: 3, primaryIndex: 0, operator, readRequest: async () => null, verifyProof: verify });
    const proofs = await store.proofs(1);
    await auditor.auditProofs(block, proofs);
    const join = proofs.get('join')!;
    await expect(auditor.auditProofs(block, new Map([...proofs, ['join', { ...join, proof: { ...join.proof, c: proofs.get(0)!.proof.c } }]]))).rejects.toThrow('a proof is not valid');
  } finally {
    await stop();
    await store.close();
  }
});
