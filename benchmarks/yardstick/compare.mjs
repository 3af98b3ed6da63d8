// Run by ../run. Peers and the yardstick in turns, so that whatever disturbs the machine disturbs both.
import path from 'node:path';
import { httpV1 } from '../process/targets/http-v1.mjs';
import peers from '../process/targets/peers.mjs';
import { api, hasWrk, loadWrk, toReq } from '../process/lib/http.mjs';
import { cleanup, cleanupAll, makeCtx, startBroker, startSleepers } from '../process/lib/proc.mjs';
import { stats } from '../process/lib/util.mjs';

const ROUNDS = 7;
const RUN_MILLIS = 2_000;
const WARM_MILLIS = 6_000;
const PEERS = 1_000;
const TEXT = 'x'.repeat(200);
const SUMMARY = 'Working on the message broker; fixing the delivery path and its tests.';

const SEND = { op: 'send', args: ([from, to]) => [from, to.id, TEXT], isDone: (sent) => sent?.ok === true };
const LIST = { op: 'list', args: ([me]) => [me], isDone: (listed) => listed?.length === PEERS - 1 };

const bun = process.env.BUN ?? 'bun';
const here = path.dirname(new URL(import.meta.url).pathname);
const yardstick = { name: 'yardstick', broker: (ctx) => [bun, path.join(here, 'broker.ts'), String(ctx.port), ctx.db], api: httpV1 };

if (!hasWrk()) {
  console.error('compare: wrk is needed');
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => { await cleanupAll(); process.exit(130); });
}

/** A broker with so many peers, whose processes are there. */
async function world(target, count, sleepers) {
  const ctx = await makeCtx(target);
  await startBroker(ctx);
  const members = [];
  for (const { pid } of sleepers ?? startSleepers(ctx, count)) {
    const cwd = `/home/dev/project-${pid}`;
    const { status, text, value } = await api(ctx, 'register', { pid, cwd, gitRoot: cwd, summary: SUMMARY });
    if (!value) {
      throw new Error(`${target.name}: a peer was refused: ${status} ${text}`);
    }
    members.push(value);
  }
  return { ctx, members };
}

/** One call, which must do what it is measured for: a refusal too can come with status 200. */
async function probe({ ctx, members }, { op, args, isDone }) {
  const { status, text, value } = await api(ctx, op, ...args(members));
  if (!isDone(value)) {
    throw new Error(`${ctx.target.name}: ${op} gave ${status} ${String(text).slice(0, 200)}`);
  }
}

/** Answers a second, of calls that did what they should before and after. */
async function load(each, call, conns, durationMs) {
  const { ctx, members } = each;
  if (ctx.target === peers) {
    // Whoever was not heard of for a minute is listed no more.
    await Promise.all(members.map((member) => api(ctx, 'heartbeat', member)));
  }
  await probe(each, call);
  const run = await loadWrk(ctx, { conns, durationMs, req: toReq(ctx.target.api[call.op](ctx, ...call.args(members))) });
  if (run.error || run.non2xx || run.errors) {
    throw new Error(`${ctx.target.name}: ${JSON.stringify(run)}`);
  }
  await probe(each, call);
  return run.reqPerS;
}

/** Answers a second of both, round by round, each first in every other one. */
async function inTurns(worlds, conns, call) {
  for (const each of worlds) {
    await load(each, call, conns, WARM_MILLIS);
  }
  const rates = worlds.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 ? [1, 0] : [0, 1];
    for (const i of order) {
      rates[i].push(await load(worlds[i], call, conns, RUN_MILLIS));
    }
  }
  return rates;
}

function print(what, [ours, theirs]) {
  const cell = (rates) => { const { min, p50, max } = stats(rates, 0); return `${p50} (${min}–${max})`; };
  const ratio = stats(ours.map((rate, round) => rate / theirs[round]), 1);
  console.log(`| ${what} | ${cell(theirs)} | ${cell(ours)} | ${ratio.p50} (${ratio.min}–${ratio.max}) |`);
}

console.log('| answers a second, median (range) | yardstick | Peers | ratio |\n|---|---|---|---|');
try {
  for (const conns of [1, 16, 64]) {
    const worlds = [await world(peers, 2), await world(yardstick, 2)];
    print(`durable sends, ${conns} connections`, await inTurns(worlds, conns, SEND));
    for (const { ctx } of worlds) {
      await cleanup(ctx);
    }
  }
  const crowd = await world(peers, PEERS);
  const worlds = [crowd, await world(yardstick, PEERS, crowd.ctx.sleepers)];
  print(`listing ${PEERS} peers, 16 connections`, await inTurns(worlds, 16, LIST));
} finally {
  await cleanupAll();
}
process.exit();
