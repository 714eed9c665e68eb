// SYS-5: the description of the API is valid, and true.
import { Validator } from '@seriousme/openapi-schema-validator';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';

const folder = mkdtempSync('/tmp/invichat-openapi-');
const server = spawn(process.argv[2], ['serve', '--data', folder, '--listen', '127.0.0.1:0'],
  { stdio: ['ignore', 'ignore', 'pipe'] });
const base = await new Promise((ok, no) => {
  let log = '';
  server.stderr.on('data', (bytes) => {
    log += bytes;
    const at = /serving (http:\S+)/.exec(log);
    if (at) ok(at[1]);
  });
  server.on('exit', () => no(new Error(log)));
  setTimeout(() => no(new Error('it does not start')), 30000).unref();
});

let passed = 0;
let failed = 0;
async function test(name, run) {
  try {
    const wrong = await run();
    if (wrong.length) throw new Error(wrong.slice(0, 10).join('\n'));
    passed += 1;
  } catch (e) {
    failed += 1;
    console.log(`FAILED SYS-5 ${name}\n${e.message}`);
  }
}

const text = await (await fetch(`${base}/openapi.json`)).text();
const api = JSON.parse(text);
const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, op]) => ({ path, method, op, name: `${method} ${path}` })));

async function errors(document) {
  const result = await new Validator().validate(document);
  return result.valid ? [] : [JSON.stringify(result.errors)];
}

await test('it is valid OpenAPI 3.0', () => errors(JSON.parse(text)));
await test('the validator would notice', async () => {
  const broken = [(d) => { delete d.info.title; }, (d) => { d.paths['/orders'].get.responses = {}; },
    (d) => { d.paths['/orders/{id}'].get.parameters[0].in = 'nowhere'; }];
  const wrong = [];
  for (const [i, spoil] of broken.entries()) {
    const copy = JSON.parse(text);
    spoil(copy);
    if (!(await errors(copy)).length) wrong.push(`damage ${i} was not noticed`);
  }
  return wrong;
});
await test('paths are there', () => (operations.length > 80 ? [] : [`${operations.length} operations`]));
await test('names of operations are unique', () => {
  const seen = new Set();
  return operations.filter(({ op }) => seen.size === seen.add(op.operationId).size).map((o) => o.name);
});
await test('parameters are those of the path', () => operations.filter(({ path, op }) => {
  const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();
  const given = op.parameters.filter((p) => p.in === 'path').map((p) => p.name).sort().join();
  return wanted !== given;
}).map((o) => o.name));
await test('references lead somewhere', () => [...text.matchAll(/"\$ref":"#\/([^"]*)"/g)]
  .filter(([, at]) => !at.split('/').reduce((o, key) => o?.[key], api)).map((m) => m[0]));
await test('every change says what it takes and how it can end', () => operations
  .filter(({ method, op }) => method === 'post' && !(op.requestBody && op.responses[200]
    && op.responses[422] && op.responses.default)).map((o) => o.name));

const at = (path) => base + path.replaceAll(/\{id\d?\}/g, '1').replaceAll(/\{\w+\}/g, 'x');
await test('who may not is told so', async () => {
  const wrong = [];
  for (const { path, method, op, name } of operations.filter((o) => o.op.security)) {
    const reply = await fetch(at(path), {
      method: method.toUpperCase(),
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: method === 'post' ? '{}' : undefined,
      redirect: 'manual',
    });
    const error = (await reply.json()).error;
    if (reply.status !== 401 || !op.responses[401]
      || api.components.schemas.Error.properties.error.required.some((key) => !(key in error))) {
      wrong.push(`${name}: ${reply.status}`);
    }
  }
  return wrong;
});
await test('what anyone may look at is of the type that is said', async () => {
  const wrong = [];
  for (const { path, method, op, name } of operations) {
    if (method !== 'get' || op.security || path.includes('{')) continue;
    const reply = await fetch(at(path), { headers: { Accept: 'application/json' } });
    const type = (reply.headers.get('Content-Type') || '').split(';')[0];
    if (reply.status === 200 && !(type in op.responses[200].content)) wrong.push(`${name}: ${type}`);
  }
  return wrong;
});

server.kill('SIGTERM');
await new Promise((ok) => { server.on('exit', ok); });
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
