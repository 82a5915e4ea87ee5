// Starts the page.

import * as form from './form.js';
import { follow } from './jobs.js';
import * as plans from './plans.js';
import * as session from './session.js';
import * as theatre from './theatre.js';

/** A story that waits because of the user's limit makes the offer of a better plan worth reading. */
const changed = (jobs) => plans.press(jobs.find(({ status, waiting }) => status === 'parked' && waiting?.reason === 'user_limit')?.waiting.limit ?? null);

session.start();
form.start((job, story) => {
  follow(job, story, changed);
  session.refresh();
});
theatre.start();
plans.start();
