/** Whether a silent process is at work, or waits for its turn: what tells a busy machine from a driver that hangs. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Vitals {
  /** one of its threads computes, waits for a core, or waits for a disk */
  atWork: boolean;
}

/** Running, or waiting for a core; and waiting for a disk, as a process does that is being swapped in: proc_pid_stat(5). */
const AT_WORK = new Set(['R', 'D']);

/** Costs well under a millisecond. @returns null where the system does not tell: on Linux alone it does */
export function readVitals(pid: number, proc = '/proc'): Vitals | null {
  try {
    const folder = `${proc}/${pid}/task`;
    return { atWork: readdirSync(folder).some((thread) => AT_WORK.has(threadState(`${folder}/${thread}/stat`))) };
  } catch {
    return null;
  }
}

/** The letter behind the name, which may itself hold spaces and parentheses. A thread that has just ended has none. */
function threadState(path: string): string {
  try {
    const text = readFileSync(path, 'latin1');
    return text.charAt(text.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}
