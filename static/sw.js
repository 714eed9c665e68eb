// Shows push messages; a press on one opens what it is about.
addEventListener('push', (e) => {
  let news = {};
  try {
    news = e.data.json();
  } catch { /* one without content */ }
  e.waitUntil(registration.showNotification('InviChat', {
    body: news.body || '',
    tag: news.id,
    icon: '/static/icon-192.png',
    data: { url: news.url || '/notifications' },
  }));
});

async function open(url) {
  const to = new URL(url, location.origin);
  if (to.origin !== location.origin) return;
  for (const page of await clients.matchAll({ type: 'window' })) {
    if (new URL(page.url).pathname === to.pathname) {
      await page.focus();
      return;
    }
  }
  await clients.openWindow(to.href);
}
addEventListener('notificationclick', (e) => {
  e.notification.close();
  e.waitUntil(open(e.notification.data.url));
});
