// Ann's two clients, by @xmpp/client: one logs in by SASL2 and Bind 2, loses its connection and resumes in the same breath, and comes back by a token.
import { client, xml } from "@xmpp/client";
import { online } from "./online.js";

const [service, domain, password] = process.argv.slice(2);
const told = { mechanisms: [], jids: [], resumed: false, token: null, carbons: [], heard: [] };

function make(id, resource, credentials) {
  const one = client({ service, domain, resource, credentials, userAgent: xml("user-agent", { id }, [xml("software", {}, "xmpp.js")]) });
  // What the library leaves to its user: carbons ride along with the resource (XEP-0386 section 5).
  one.timeout = 20_000; // two seconds are little on a busy machine
  one.bind2.use("urn:xmpp:carbons:2", async () => xml("enable", { xmlns: "urn:xmpp:carbons:2" }));
  one.on("send", (element) => {
    if (element.is("authenticate", "urn:xmpp:sasl:2")) told.mechanisms.push(element.attrs.mechanism);
  });
  one.on("error", (error) => {
    if (!["ECONNRESET", "EPIPE"].includes(error.code)) console.error(error);
  });
  return one;
}

const until = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve));
const phone = "d4565fa7-4d72-4749-b3d3-740edbf87770";

let kept = null;
const first = make(phone, "Phone", { username: "ann", password });
first.fast.saveToken = async (token) => { kept = token; };
first.fast.fetchToken = async () => kept;
told.jids.push(await online(first));
told.managed = first.streamManagement.enabled;
first.on("stanza", (stanza) => {
  const sent = stanza.getChild("sent", "urn:xmpp:carbons:2");
  if (sent) told.carbons.push(sent.getChild("forwarded").getChild("message").getChildText("body"));
  else if (stanza.is("message")) told.heard.push(stanza.getChildText("body"));
});

const second = make("c4565fa7-4d72-4749-b3d3-740edbf87770", "Laptop", { username: "ann", password });
told.jids.push(await online(second));
await second.send(xml("message", { to: "bob@" + domain, type: "chat" }, xml("body", {}, "to bob")));
while (told.carbons.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));

// The connection breaks; what comes meanwhile comes with the resumption.
const resumed = until(first.streamManagement, "resumed");
first.socket.socket.destroy();
await second.send(xml("message", { to: told.jids[0], type: "chat" }, xml("body", {}, "while away")));
await resumed;
told.resumed = true;
while (told.heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
told.jids.push(first.jid.toString());
await first.stop();

// Another start of the same program has the token and no password.
const again = make(phone, "Phone", { username: "ann", token: kept });
told.jids.push(await online(again));
told.token = kept;
await again.stop();
await second.stop();
console.log(JSON.stringify(told));
process.exit(0);
