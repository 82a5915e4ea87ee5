// Only its bindings are used: see `operator` in worker.ts.
export default { fetch: () => new Response(null, { status: 404 }) };
