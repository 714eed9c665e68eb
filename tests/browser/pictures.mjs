// The pictures of the README, made anew: sh tests/browser/run.sh pictures.mjs
// They show the demo in Chromium, and stand beside this file.
import { chromium } from 'playwright-core';
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.argv[2];
const MOST_BYTES = 120000;
const dir = mkdtempSync(join(tmpdir(), 'invichat-'));
const log = join(dir, 'log');
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

execFileSync(program, ['demo', '--data', join(dir, 'data')], { stdio: 'ignore' });
const server = spawn(program, ['serve', '--data', join(dir, 'data'), '--listen', '127.0.0.1:0'],
  { stdio: ['ignore', 'ignore', openSync(log, 'a')],
    env: { ...process.env, INVICHAT_LOG_OTP: '1' } });

async function logged(pattern) {
  for (let i = 0; i < 200; i += 1) {
    const found = [...readFileSync(log, 'utf8').matchAll(pattern)].at(-1);
    if (found) return found[1];
    await pause(50);
  }
  throw new Error(`not in the log: ${pattern}`);
}

const base = await logged(/serving (http:\S+)/g);
const code = (mobile) => logged(new RegExp(`otp to=\\${mobile} code=(\\d+)`, 'g'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

async function visitor(width, height) {
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-IN' });
  return context.newPage();
}

async function person(mobile, width, height) {
  const page = await visitor(width, height);
  await page.goto(`${base}/signin`);
  await page.fill('[name=mobile]', mobile);
  await page.click('form[action="/signin"] button');
  await page.fill('[name=code]', await code(mobile));
  await page.click('form[action$="/verify"] button');
  await page.waitForURL(`${base}/`);
  return page;
}

async function keep(page, name) {
  const path = `../../tests/browser/${name}.png`;

  await page.waitForTimeout(500);
  await page.screenshot({ path });
  const { size } = statSync(path);
  console.log(`${name}.png ${size} bytes`);
  if (size > MOST_BYTES) throw new Error(`${name}.png is over ${MOST_BYTES} bytes`);
}

try {
  const customer = await visitor(360, 640);
  await customer.goto(`${base}/v/corner-grocery`);
  await customer.click('form[action$="/cart"] button >> nth=1');
  await customer.waitForSelector('#basket .price:has-text("₹")');
  await customer.evaluate(() => window.scrollTo(0, 0));
  await keep(customer, 'catalog');

  const grocer = await person('+919000000003', 1180, 660);
  await grocer.goto(`${base}/sell/orders`);
  await grocer.click('main a:has-text("Bananas")');
  await grocer.waitForURL(/\/sell\/orders\/\d+/);
  await keep(grocer, 'order');
  await grocer.goto(`${base}/inventory`);
  await keep(grocer, 'inventory');

  // An artisan adds a pot by chat; its photo is one of the demo's.
  const shown = await (await customer.request.get(`${base}/v/mitti-ke-bartan`,
    { headers: { Accept: 'application/json' } })).json();
  const pot = shown.products.find((one) => one.name === 'सुराही');
  const photo = await (await customer.request.get(`${base}/media/${pot.photo_name}.jpg`)).body();
  const admin = await person('+919000000001', 360, 800);
  const hear = (send) => Promise.all([admin.waitForNavigation(), send()]);
  const send = () => admin.locator('form[enctype] button.wide').click();
  const artisan = '+919000000077';
  await admin.goto(`${base}/admin/simulator?chat=${encodeURIComponent(artisan)}`);
  for (const words of ['hi', '#English', '#Register', 'Meena Kumari', 'Potters lane, Jaipur',
    'Rajasthan', 'clay pots', '#Skip', '?', 'Add a product', 'Clay surahi', 'Keeps water cool',
    '250', '5', '1'])
    await hear(async () => {
      if (words[0] === '#')
        return admin.locator('.bubble:last-child button', { hasText: words.slice(1) }).click();
      await admin.fill('[name=text]', words === '?' ? await code(artisan) : words);
      return send();
    });
  await hear(async () => {
    await admin.setInputFiles('[name=photo]',
      { name: 'pot.jpg', mimeType: 'image/jpeg', buffer: photo });
    await send();
  });
  await admin.locator('.bubble').nth(-4).evaluate((one) => {
    one.scrollIntoView({ block: 'start' });
    window.scrollBy(0, -16);
  });
  await keep(admin, 'chat');
} finally {
  await browser.close();
  server.kill('SIGTERM');
  rmSync(dir, { recursive: true, force: true });
}
