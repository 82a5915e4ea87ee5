// What the local runtime stores, where a test can look into it.

import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Worker } from "./worker";

/** Has Workers that start from now on keep their files in a folder of their own. */
export function ownStorage() {
  const home = mkdtempSync(join(tmpdir(), "story-queue-e2e-"));
  process.env.TMPDIR = home;
  return {
    /** What `look` finds in the database of a user's object. The local runtime makes one for every object that was ever called. */
    lookInto: async <T>(worker: Worker, userId: string, look: (database: DatabaseSync) => T): Promise<T> => {
      const { GATES } = await worker.server.getWorker().getEnv();
      const [file] = globSync(join(home, "**", `${GATES.idFromName(userId)}.sqlite`));
      const database = new DatabaseSync(file);
      try {
        return look(database);
      } finally {
        database.close();
      }
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
