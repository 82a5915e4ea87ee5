// What one run cost and how long its jobs waited, from the events that the Worker logged. Pure.

import { overlap, percentile } from '../demo/judge.mjs';

/**
 * Dollars of a million jobs by the prices of 2026-11: queue operations 0.40, object requests 0.15, rows read 0.001 and
 * written 1.00, Worker requests 0.30, CPU 0.02 a million (milliseconds). Not counted: the time objects are active,
 * R2, and logs.
 */
const dollars = ({ queueOperations, objectRequests, rowsRead, rowsWritten, workerRequests, cpuMs }) =>
  0.4 * queueOperations + 0.15 * objectRequests + 0.001 * rowsRead + rowsWritten + 0.3 * workerRequests + 0.02 * cpuMs;

const sum = (events, field) => events.reduce((total, event) => total + event[field], 0);
const round = (number) => Math.round(number * 1000) / 1000;

/** Per job: queue operations, object requests, rows, requests, CPU and dollars of a million. `sent` messages were sent. */
export function costs({ events, jobs, cpuMs, deliveredAgain }) {
  const turns = events.filter(({ event }) => event === 'turn');
  const deliveries = events.filter(({ event, queue }) => event === 'delivery' && !queue.endsWith('-dlq'));
  const delivered = sum(deliveries, 'messages');
  const perJob = {
    // A message is written, read and deleted; one delivered again is read again.
    queueOperations: (3 * (delivered - deliveredAgain) + deliveredAgain) / jobs,
    objectRequests: turns.length / jobs,
    rowsRead: sum(turns, 'rowsRead') / jobs,
    rowsWritten: (sum(turns, 'rowsWritten') + sum(turns, 'alarmsSet')) / jobs,
    workerRequests: 1 + deliveries.length / jobs,
    cpuMs: cpuMs / jobs,
    deliveries: delivered / jobs,
    // The smallest price has four digits of a dollar a million.
  };
  const rounded = Object.fromEntries(Object.entries(perJob).map(([name, value]) => [name, round(value)]));
  return { ...rounded, dollarsPerMillion: round(dollars(perJob)) };
}

/** Seconds from submission to start per tier, as the Worker measured them. */
export function waits(events) {
  const started = events.filter(({ event, waitMs }) => event === 'started' && waitMs !== undefined);
  const tiers = [...new Set(started.map(({ tier }) => tier))].sort();
  return Object.fromEntries(tiers.map((tier) => {
    const own = started.filter((event) => event.tier === tier).map(({ waitMs }) => waitMs / 1000);
    const at = (percent) => round(percentile(own, percent));
    return [tier, { jobs: own.length, p50S: at(50), p95S: at(95), p99S: at(99), maxS: at(100) }];
  }));
}

/** Runs of one user that overlap beyond the limit, from the order of the log. */
export function overLimit(events, limits) {
  const runs = new Map();
  for (const { event, jobId, userId, tier, at } of events) {
    if (event === 'started') runs.set(jobId, { userId, tier, start: at, end: Infinity });
    if (event === 'succeeded' && runs.has(jobId)) runs.get(jobId).end = at;
  }
  const users = Map.groupBy([...runs.values()], ({ userId }) => userId);
  return [...users.values()].reduce((total, own) => total + overlap(own, limits[own[0].tier]).overLimit, 0);
}

/** Seconds from the end of a user's job to the start of its next while one waited: p50 and p99. */
export function handOver(events, waitingAt) {
  const gaps = [];
  const users = Map.groupBy(events.filter(({ userId }) => userId), ({ userId }) => userId);
  for (const own of users.values()) {
    const free = [];
    for (const { event, at } of own) {
      if (event === 'succeeded' && waitingAt(own, at) > 0) free.push(at);
      if (event === 'started' && free.length > 0) gaps.push((at - free.shift()) / 1000);
    }
  }
  const at = (percent) => (gaps.length === 0 ? null : round(percentile(gaps, percent)));
  return { count: gaps.length, p50S: at(50), p99S: at(99) };
}
