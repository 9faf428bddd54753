// An everyday conversation by @xmpp/client: see everyday.js for what happens in it.
import { client, xml } from "@xmpp/client";
import { converse } from "./everyday.js";
import { online } from "./online.js";

const FORWARD = "urn:xmpp:forward:0", MAM = "urn:xmpp:mam:2", PUBSUB = "http://jabber.org/protocol/pubsub", UPLOAD = "urn:xmpp:http:upload:0";

await converse(async (account, { service, domain, heard }) => {
  const one = client({ service, domain, username: account.name, password: account.password });
  one.timeout = 20_000; // two seconds are little on a busy machine
  one.on("error", (error) => console.error(error));
  const ask = (type, to, child) => one.iqCaller.request(xml("iq", { type, to }, child), one.timeout);
  one.on("stanza", (stanza) => {
    if (stanza.is("presence") && stanza.attrs.type) heard({ kind: stanza.attrs.type, body: stanza.attrs.from });
    if (!stanza.is("message") || stanza.attrs.type === "error") return;
    const copied = stanza.getChild("sent", "urn:xmpp:carbons:2")?.getChild("forwarded", FORWARD)?.getChild("message");
    const message = copied ?? stanza;
    const body = message.getChildText("body");
    if (body) heard({ kind: copied ? "carbon" : message.attrs.type ?? "normal", from: message.attrs.from, body, link: message.getChild("x", "jabber:x:oob")?.getChildText("url") });
  });
  const jid = await online(one);
  await ask("set", undefined, xml("enable", { xmlns: "urn:xmpp:carbons:2" }));
  await one.send(xml("presence"));
  return {
    jid,
    say: (to, body, type = "chat", link) => one.send(xml("message", { to, type }, xml("body", {}, body), link && xml("x", { xmlns: "jabber:x:oob" }, xml("url", {}, link)))),
    subscribe: (to) => one.send(xml("presence", { to, type: "subscribe" })),
    accept: (from) => one.send(xml("presence", { to: from, type: "subscribed" })),
    join: (room, nick) => new Promise((resolve, reject) => {
      const from = `${room}/${nick}`;
      const listen = (stanza) => {
        if (!stanza.is("presence") || stanza.attrs.from !== from) return;
        one.off("stanza", listen);
        if (stanza.attrs.type === "error") reject(new Error(stanza.toString()));
        else resolve(stanza.getChild("x", "http://jabber.org/protocol/muc#user").getChildren("status").map((status) => status.attrs.code));
      };
      one.on("stanza", listen);
      one.send(xml("presence", { to: from }, xml("x", { xmlns: "http://jabber.org/protocol/muc" }))).catch(reject);
    }),
    unlock: (room) => ask("set", room, xml("query", { xmlns: "http://jabber.org/protocol/muc#owner" }, xml("x", { xmlns: "jabber:x:data", type: "submit" }))),
    publishAvatar: (id, base64) => ask("set", undefined, xml("pubsub", { xmlns: PUBSUB }, xml("publish", { node: "urn:xmpp:avatar:data" }, xml("item", { id }, xml("data", { xmlns: "urn:xmpp:avatar:data" }, base64))))),
    fetchAvatar: async (of) => (await ask("get", of, xml("pubsub", { xmlns: PUBSUB }, xml("items", { node: "urn:xmpp:avatar:data" })))).getChild("pubsub").getChild("items").getChild("item").getChildText("data"),
    slot: async (filename, size, type) => {
      const slot = (await ask("get", "upload." + domain, xml("request", { xmlns: UPLOAD, filename, size: String(size), "content-type": type }))).getChild("slot", UPLOAD);
      const headers = Object.fromEntries(slot.getChild("put").getChildren("header").map((header) => [header.attrs.name, header.text()]));
      return { put: slot.getChild("put").attrs.url, get: slot.getChild("get").attrs.url, headers };
    },
    history: async (of, by) => {
      const bodies = [];
      const listen = (stanza) => {
        const result = stanza.getChild("result", MAM);
        if (result) bodies.push(result.getChild("forwarded", FORWARD).getChild("message").getChildText("body"));
      };
      one.on("stanza", listen);
      const field = (name, value, type) => xml("field", { var: name, type }, xml("value", {}, value));
      await ask("set", by, xml("query", { xmlns: MAM }, xml("x", { xmlns: "jabber:x:data", type: "submit" }, field("FORM_TYPE", MAM, "hidden"), of && field("with", of))));
      one.off("stanza", listen);
      return bodies.filter(Boolean);
    },
    leave: () => one.stop(),
  };
});
