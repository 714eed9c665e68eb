// Notifications, tokens and webhooks as people meet them, in Chromium: the bell counts on an
// open page without a reload, and asks nothing while hidden; the service worker shows a push
// message; the pages under axe in both languages, at 390 and 1366 px. With
// PICTURES=1 pictures of them go to build/browser/pictures.
import { chromium } from 'playwright-core';
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, openSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.argv[2];
const dir = mkdtempSync(join(tmpdir(), 'invichat-'));
const log = join(dir, 'log');
const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8');
let passed = 0;
let failed = 0;
let base;

async function test(name, body) {
  try {
    await body();
    passed += 1;
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.message.split('\n').slice(0, 6).join(' | ')}`);
  }
}

function expect(truth, words) {
  if (!truth) throw new Error(words);
}

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

async function until(what, look) {
  for (let i = 0; i < 150; i += 1) {
    if (await look()) return;
    await pause(100);
  }
  throw new Error(`not in 15 s: ${what}`);
}

async function codeFor(mobile) {
  let code;
  await until(`code for ${mobile}`, () => {
    code = [...readFileSync(log, 'utf8').matchAll(/otp to=(\+\d+) code=(\d{6})/g)]
      .filter((m) => m[1] === mobile).at(-1)?.[2];
    return code;
  });
  return code;
}

// Signs up by the API within the page, so that its cookies are the page's.
async function api(page, path, body) {
  return page.evaluate(async ([to, content]) => {
    const csrf = (await (await fetch('/accounts', { headers: { Accept: 'application/json' } })
      .catch(() => null))?.json().catch(() => ({})))?.csrf || '';
    const reply = await fetch(to, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
      body: JSON.stringify(content),
    });
    return { status: reply.status, ...await reply.json().catch(() => ({})) };
  }, [path, body]);
}

async function person(browser, mobile, name, width) {
  const context = await browser.newContext({ viewport: { width, height: 844 }, locale: 'en-IN' });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  await page.goto(`${base}/signin`);
  await api(page, '/signup', { mobile, name, lang: 'en' });
  await api(page, '/signup/verify', { code: await codeFor(mobile) });
  const made = await api(page, '/accounts', { name, email: `a${mobile.slice(1)}@example.com` });
  expect(made.status === 201, `no account for ${name}`);
  return page;
}

const out = openSync(log, 'a');
const server = spawn(program, ['serve', '--data', join(dir, 'data'), '--listen', '127.0.0.1:0'],
  { stdio: ['ignore', 'ignore', out], env: { ...process.env, INVICHAT_LOG_OTP: '1' } });
await until('the server', () => {
  base = /serving (http:\S+)/.exec(readFileSync(log, 'utf8'))?.[1];
  return base;
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const admin = await person(browser, '+919000000001', 'Admin', 1366);
execFileSync(program, ['admin', '--data', join(dir, 'data'), '+919000000001']);
const vendor = await person(browser, '+919000000002', 'Kumhar', 390);
const customer = await person(browser, '+919000000003', 'Meera', 390);
await api(vendor, '/account/vendor', {
  trade_name: 'Kumhar', address: 'Jaipur', state_code: '08', gst_status: 'unregistered',
});
await admin.goto(`${base}/admin/requests`);
const request = /requests\/(\d+)\/approve/.exec(await admin.content())[1];
await api(admin, `/admin/requests/${request}/approve`, {});
const sku = await api(vendor, '/inventory/receive', { name: 'Clay pot', qty: '20', unit: 'piece' });
await api(vendor, '/sell/catalog/new', { sku: sku.id, price: '250' });

async function order() {
  await api(customer, '/cart/items', { listing: 1, qty: '1' });
  const reply = await api(customer, '/cart/order', {});
  expect(reply.status < 300, `not ordered: ${JSON.stringify(reply)}`);
}

await test('NOTE-1 the bell counts on an open page', async () => {
  for (const [page, width] of [[vendor, 390], [vendor, 1366]]) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto(`${base}/inventory`);
    const before = parseInt(await page.locator('#bell-count').textContent(), 10) || 0;
    await order();
    await until('the count', async () => parseInt(await page.locator('#bell-count').textContent(), 10) === before + 1);
    expect(await page.locator('.bell').isVisible(), `no bell at ${width}`);
  }
});

await test('NOTE-1 an idle page costs a small 304, a hidden one nothing', async () => {
  const asked = [];
  vendor.on('response', async (reply) => {
    if (reply.url().endsWith('/count')) asked.push(reply.status());
  });
  await pause(16500);
  expect(asked.length >= 2 && asked.length <= 4, `asked ${asked.length} times in 16 s`);
  expect(asked.slice(1).every((s) => s === 304), `answers ${asked}`);
  await vendor.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
  });
  asked.length = 0;
  await pause(11000);
  expect(asked.length === 0, `asked ${asked.length} times while hidden`);
});

await test('NOTE-1 the open list follows, and one leads to what it is about', async () => {
  await vendor.goto(`${base}/notifications`);
  const before = await vendor.locator('#rows li').count();
  await order();
  await until('the row', async () => await vendor.locator('#rows li').count() === before + 1);
  await vendor.locator('#rows li button').first().click();
  await vendor.waitForURL(/\/sell\/orders\/\d+/);
});

await test('VORD-5 an open list says what it doesn\'t have yet', async () => {
  await vendor.goto(`${base}/sell/orders`);
  const before = await vendor.locator('main a.item').count();
  expect(!await vendor.locator('#news a').count(), 'something is new already');
  await order();
  await vendor.click('#news a:has-text("1 new order")');
  await until('the order', async () => await vendor.locator('main a.item').count() === before + 1);
  expect(!await vendor.locator('#news a').count(), 'it is still called new');
});

await test('NOTE-2 the choice is kept', async () => {
  await vendor.goto(`${base}/me/notifications`);
  await vendor.locator('[name=chat_catalog]').uncheck();
  await vendor.locator('[name=is_quiet]').check();
  await vendor.locator('form .btn.wide').first().click();
  await vendor.waitForSelector('#flash .notice, #flash p');
  expect(!await vendor.locator('[name=chat_catalog]').isChecked(), 'WhatsApp is still on');
  expect(await vendor.locator('[name=is_quiet]').isChecked(), 'no quiet hours');
});

await test('NOTE-2 the service worker shows a message and leads to our pages alone', async () => {
  await vendor.context().grantPermissions(['notifications'], { origin: base });
  await vendor.goto(`${base}/me/notifications`);
  expect(await vendor.locator('#push-on').isVisible(), 'no button for push');
  const cdp = await vendor.context().newCDPSession(vendor);
  const ids = new Set();
  cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    registrations.forEach((r) => ids.add(r.registrationId));
  });
  await cdp.send('ServiceWorker.enable');
  await vendor.evaluate(async () => {
    await navigator.serviceWorker.register('/static/sw.js', { scope: '/' });
    await navigator.serviceWorker.ready;
  });
  await until('the registration', () => ids.size > 0);
  await cdp.send('ServiceWorker.deliverPushMessage', {
    origin: base,
    registrationId: [...ids].at(-1),
    data: JSON.stringify({ body: 'Meera ordered: Clay pot', url: '/sell/orders', id: 'k1' }),
  });
  await until('the message', () => vendor.evaluate(async () => {
    const r = await navigator.serviceWorker.ready;
    const [one] = await r.getNotifications();
    return one?.body === 'Meera ordered: Clay pot' && one.data.url === '/sell/orders';
  }));
});

await test('SYS-5 a token and a webhook are made on their pages', async () => {
  await vendor.goto(`${base}/account/tokens`);
  await vendor.fill('#f-name', 'Bookkeeping');
  await vendor.selectOption('#f-inventory', 'view');
  await vendor.locator('form .btn.wide').last().click();
  const token = await vendor.locator('main code').first().textContent();
  const reply = await fetch(`${base}/inventory`, { headers: { Authorization: `Bearer ${token}` } });
  expect(reply.status === 200, `the token answers ${reply.status}`);
  await vendor.goto(`${base}/account/hooks`);
  await vendor.fill('#f-url', 'http://127.0.0.1/');
  await vendor.locator('form .btn.wide').last().click();
  await vendor.waitForSelector('#errors');
  await vendor.fill('#f-url', 'https://hooks.invalid/in');
  await vendor.locator('form .btn.wide').last().click();
  await vendor.waitForSelector('main code');
  await order();
});

await test('SYS-4 the pages in both languages, both widths, under axe', async () => {
  if (process.env.PICTURES) mkdirSync('pictures', { recursive: true });
  const wrong = [];
  const pages = ['/notifications', '/me/notifications', '/account/tokens', '/account/hooks', '/account/hooks/1'];
  for (const lang of ['en', 'hi']) {
    await api(vendor, '/me/language', { lang });
    for (const width of [390, 1366]) {
      await vendor.setViewportSize({ width, height: 844 });
      for (const path of pages) {
        await vendor.goto(base + path);
        if (process.env.PICTURES) await vendor.screenshot({ path: `pictures/${path.slice(1).replaceAll('/', '-')}-${lang}-${width}.png`, fullPage: true });
        await vendor.evaluate(axe);
        const { violations } = await vendor.evaluate(() => globalThis.axe.run());
        wrong.push(...violations.map((v) => `${path} ${lang} ${width}: ${v.id} ${v.nodes[0].html.slice(0, 90)}`));
        const wide = await vendor.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (wide > 0) wrong.push(`${path} ${lang} ${width}: ${wide} px too wide`);
      }
    }
  }
  expect(wrong.length === 0, wrong.join('\n'));
});

await browser.close();
server.kill('SIGTERM');
await new Promise((done) => { server.on('exit', done); });
rmSync(dir, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
