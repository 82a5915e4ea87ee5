// Draws the crates, and the folders of the crate that decides, into docs/architecture.md: `npm run imports`.

import { readFileSync, writeFileSync } from "node:fs";
import { page, drawn } from "./imports/page.mjs";

writeFileSync(page, drawn(readFileSync(page, "utf8")));
