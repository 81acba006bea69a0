/** How long to leave a server alone that has answered and refused. */
export interface BackoffRules {
  backoffFirstMs: number;
  backoffMaxMs: number;
}

/**
 * First, ×2, ×4 … to the limit; a fifth more or less, so that a thousand studios do not come back in step.
 * @param failures in a row, from 1
 * @param jitter 0 to 1
 */
export function backoffMs(failures: number, jitter: number, rules: BackoffRules): number {
  const plainMs = Math.min(rules.backoffMaxMs, rules.backoffFirstMs * 2 ** Math.min(failures - 1, 30));
  return Math.min(rules.backoffMaxMs, plainMs * (0.8 + 0.4 * jitter));
}

/** For a key that is refused while the server still holds the session that dropped: one to two first waits, never more. */
export function soonMs(jitter: number, rules: BackoffRules): number {
  return rules.backoffFirstMs * (1 + jitter);
}
