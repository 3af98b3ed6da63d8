// Run by ./growth.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';

const { PEERS_HOME, WORK } = process.env;
const SECONDS = 5;
const CALLERS = 32; // In all, whatever the number of brokers.
const PUSHES = 200;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.floor(list.length * q)];
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

function request(port, method, path, body, onResponse) {
  return new Promise((resolve, reject) => {
    const call = http.request({ host: '127.0.0.1', port, method, path, agent: onResponse ? undefined : agent,
      headers: body ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } : {} }, (answer) => {
      if (onResponse) { resolve(onResponse(answer, call)); return; }
      let text = '';
      answer.on('data', (data) => { text += data; });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    call.on('error', reject);
    call.end(body);
  });
}
const post = (port, path, json) => request(port, 'POST', path, JSON.stringify(json));

async function broker(schema, n) {
  const home = `${WORK}/${schema}-${n}`;
  fs.mkdirSync(home);
  const process_ = spawn(`${PEERS_HOME}/bin/peers`, ['broker', '--port', '0', '--json'], {
    cwd: home,
    env: { ...process.env, HOME: home, CLAUDE_PEERS_STORE: 'postgres', CLAUDE_PEERS_STORE_SCHEMA: schema, CLAUDE_PEERS_MACHINE: `host${n}`,
      CLAUDE_PEERS_AUTH: 'off', CLAUDE_PEERS_MAX_RATE: '0', CLAUDE_PEERS_MAX_UNREAD: '0', CLAUDE_PEERS_SUMMARIZER: 'off' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const card = await new Promise((resolve) => process_.stdout.once('data', (data) => resolve(JSON.parse(data))));
  return { process: process_, port: Number(new URL(card.address).port), peers: [] };
}

async function inParallel(count, task) {
  let next = 0;
  await Promise.all(Array.from({ length: CALLERS }, async () => { while (next < count) await task(next++); }));
}

async function measure(schema, brokers, peers) {
  const all = [];
  for (let n = 0; n < brokers; n++) all.push(await broker(schema, n));
  try {
    await inParallel(peers, async (i) => {
      const home = all[i % brokers];
      const { id } = await post(home.port, '/register', { session_key: `${schema}-${i}`, cwd: `/work/${i}`, pid: null });
      home.peers.push(id);
    });
    await sleep(3_000); // The code of a broker is compiled while it is used.
    const send = (i, text) => {
      const from = all[i % brokers];
      const to = all[(i + 1) % brokers];
      return post(from.port, '/send-message', { from_id: from.peers[i % from.peers.length], to_id: to.peers[(i * 7 + 1) % to.peers.length], text });
    };
    const rate = async (seconds) => {
      let sent = 0;
      let i = 0;
      const end = performance.now() + seconds * 1000;
      await Promise.all(Array.from({ length: CALLERS }, async () => {
        while (performance.now() < end) {
          const answer = await send(i++, 'x'.repeat(100));
          if (!answer.ok) throw new Error(answer.error);
          sent++;
        }
      }));
      return sent / seconds;
    };
    await rate(SECONDS);
    const perSecond = await rate(SECONDS);
    const idle = async () => {
      const from = all[0];
      const to = all[brokers - 1];
      const receiver = (await post(to.port, '/register', { session_key: `${schema}-receiver`, cwd: '/receiver', pid: null })).id;
      const arrived = new Map();
      const stream = await request(to.port, 'GET', `/events?id=${receiver}`, null, (answer, call) => {
        answer.on('data', (data) => { for (const [, id] of String(data).matchAll(/^id: (\d+)/gm)) arrived.set(Number(id), performance.now()); });
        answer.on('error', () => {});
        return call;
      });
      await sleep(500);
      const latencies = [];
      for (let i = 0; i < PUSHES; i++) {
        const start = performance.now();
        const { id } = await post(from.port, '/send-message', { from_id: from.peers[0], to_id: receiver, text: 'x'.repeat(100) });
        while (!arrived.has(id)) await sleep(0);
        latencies.push(arrived.get(id) - start);
        await post(to.port, '/ack-messages', { id: receiver, message_ids: [id] });
        await sleep(10);
      }
      stream.on('error', () => {});
      stream.destroy();
      return latencies;
    };
    const latencies = await idle();
    const start = performance.now();
    const listed = (await post(all[0].port, '/list-peers', { scope: 'network' })).length;
    const list = performance.now() - start;
    console.log(`| ${brokers} | ${peers} | ${Math.round(perSecond)} | ${quantile(latencies, 0.5).toFixed(1)} / ${quantile(latencies, 0.95).toFixed(1)} | ${list.toFixed(0)} (${listed}) |`);
  } finally {
    for (const each of all) {
      const ended = new Promise((resolve) => each.process.once('exit', resolve));
      each.process.kill();
      await ended;
    }
  }
}

console.log('| brokers | peers | durable sends/s | send to push, p50 / p95 ms | listing all, ms (listed) |\n|---|---|---|---|---|');
for (const peers of process.argv[3].split(',').map(Number)) {
  for (const brokers of process.argv[2].split(',').map(Number)) await measure(`growth_${brokers}_${peers}`, brokers, peers);
}
agent.destroy();
process.exit();
