/** CPU time of processes, from /proc: Linux only. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const CLOCK_TICK_MS = 10; // of /proc/PID/stat: USER_HZ is 100 on every Linux that Node runs on

export const hasCpuTimes = existsSync('/proc/self/stat');

/**
 * User and system time of a process, all its threads, in milliseconds.
 * @throws when there is no such process
 * @see proc(5), /proc/pid/stat, fields 14 and 15
 */
export function cpuMs(pid: number | undefined): number {
  const fields = statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

/** The same of several; those that have ended count nothing. */
export function cpuMsOfAll(pids: number[]): number {
  return pids.filter(isRunning).reduce((sum, pid) => sum + cpuMs(pid), 0);
}

/** A group's processes with their command lines. @see proc(5), /proc/pid/stat, field 5 */
export function processGroup(groupId: number): { pid: number; args: string[] }[] {
  const pids = readdirSync('/proc').map(Number).filter(Boolean);
  return pids
    .filter((pid) => isRunning(pid) && Number(statFields(pid)[2]) === groupId)
    .map((pid) => ({ pid, args: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/) }));
}

/** The fields from the third on: the second, a name in parentheses, may hold anything. */
function statFields(pid: number | undefined): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`);
}
