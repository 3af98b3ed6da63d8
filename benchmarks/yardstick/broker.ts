// A yardstick, not a broker: what a plain Bun program over bun:sqlite takes for the same durable work. One row and one
// commit a send, in WAL with synchronous=FULL; a listing looks whether each peer's process is there. No token, no
// keys, no limits. Usage: bun broker.ts PORT DATABASE
import { Database } from 'bun:sqlite';

const [port, file] = process.argv.slice(2);
const db = new Database(file, { create: true });
db.run('PRAGMA journal_mode = WAL');
db.run('PRAGMA synchronous = FULL');
db.run('CREATE TABLE peer (id TEXT PRIMARY KEY, pid INTEGER, cwd TEXT, git_root TEXT, tty TEXT, summary TEXT, registered_at TEXT, last_seen TEXT)');
db.run('CREATE TABLE message (id INTEGER PRIMARY KEY, sender TEXT, recipient TEXT, body TEXT, sent_at TEXT)');
const addPeer = db.prepare('INSERT INTO peer VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
const allPeers = db.prepare('SELECT * FROM peer');
const onePeer = db.prepare('SELECT id FROM peer WHERE id = ?');
const addMessage = db.prepare('INSERT INTO message (sender, recipient, body, sent_at) VALUES (?, ?, ?, ?)');

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const routes: Record<string, (body: any) => unknown> = {
  '/register': (body) => {
    const id = Math.random().toString(36).slice(2, 10);
    const now = new Date().toISOString();
    addPeer.run(id, body.pid, body.cwd, body.git_root, body.tty, body.summary, now, now);
    return { id };
  },
  '/list-peers': (body) => allPeers.all().filter((peer: any) => peer.id !== body.exclude_id && isThere(peer.pid)),
  '/send-message': (body) => {
    if (!onePeer.get(body.to_id)) {
      return { ok: false };
    }
    addMessage.run(body.from_id, body.to_id, body.text, new Date().toISOString());
    return { ok: true };
  },
};

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/health') {
      return Response.json({ status: 'ok' });
    }
    const route = routes[pathname];
    return route ? Response.json(route(await request.json())) : new Response('no such path', { status: 404 });
  },
});
