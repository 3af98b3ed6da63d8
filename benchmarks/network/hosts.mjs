// Run by ./hosts: two sessions, each on a host of its own, that write to each other through all kinds of trouble.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';

const { PEERS_HOME, ID, WORK, PG_CTL } = process.env;
const CUT_SECONDS = 30;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const quantile = (list, q) => list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const show = (list) => !list.length ? 'none' : `p50 ${quantile(list, 0.5).toFixed(1)} / p95 ${quantile(list, 0.95).toFixed(1)} ms (${list.length})`;
const run = (...command) => execFileSync(command[0], command.slice(1), { stdio: 'ignore' });

class Session {
  constructor(host) {
    this.host = host;
    this.home = `${WORK}/${host}`;
    fs.mkdirSync(this.home, { recursive: true });
    this.waiting = new Map();
    this.pushed = new Map();
    this.nextId = 0;
    this.process = spawn('ip', ['netns', 'exec', `peers-${ID}-${host}`, `${PEERS_HOME}/bin/peers-mcp`], {
      cwd: this.home,
      env: { ...process.env, HOME: this.home, CLAUDE_PEERS_STORE: 'postgres', CLAUDE_PEERS_MACHINE: host,
        CLAUDE_PEERS_CHANNEL: 'on', CLAUDE_PEERS_SUMMARIZER: 'off', CLAUDE_PEERS_MAX_RATE: '0', CLAUDE_PEERS_MAX_UNREAD: '0' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let rest = '';
    this.process.stdout.on('data', (data) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop();
      lines.forEach((line) => this.hear(JSON.parse(line)));
    });
  }

  hear(line) {
    if (line.method === 'notifications/claude/channel') {
      const text = line.params.content.split('\n')[1];
      if (!this.pushed.has(text)) this.pushed.set(text, performance.now());
    } else {
      this.waiting.get(line.id)?.(line);
    }
  }

  ask(method, params) {
    const id = ++this.nextId;
    this.say({ jsonrpc: '2.0', id, method, params });
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  say(message) {
    this.process.stdin.write(JSON.stringify(message) + '\n');
  }

  async begin() {
    await this.ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'hosts', version: '1' } });
    this.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    this.id = (await this.call('whoami', {})).id;
  }

  async call(name, args) {
    const { result } = await this.ask('tools/call', { name, arguments: args });
    if (result.isError) throw new Error(result.content[0].text);
    for (const message of [...(result.structuredContent.messages ?? []), ...(result.structuredContent.mail ?? [])]) {
      if (!this.pushed.has(message.message)) this.pushed.set(message.message, performance.now());
    }
    return result.structuredContent;
  }

  brokerPid() {
    return JSON.parse(fs.readFileSync(`${this.home}/.claude-peers.lock`, 'utf8').replace(/\0.*/s, '')).pid;
  }
}

const ada = new Session('ada');
const bob = new Session('bob');
await Promise.all([ada.begin(), bob.begin()]);
const seen = (await ada.call('list_peers', { scope: 'network' })).peers;
console.log(`ada sees ${seen.map((peer) => `${peer.id} on ${peer.host}`)}`);

let counter = 0;
const acknowledged = [];
/** Sends until told to stop, one message after the other, in both directions. */
async function traffic(name, trouble, afterwards = 3_000) {
  const sent = [];
  const slowest = [];
  const refusals = new Map();
  let going = true;
  const talk = async (from, to) => {
    while (going) {
      const text = `message ${++counter}`;
      const start = performance.now();
      try {
        await from.call('send_message', { targetPeerId: to.id, message: text });
        sent.push({ to, text, start });
      } catch (e) {
        refusals.set(e.message, (refusals.get(e.message) ?? 0) + 1);
        await sleep(100);
      }
      slowest.push(performance.now() - start);
      await sleep(20);
    }
  };
  // A push is no receipt: an agent that reads now and then keeps its mailbox short.
  const read = async (session) => {
    while (going) {
      await sleep(400);
      await session.call('check_messages', {}).catch(() => {});
    }
  };
  const both = Promise.all([talk(ada, bob), talk(bob, ada), read(ada), read(bob)]);
  await sleep(1_500);
  await trouble();
  await sleep(afterwards);
  going = false;
  await both;
  // What is not pushed comes with a result, or is found by asking.
  for (let i = 0; i < 100 && sent.some((m) => !m.to.pushed.has(m.text)); i++) {
    await sleep(200);
    if (i % 10 === 9) {
      for (const session of [ada, bob]) {
        await session.call('check_messages', {});
      }
    }
  }
  const lost = sent.filter((m) => !m.to.pushed.has(m.text));
  const latency = sent.filter((m) => m.to.pushed.has(m.text)).map((m) => m.to.pushed.get(m.text) - m.start);
  acknowledged.push(...sent);
  console.log(`${name}: ${sent.length} acknowledged, ${[...refusals.values()].reduce((a, b) => a + b, 0)} refused, ${lost.length} lost; push ${show(latency)}; longest send ${(Math.max(...slowest) / 1000).toFixed(1)} s`);
  refusals.forEach((count, reason) => console.log(`  ${count} times: ${reason}`));
  if (lost.length) process.exitCode = 1;
}

await traffic('warming up', () => sleep(1_000));
await traffic('undisturbed', () => sleep(3_000));
await traffic("ada's broker killed", () => process.kill(ada.brokerPid(), 'SIGKILL'), 6_000);
await traffic('database crashed and restarted', () =>
  run('runuser', '-u', 'postgres', '--', PG_CTL, 'restart', '-w', '-m', 'immediate', '-D', `${WORK}/pg/data`, '-l', `${WORK}/pg/log`), 8_000);
await traffic(`bob's network cut for ${CUT_SECONDS} s`, async () => {
  run('ip', 'link', 'set', `vbob${ID}`, 'down');
  await sleep(CUT_SECONDS * 700);
  const away = (await ada.call('list_peers', { scope: 'network' })).peers.length === 0;
  console.log(`  after ${CUT_SECONDS * 0.7} s ada sees bob ${away ? 'away' : 'still'}`);
  await sleep(CUT_SECONDS * 300);
  run('ip', 'link', 'set', `vbob${ID}`, 'up');
}, 15_000);
await traffic('undisturbed again', () => sleep(3_000));
const back = (await ada.call('list_peers', { scope: 'network' })).peers.length === 1;
console.log(`bob is ${back ? 'back' : 'MISSING'}; ${acknowledged.length} messages acknowledged in all`);
if (!back) process.exitCode = 1;
ada.process.stdin.end();
bob.process.stdin.end();
