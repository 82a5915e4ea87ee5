// A process group: who lives in it, and signals to all or to some of it.

import { execFileSync } from 'node:child_process';

/** The processes of the group that live, as {pid, state, name}; those that are only not yet reaped do not count. */
export function membersOf(group) {
  return execFileSync('ps', ['-A', '-o', 'pgid=,pid=,stat=,comm='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, , state]) => Number(pgid) === group && !state.startsWith('Z'))
    .map(([, pid, state, name]) => ({ pid: Number(pid), state, name }));
}

export const isWorkerd = ({ name }) => /workerd/.test(name);
export const isStopped = ({ state }) => state.startsWith('T');

/** A process, or with a negative number a group, that is gone already is as good. */
export function send(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
