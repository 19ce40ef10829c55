/**
 * Makes `--profile NAME` the process's profile, for its children too. The sizes are read when ts/spec/params.ts is loaded, so this runs
 * before anything that needs them is; the option itself is checked with all others later.
 */
export function chooseProfile(args: readonly string[], env: Record<string, string | undefined>): void {
  const at = args.findIndex((arg) => arg === '--profile' || arg.startsWith('--profile='));
  const value = args[at]?.includes('=') === true ? args[at]?.slice('--profile='.length) : args[at + 1];
  if (at >= 0 && value !== undefined && value !== '' && !value.startsWith('--')) env['ROLLUP_PROFILE'] = value;
}
