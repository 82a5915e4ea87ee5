// Where and when a result comes from.

import { arch, cpus, platform, totalmem } from 'node:os';

/** The date, the machine and the command, as each file of results begins. */
export const from = (command) => ({
  date: new Date().toISOString().slice(0, 10),
  machine: {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
  },
  command,
});
