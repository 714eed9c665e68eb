// Push messages for this browser, switched on from the page of the settings.
(() => {
  const box = document.getElementById('push');
  const button = document.getElementById('push-on');
  const says = document.getElementById('push-says');
  const able = 'serviceWorker' in navigator && 'PushManager' in window && box.dataset.key;
  const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const bytes = (text) => Uint8Array.from(
    atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

  async function subscribe() {
    const worker = await navigator.serviceWorker.register('/static/sw.js', { scope: '/' });
    await navigator.serviceWorker.ready;
    const old = await worker.pushManager.getSubscription();
    const key = bytes(box.dataset.key);
    // One made for another key is of no use.
    if (old && base64url(old.options.applicationServerKey) !== box.dataset.key) {
      await old.unsubscribe();
    }
    const mine = await worker.pushManager.subscribe({
      userVisibleOnly: true, applicationServerKey: key,
    });
    const reply = await fetch('/me/push', {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'X-CSRF-Token': document.querySelector('[name=csrf]').value,
      },
      body: JSON.stringify({
        endpoint: mine.endpoint,
        p256dh: base64url(mine.getKey('p256dh')),
        auth: base64url(mine.getKey('auth')),
      }),
    });
    if (!reply.ok) throw new Error(reply.status);
    location.reload();
  }

  if (!button) return;
  if (!able) {
    says.textContent = box.dataset.no;
    return;
  }
  button.hidden = false;
  button.addEventListener('click', async () => {
    if (await Notification.requestPermission() !== 'granted') {
      says.textContent = box.dataset.denied;
      return;
    }
    subscribe().catch(() => { says.textContent = box.dataset.no; });
  });
})();
