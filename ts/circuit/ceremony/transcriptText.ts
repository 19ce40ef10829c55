import type { Transcript } from './transcript.ts';

/** The transcript as people read it. */
export function transcriptText(transcript: Transcript, hash: string): string {
  const { profile, phase1, circuitNames, circuits, contributions, keys } = transcript;
  const lines = [
    '# Transcript of a ceremony',
    '',
    `Keys of the circuits ${circuitNames.join(', ')} in the profile \`${profile}\`. Hash of this transcript (SHA-256 of its content): \`${hash}\`.`,
    'Anybody can check every line: `npm run circuit -- ceremony verify --folder FOLDER`.',
    '',
    '## Phase 1',
    '',
    `File \`${phase1.source}\`, power ${phase1.power} of a ceremony of power ${phase1.ceremonyPower}, ${phase1.contributions.length} contributions. blake2b-512:`,
    '',
    ...hashLines(phase1.importedBlake2b),
    ...(phase1.isPreparedHere ? ['It was prepared for phase 2 here; the prepared file:', '', ...hashLines(phase1.blake2b)] : []),
    '## Circuits',
    '',
    ...circuitNames.flatMap((name) => {
      const circuit = circuits[name];
      if (!circuit) return [`- ${name}: not started`];
      return [
        `- **${name}** = \`${circuit.main}\`, ${circuit.constraints} constraints, ${circuit.publicInputs} public inputs`,
        `  - sources (SHA-256) \`${circuit.sourceHash}\``,
        `  - constraints, \`${name}.r1cs\` (blake2b-512) \`${circuit.r1csBlake2b}\``,
        `  - circuit hash \`${circuit.circuitHash}\``,
        `  - first key (blake2b-512) \`${circuit.zkeyBlake2b}\``,
      ];
    }),
    '',
    '## Contributions',
    '',
    ...(contributions.length === 0 ? ['None yet.'] : []),
    ...contributions.flatMap(({ kind, name, beacon, iterations, circuits: made }, i) => [
      kind === 'beacon' ? `${i + 1}. **Beacon** \`${beacon ?? ''}\`, hashed 2^${iterations ?? 0} times (${name})` : `${i + 1}. **${name}**`,
      ...Object.entries(made).flatMap(([circuit, { contributionHash, zkeyBlake2b }]) => [`   - ${circuit}: contribution \`${contributionHash}\``, `     key \`${zkeyBlake2b}\``]),
    ]),
    '',
    '## Verifying keys',
    '',
    ...(keys ? Object.entries(keys).map(([name, { vkeySha256 }]) => `- ${name} (SHA-256 of \`${name}.vkey.json\`) \`${vkeySha256}\``) : ['The ceremony is not finished.']),
  ];
  return `${lines.join('\n')}\n`;
}

function hashLines(hash: string): string[] {
  return ['```', ...(hash.match(/.{64}/g) ?? [hash]), '```', ''];
}
