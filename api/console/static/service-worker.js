// Keeps a bounded copy of a worker's pages for a poor connection; the account's own copies alone.
"use strict";
const PAGES = "roost-pages-", FILES = "roost-files", MOST_PAGES = 30, MOST_FILES = 40;
const KEPT_MS = 7 * 24 * 60 * 60 * 1000, OWN = "/console/me";
const READ = /^\/console\/me(\/matches\/[^/]+|\/inbox|\/conversation|\/training)?$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Removes every copy of other accounts, before this one's pages are kept.
async function forgetAllBut(own) {
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== own) await caches.delete(name);
}

async function trim(cache, most) {
  const keys = await cache.keys();
  for (const each of keys.slice(0, Math.max(0, keys.length - most))) await cache.delete(each);
}

// Keeps a page under its account, which the page itself names.
async function keep(path, response) {
  const text = await response.text();
  const account = /<meta name="account" content="(u-[a-z2-7]{26})">/.exec(text)?.[1];
  if (!account) return;
  await forgetAllBut(PAGES + account);
  const cache = await caches.open(PAGES + account);
  await cache.delete(path);
  const headers = { "content-type": "text/html; charset=utf-8", "x-kept-at": String(Date.now()) };
  const policy = response.headers.get("content-security-policy");
  if (policy) headers["content-security-policy"] = policy;
  await cache.put(path, new Response(text, { headers }));
  await trim(cache, MOST_PAGES);
}

async function kept(path) {
  for (const name of await caches.keys()) {
    const found = name.startsWith(PAGES) && (await (await caches.open(name)).match(path));
    const at = Number(found && found.headers.get("x-kept-at"));
    if (!found || Date.now() - at > KEPT_MS) continue;
    const text = (await found.text()).replace("<html", `<html data-kept-at="${at}"`);
    return new Response(text, { headers: found.headers });
  }
  return undefined;
}

function nothing() {
  const text = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>离线 Offline</title><h1>您已离线，此页面尚未保存。</h1><p lang="en">You are offline, and this page was not saved.</p><p><a href="/console/me">返回 Back</a></p></html>';
  return new Response(text, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
}

async function page(event, path) {
  try {
    const response = await fetch(event.request);
    if (response.ok && !response.redirected) event.waitUntil(keep(path, response.clone()));
    return response;
  } catch {
    return (await kept(path)) || (await kept(OWN)) || nothing();
  }
}

async function file(request) {
  const cache = await caches.open(FILES), found = await cache.match(request);
  if (found) return found;
  const response = await fetch(request);
  if (response.ok) { await cache.put(request, response.clone()); await trim(cache, MOST_FILES); }
  return response;
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const isOnePage = !url.searchParams.has("cursor") && !url.searchParams.has("unread");
  if (event.request.mode === "navigate" && READ.test(url.pathname) && isOnePage) event.respondWith(page(event, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
});
