// Small improvements of pages that work without them. A page asks for one by attributes:
//   data-replace="#list"   link or form: put that part of the answer in place, stay here
//   data-live="/path"      its content follows the answer while the page is looked at
//   data-ring              on data-live: a sound when the number grows
//   data-src               on a photo: loaded when it comes near; browsers load lazy ones
//                          2,500 px ahead, which is a whole catalog on a slow line
//   data-keep              a field: what is changed there is sent by itself
//   data-leave             a button of a form with data-replace that leads to another page
//   data-share, data-copy, data-print, data-step, data-preview
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (event, selector, run) => document.addEventListener(event, (e) => {
    const el = e.target.closest?.(selector);
    if (el && !e.defaultPrevented) run(el, e);
  });
  const here = () => location.pathname + location.search;
  // What was posted has no page of its own: Reload and Back ask for the form's.
  const { here: form } = document.body.dataset;
  if (form && new URL(form, location).pathname !== location.pathname) {
    history.replaceState(null, '', form);
  }
  let shown = here();

  let near;
  let ahead = '0px';
  function photos() {
    near?.disconnect();
    near = new IntersectionObserver((seen) => seen.forEach((one) => {
      if (one.isIntersecting) one.target.src = one.target.dataset.src;
    }), { rootMargin: ahead });
    all('img[data-src]:not([src])').forEach((el) => near.observe(el));
  }
  // Who scrolls wants more of them.
  addEventListener('scroll', () => { ahead = '600px'; photos(); }, { once: true });

  function dress() {
    photos();
    for (const error of all('.error:not(:empty)')) {
      all('input, select, textarea', error.parentNode).forEach((el) => {
        el.setAttribute('aria-invalid', 'true');
      });
    }
    document.getElementById('errors')?.focus();
    // The chosen one of a row that is wider than the screen.
    for (const pill of all('.filters [aria-current]')) {
      pill.parentNode.scrollLeft = pill.offsetLeft - 16;
    }
  }

  function free(form) {
    delete form.dataset.sent;
    all('[aria-disabled]', form).forEach((el) => el.removeAttribute('aria-disabled'));
  }

  function say(text) {
    const p = document.createElement('p');
    p.className = 'notice chip-warn';
    p.textContent = text;
    document.getElementById('flash')?.replaceChildren(p);
  }

  // Until what was changed last is sent too, an answer to what was before it changes nothing.
  let later;
  let then;
  const changed = new Set();
  function keep(form) {
    clearTimeout(later);
    later = setTimeout(() => (form.dataset.sent ? keep(form) : form.requestSubmit()), 400);
  }
  on('input', '[data-keep]', (el) => changed.add(el));
  on('change', '[data-keep]', (el) => { changed.add(el); keep(el.form); });

  async function replace(parts, url, options) {
    const reply = await fetch(url, { headers: { Accept: 'text/html' }, ...options });
    const type = reply.headers.get('Content-Type') || '';
    const next = new DOMParser().parseFromString(await reply.text(), 'text/html');
    const focus = document.activeElement;
    const whole = parts.split(',').every((part) => next.querySelector(part));
    if (!type.includes('html') || !whole) {
      location.assign(reply.url);
      return;
    }
    for (const part of `${changed.size ? '' : `${parts},`}#flash,#tabs,#bell-count`.split(',')) {
      const from = next.querySelector(part);
      const to = document.querySelector(part);
      if (from && to) to.replaceChildren(...from.childNodes);
    }
    const once = next.querySelector('[name=once]')?.value;
    if (once) all('[name=once]').forEach((el) => { el.value = once; });
    if (!options && reply.ok) {
      history.pushState(null, '', reply.url);
      shown = here();
    }
    if (!focus.isConnected && focus.id) document.getElementById(focus.id)?.focus();
    dress();
  }

  function address(form, button) {
    return button?.getAttribute('formaction') || form.getAttribute('action') || here();
  }

  on('submit', 'form', async (form, e) => {
    if (form.dataset.sent) {
      // Who goes on while a change is being kept goes on once it is.
      if ('leave' in (e.submitter?.dataset || {})) then = e.submitter.id;
      return e.preventDefault();
    }
    then = '';
    all('[data-keep]').forEach((el) => el.form === form && changed.delete(el));
    if (!changed.size) clearTimeout(later);
    const data = new FormData(form);
    const button = e.submitter;
    if (button?.name) data.append(button.name, button.value);
    form.dataset.sent = '1';
    all('button', form).forEach((el) => el.setAttribute('aria-disabled', 'true'));
    // A download leaves the page where it is.
    setTimeout(free, 8000, form);
    if (!form.dataset.replace || 'leave' in (button?.dataset || {})) return undefined;
    e.preventDefault();
    const body = form.enctype.startsWith('multipart') ? data : new URLSearchParams(data);
    const get = form.method === 'get';
    const url = address(form, button);
    try {
      await (get ? replace(form.dataset.replace, `${url.split('?')[0]}?${body}`)
        // Kept alive: who goes on at once has sent it all the same. Photos are too large for that.
        : replace(form.dataset.replace, url, { method: 'POST', body, keepalive: body !== data }));
    } catch {
      say(document.body.dataset.offline);
      then = '';
    }
    free(form);
    return document.getElementById(then)?.click();
  });

  on('click', 'a[data-replace]', (link, e) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    replace(link.dataset.replace, link.href).catch(() => location.assign(link.href));
  });

  on('click', '[data-share]', (link, e) => {
    if (!navigator.share) return;
    e.preventDefault();
    navigator.share({ text: link.dataset.say, url: link.dataset.share }).catch(() => {});
  });
  on('click', '[data-copy]', async (button) => {
    await navigator.clipboard?.writeText(button.dataset.copy);
    (button.querySelector('span') || button).textContent = button.dataset.done;
  });
  on('click', '[data-print]', () => print());
  on('click', '[data-step]', (button) => {
    const input = button.parentNode.querySelector('input');
    const sum = (parseFloat(input.value) || 0) + Number(button.dataset.step);
    input.value = Math.max(Number(input.dataset.min || 0), Math.round(sum * 1000) / 1000);
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });

  // A photo of 4 MB takes minutes on a slow line: the longer side becomes 1600 px.
  async function shrink(file, canvas) {
    const picture = await createImageBitmap(file);
    const side = Math.max(picture.width, picture.height);
    const draw = (size) => {
      const k = Math.min(1, size / side);
      canvas.width = picture.width * k;
      canvas.height = picture.height * k;
      canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    };
    let small = file;
    if (file.size > 400000) {
      draw(1600);
      const blob = await new Promise((ok) => { canvas.toBlob(ok, 'image/jpeg', 0.85); });
      if (blob && blob.size < file.size) {
        small = new File([blob], 'photo.jpg', { type: 'image/jpeg' });
      }
    }
    draw(160);
    return small;
  }
  on('change', '[data-preview]', async (input) => {
    const box = input.parentNode.querySelector('.previews');
    const files = new DataTransfer();
    box?.replaceChildren();
    for (const file of [...input.files]) {
      const canvas = document.createElement('canvas');
      files.items.add(await shrink(file, canvas).catch(() => file));
      if (canvas.width !== 300) box?.append(canvas);
    }
    input.files = files.files;
  });

  const tags = {};
  function ring() {
    try {
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      tone.connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.3);
    } catch { /* a browser may keep quiet until it is touched */ }
  }
  function show(el, text, next) {
    const before = parseInt(el.textContent, 10) || 0;
    if (next) el.replaceChildren(...(next.getElementById(el.id)?.childNodes || []));
    else el.textContent = text === '0' ? '' : text;
    if ('ring' in el.dataset && (parseInt(el.textContent, 10) || 0) > before) ring();
  }
  async function follow(path) {
    const reply = await fetch(path, {
      cache: 'no-store',
      headers: { Accept: 'text/html', 'If-None-Match': tags[path] || '""' },
    });
    const same = all('[data-live]').filter((el) => el.dataset.live === path);
    if (reply.redirected || reply.status === 404) {
      same.forEach((el) => delete el.dataset.live);
    }
    if (reply.redirected || reply.status !== 200) return;
    tags[path] = reply.headers.get('ETag');
    const text = await reply.text();
    const html = (reply.headers.get('Content-Type') || '').includes('html');
    const next = html && new DOMParser().parseFromString(text, 'text/html');
    same.forEach((el) => show(el, text.trim(), next));
  }
  function poll() {
    if (document.hidden || !navigator.onLine) return;
    new Set(all('[data-live]').map((el) => el.dataset.live))
      .forEach((path) => follow(path).catch(() => {}));
  }
  poll();
  setInterval(poll, 5000);
  document.addEventListener('visibilitychange', poll);

  addEventListener('popstate', () => { if (here() !== shown) location.reload(); });
  addEventListener('pageshow', () => all('[data-sent]').forEach(free));
  dress();
})();
