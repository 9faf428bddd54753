// An everyday conversation by stanza: see everyday.js for what happens in it.
import { createClient } from "stanza";
import { converse } from "./everyday.js";

await converse(async (account, { domain, websocket, heard }) => {
  const one = createClient({ jid: `${account.name}@${domain}`, password: account.password, timeout: 20, transports: { websocket, bosh: false }, autoReconnect: false });
  one.on("message", (message) => {
    if (message.body && message.type !== "error") heard({ kind: message.type ?? "normal", from: message.from, body: message.body, link: message.links?.[0]?.url });
  });
  one.on("carbon:sent", (copy) => {
    const message = copy.carbon.forward.message;
    if (message.body) heard({ kind: "carbon", from: message.from, body: message.body });
  });
  for (const kind of ["subscribe", "subscribed"]) one.on(kind, (presence) => heard({ kind, body: presence.from }));
  await new Promise((resolve, reject) => {
    one.once("session:started", resolve);
    one.once("auth:failed", () => reject(new Error("not let in")));
    one.once("--transport-disconnected", () => reject(new Error("no connection")));
    one.connect();
  });
  await one.enableCarbons();
  await one.getRoster();
  one.sendPresence();
  return {
    jid: one.jid,
    say: async (to, body, type = "chat", link) => one.sendMessage({ to, type, body, links: link ? [{ url: link }] : undefined }),
    subscribe: async (to) => one.subscribe(to),
    accept: async (from) => one.acceptSubscription(from),
    join: async (room, nick) => (await one.joinRoom(room, nick)).muc.statusCodes ?? [],
    unlock: (room) => one.configureRoom(room, {}),
    publishAvatar: (id, base64) => one.publishAvatar(id, Buffer.from(base64, "base64")),
    fetchAvatar: async (of, id) => (await one.getAvatar(of, id)).content.data.toString("base64"),
    slot: async (name, size, mediaType) => {
      const slot = await one.getUploadSlot((await one.getUploadService()).jid, { name, size, mediaType });
      return { put: slot.upload.url, get: slot.download, headers: Object.fromEntries((slot.upload.headers ?? []).map((header) => [header.name, header.value])) };
    },
    history: async (of, by) => (await one.searchHistory(by ?? "", of ? { with: of } : {})).results.map((result) => result.item.message.body).filter(Boolean),
    leave: async () => { await one.disconnect(); },
  };
});
