// Starts the page.

import * as form from './form.js';
import { follow } from './jobs.js';
import * as plans from './plans.js';
import * as session from './session.js';
import * as theatre from './theatre.js';

/** While a story waits for the user's limit, the offer of a better plan is highlighted. */
const changed = (jobs) => plans.press(jobs.find(({ status, waiting }) => status === 'parked' && waiting?.reason === 'user_limit')?.waiting.limit ?? null);

session.start();
form.start((job, card) => {
  follow(job, card, changed);
  session.refresh();
});
theatre.start();
plans.start();
