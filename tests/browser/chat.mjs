// The bot as somebody without instructions meets it, in the simulator: an artisan registers,
// answers wrongly and rightly, adds a product with an album, and its link sells.
import { readFileSync } from 'node:fs';

const picture = (name, file) => ({ name, mimeType: 'image/png', buffer: readFileSync(file) });
const album = [picture('a.png', '../../static/icon-512.png'),
  picture('b.png', '../../tests/browser/catalog.png')];
const noPicture = { name: 'c.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };

// What is written or pressed, and a word that the answers to it must hold.
const walks = [{
  lang: 'en',
  mobile: '+919000000011',
  name: 'Ravi Kumhar',
  product: 'Blue vase',
  registering: [['hello', 'language'], ['what?', 'language'], ['#English', 'Register'],
    ['no idea', 'Press a button'], ['#Register', 'your name'], ['98765', 'in letters'],
    ['Ravi Kumhar', 'address'], ['back', 'your name'], ['Ravi Kumhar', 'address'],
    ['Potters lane, Khurja', 'Which State'], ['UP', 'What do you make'],
    ['!Sticker', 'answer in words'], ['clay vases', 'UPI'], ['ravi', 'not a UPI ID'],
    ['#Skip', 'on its way'], ['000 000', 'not right']],
  registered: 'you are registered',
  adding: [['#1 Add a product', 'called'], ['250', 'name in a few words'], ['Blue vase', 'Describe'],
    ['back', 'called'], ['Blue vase', 'Describe'], ['!Voice note', 'listen'], ['5 inch high', 'rupees'],
    ['cheap', 'as a number'], ['Rs 250/-', 'How many'], ['-2', 'as a number'], ['help', 'cancel'],
    ['five', 'photos'], ['20', '0 to 8'], ['2', 'send 2 photos']],
  noPhoto: 'not a photo',
  summary: ['Blue vase', '5 inch high', '₹250 for 1 piece', '5 pieces', 'Photos: 2'],
  yes: 'Yes, save it',
  draft: 'saved as a draft',
  list: '2 My products',
}, {
  lang: 'hi',
  digits: '०१२३४५६७८९',
  mobile: '+919000000012',
  name: 'लाखन कुम्हार',
  product: 'मिट्टी का दीया',
  registering: [['नमस्ते', 'भाषा'], ['#हिन्दी', 'रजिस्टर'], ['रजिस्टर', 'नाम क्या है'],
    ['लाखन कुम्हार', 'पता'], ['कुम्हार गली, जयपुर 302001', 'क्या बनता'], ['वापस', 'पता'],
    ['कुम्हार गली, जयपुर, राजस्थान', 'क्या बनता'], ['!स्टिकर', 'लिखकर'], ['दीये और मटके', 'UPI'],
    ['छोड़ें', 'कोड आ रहा है'], ['१२३', '6 अंक']],
  registered: 'रजिस्ट्रेशन हो गया',
  adding: [['नया सामान जोड़ें', 'नाम क्या है'], ['मिट्टी का दीया', 'किससे बना है'], ['!आवाज़', 'लिखकर'],
    ['#छोड़ें', 'रुपये में'], ['सस्ता', 'अंकों में'], ['ढाई सौ', 'कितने हैं'], ['मदद', 'रद्द'],
    ['९', 'कितनी फ़ोटो'], ['back', 'कितने हैं'], ['५', 'कितनी फ़ोटो'], ['२', '2 फ़ोटो भेजें']],
  noPhoto: 'फ़ोटो',
  summary: ['मिट्टी का दीया', '1 नग का ₹250', '5 नग', 'फ़ोटो: 2'],
  yes: 'हाँ, सेव करें',
  draft: 'ड्राफ़्ट',
  list: '2 मेरा सामान',
}];

export async function chatWalks({ test, expect, base, admin, customer, person, browser, codeFor,
  signIn, restart, look, accessible }) {
  const json = async (page, path) => (await page.request.get(base + path,
    { headers: { Accept: 'application/json' } })).json();
  const first = admin.locator('form[enctype="multipart/form-data"] button.wide');

  // Sends, and gives the answers that came.
  async function hear(send) {
    await Promise.all([admin.waitForNavigation(), send()]);
    return admin.evaluate(() => {
      const all = [...document.querySelectorAll('.bubble')];
      const last = all.findLastIndex((one) => one.classList.contains('mine'));
      return all.slice(last + 1).map((one) => one.innerText).join('\n');
    });
  }
  const press = (title) => admin.locator('.bubble:last-child button', { hasText: title }).first().click();
  async function say(words) {
    if (words.startsWith('#')) return press(words.slice(1));
    if (words.startsWith('!')) {
      await admin.locator('form[enctype] summary').click();
      return admin.locator('form[enctype] .pill', { hasText: words.slice(1) }).click();
    }
    await admin.fill('[name=text]', words);
    return first.click();
  }
  const photos = (files) => hear(async () => {
    await admin.setInputFiles('[name=photo]', files);
    await first.click();
  });
  async function talk(lines) {
    for (const [words, answer] of lines) {
      const got = await hear(() => say(words));
      expect(got.includes(answer), `to '${words}' came no '${answer}' but: ${got}`);
    }
  }

  for (const walk of walks) {
    let shop, product;

    await test(`WA-1 WA-2 WA-7 WA-9 registering by chat, ${walk.lang}`, async () => {
      await admin.request.post(`${base}/me/language`, { form: { lang: walk.lang, back: '/' },
        headers: { Origin: base } });
      await admin.goto(`${base}/admin/simulator?chat=${encodeURIComponent(walk.mobile)}`);
      await talk(walk.registering);
      const code = await codeFor(walk.mobile);
      const got = await hear(() => say(walk.digits ? code.replace(/\d/g, (d) => walk.digits[d])
        : code));
      expect(got.includes(walk.registered), `to the code came: ${got}`);
      await look(admin, `chat-registered-${walk.lang}`);
    });

    await test(`WA-3 WA-7 a product with an album by chat, ${walk.lang}`, async () => {
      await talk(walk.adding);
      const wrong = await photos([noPicture]);
      expect(wrong.includes(walk.noPhoto), `to no picture came: ${wrong}`);
      // Left in the middle, it goes on where it stood.
      await restart();
      await admin.goto(`${base}/admin/simulator`);
      const got = await photos(album);
      for (const part of walk.summary) expect(got.includes(part), `no '${part}' in: ${got}`);
      await look(admin, `chat-summary-${walk.lang}`);
      const saved = await hear(() => press(walk.yes));
      expect(saved.includes(walk.draft), `to yes came: ${saved}`);
      const listed = await hear(() => press(walk.list));
      expect(listed.includes(walk.product) && listed.includes('₹250'), `listed: ${listed}`);
      await accessible(admin, `the chat, ${walk.lang}`);
    });

    await test(`WA-4 ACC-7 approved, it stands in the catalog at once, ${walk.lang}`, async () => {
      await admin.goto(`${base}/admin/requests`);
      shop = null;
      await admin.locator('form[action$="/approve"] button').first().click();
      const vendor = await signIn(await person(browser), walk.mobile);
      walk.page = vendor;
      shop = new URL(await (await vendor.goto(`${base}/account`),
        vendor.getAttribute('a[href^="/v/"]', 'href')), base).pathname;
      const { products } = await json(customer, shop);
      expect(products.length === 1 && products[0].name === walk.product &&
        products[0].from_paise === 25000 && products[0].has_stock, JSON.stringify(products));
      product = products[0];
      await customer.goto(base + shop);
      await customer.waitForFunction(() => document.querySelector('.goods img')?.naturalWidth > 100);
      await look(customer, `chat-catalog-${walk.lang}`);
      const preview = await customer.getAttribute('[property="og:image"]', 'content');
      const sent = await customer.request.get(preview);
      const size = (await sent.body()).length;
      expect(sent.headers()['content-type'] === 'image/jpeg' && size < 600000,
        `the preview is ${size} bytes`);
      const wide = await customer.evaluate((src) => new Promise((done) => {
        const image = new Image();
        image.onload = () => done([image.naturalWidth, image.naturalHeight]);
        image.src = src;
      }), new URL(preview).pathname);
      expect(wide[0] >= 300 && wide[1] >= 200, `the preview is ${wide}`);
    });

    await test(`CAT-5 VORD-5 ORD-9 what the chat sells is ordered and handed over, ${walk.lang}`,
      async () => {
        const vendor = walk.page;
        await customer.goto(`${base}${shop}/p/${product.id}`);
        await Promise.all([ // leaving before the answer would take it back
          customer.waitForResponse((r) => r.request().method() === 'POST'),
          customer.click('form[action$="/cart"] .btn.wide'),
        ]);
        await customer.goto(`${base}/cart/order`);
        await customer.click('form[action="/cart/order"] button:not([type=button]) >> nth=-1');
        await customer.waitForURL(/\/orders/);
        const order = (await json(vendor, '/sell/orders')).orders[0];
        expect(order.state === 'ordered' && order.total_paise === 25000, JSON.stringify(order));
        await vendor.goto(base + order.href);
        await vendor.click('form[action$="/accept"] .btn.now');
        const { code } = await json(customer, `/orders/${order.id}`);
        await vendor.fill('[name=code]', '0000' === code ? '1111' : '0000');
        await vendor.click('form[action$="/deliver"] .btn.now');
        expect((await json(vendor, order.href)).order.state === 'accepted', 'a wrong code delivered');
        await vendor.fill('[name=code]', code);
        await vendor.check('[name=pay][value=cash]');
        await vendor.click('form[action$="/deliver"] .btn.now');
        await vendor.waitForLoadState();
        expect((await json(vendor, order.href)).order.state === 'delivered', 'not delivered');
        const [sku] = (await json(vendor, '/inventory')).skus;
        expect(sku.on_hand_milli === 4000, `left: ${sku.on_hand_milli}`);
        const bought = (await json(customer, '/inventory')).skus.find((s) => s.name === walk.product);
        expect(bought?.on_hand_milli === 1000, 'not in the inventory of who bought it');
        await vendor.context().close();
      });
  }
  await admin.request.post(`${base}/me/language`, { form: { lang: 'en', back: '/' },
    headers: { Origin: base } });
}
