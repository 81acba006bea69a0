/** Which processes run, by what `ps` says. Linux and macOS. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunningProcess {
  pid: number;
  parentPid: number;
  args: string;
}

/** All but the dead whom nobody has asked after yet, the oldest first (to the second): process ids begin again at some point. */
export function runningProcesses(): RunningProcess[] {
  const ps = ['-eo', 'lstart=,pid=,ppid=,stat=,args='];
  return execFileSync('ps', ps, { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } })
    .split('\n')
    .map((line) => /^(.{24})\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line.trimStart()))
    .flatMap((match) => (match && !match[4]?.startsWith('Z') ? [match] : []))
    .sort(([, a = ''], [, b = '']) => Date.parse(a) - Date.parse(b))
    .map(([, , pid, parentPid, , args = '']) => ({ pid: Number(pid), parentPid: Number(parentPid), args }));
}

/** A process's children, their children, and so on. */
export function descendants(pid: number, among = runningProcesses()): RunningProcess[] {
  const children = among.filter(({ parentPid }) => parentPid === pid);
  return children.flatMap((child) => [child, ...descendants(child.pid, among)]);
}

/** Waits until none of them runs. @returns those that still do after `timeoutMs` */
export async function untilGone(processes: RunningProcess[], timeoutMs: number): Promise<RunningProcess[]> {
  const late = performance.now() + timeoutMs;
  const pids = new Set(processes.map(({ pid }) => pid));
  for (;;) {
    const left = runningProcesses().filter(({ pid }) => pids.has(pid));
    if (left.length === 0 || performance.now() > late) return left;
    await sleep(100);
  }
}
