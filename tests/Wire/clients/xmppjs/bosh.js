// Two people by strophe.js over BOSH: one by plain HTTP on this machine, one by HTTPS.
import { DOMParser } from "@xmldom/xmldom";
import xhr2 from "xhr2";

// A browser parses what it is answered.
globalThis.XMLHttpRequest = class extends (xhr2.XMLHttpRequest ?? xhr2) {
  get responseXML() {
    return this.readyState === 4 && this.responseText ? new DOMParser().parseFromString(this.responseText, "text/xml") : null;
  }

  set responseXML(_) {}
};
const { Strophe, $msg, $pres } = await import("strophe.js");

Strophe.setLogLevel(Strophe.LogLevel.FATAL);

const [annService, bobService, domain, annPassword, bobPassword] = process.argv.slice(2);
const told = { jids: [], mechanisms: [], heard: [], ended: [] };

function connect(service, user, password) {
  const connection = new Strophe.Connection(service);
  connection.heard = [];
  connection.addHandler((message) => {
    connection.heard.push([Strophe.getBareJidFromJid(message.getAttribute("from")), Strophe.getText(message.getElementsByTagName("body")[0])]);
    return true;
  }, null, "message");
  const connected = new Promise((resolve, reject) => connection.connect(`${user}@${domain}`, password, (status, condition) => {
    if (status === Strophe.Status.CONNECTED) resolve();
    else if ([Strophe.Status.CONNFAIL, Strophe.Status.AUTHFAIL, Strophe.Status.ERROR].includes(status)) reject(new Error(`${status} ${condition}`));
    else if (status === Strophe.Status.DISCONNECTED) connection.ended?.();
  }, 60, 1));
  return connected.then(() => {
    told.jids.push(connection.jid);
    told.mechanisms.push(connection._sasl_mechanism.mechname);
    connection.send($pres());
    return connection;
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ann = await connect(annService, "ann", annPassword);
const bob = await connect(bobService, "bob", bobPassword);

ann.send($msg({ to: bob.jid, type: "chat" }).c("body").t("over BOSH <&> 😀"));
while (bob.heard.length === 0) await pause(20);
bob.send($msg({ to: ann.jid, type: "chat" }).c("body").t("and back"));
while (ann.heard.length === 0) await pause(20);
// Many at once, in order.
for (let i = 0; i < 50; i++) ann.send($msg({ to: bob.jid, type: "chat" }).c("body").t(`${i}`));
while (bob.heard.length < 51) await pause(20);
told.heard = [bob.heard[0], ann.heard[0], bob.heard.slice(1).map((h) => h[1]).join(" ")];
for (const one of [ann, bob]) {
  const ended = new Promise((resolve) => { one.ended = resolve; });
  one.disconnect("done");
  await ended;
}
console.log(JSON.stringify(told));
process.exit(0);
