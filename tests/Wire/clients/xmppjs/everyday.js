// What people do all day, in the words of no library: Ann with two clients and Bob talk one to one, share a file and a picture, meet in a room, and Bob reads what he missed.
// Usage: everyday-<library>.js SERVICE WEBSOCKET DOMAIN PASSWORD; prints what happened as JSON.

const [service, websocket, domain, password] = process.argv.slice(2);
const told = {};

const until = async (condition, what) => {
  for (let i = 0; i < 1000; i++) {
    const value = condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("never came: " + what);
};

export async function converse(login) {
  const heard = {};
  const come = (place, name) => login({ name, password }, { service, websocket, domain, heard: (one) => (heard[place] ??= []).push(one) });
  const hears = (place, kind, body) => until(() => heard[place]?.find((one) => one.kind === kind && one.body === body), `${place} ${kind} ${body}`);
  const phone = await come("phone", "ann"), laptop = await come("laptop", "ann");
  let bob = await come("bob", "bob");
  const ann = "ann@" + domain;

  await phone.say("bob@" + domain, "hello <&> 😀");
  told.heard = (await hears("bob", "chat", "hello <&> 😀")).from === phone.jid;
  told.copied = (await hears("laptop", "carbon", "hello <&> 😀")).from === phone.jid;
  await bob.say(phone.jid, "and back");
  told.answered = (await hears("phone", "chat", "and back")).from === bob.jid;

  // Pictures are for friends.
  await bob.subscribe(ann);
  await hears("phone", "subscribe", bob.jid.split("/")[0]);
  await phone.accept("bob@" + domain);
  await hears("bob", "subscribed", ann);

  const room = "tea@rooms." + domain;
  told.made = await phone.join(room, "Ann");
  await phone.unlock(room);
  await bob.join(room, "Bob");
  await bob.say(room, "in the room", "groupchat");
  told.inRoom = (await hears("phone", "groupchat", "in the room")).from;

  const picture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const id = Buffer.from(await crypto.subtle.digest("SHA-1", picture)).toString("hex");
  await phone.publishAvatar(id, picture.toString("base64"));
  told.avatar = (await bob.fetchAvatar(ann, id)) === picture.toString("base64");

  const file = crypto.getRandomValues(new Uint8Array(50_000));
  const slot = await phone.slot("a file.bin", file.length, "application/octet-stream");
  told.put = (await fetch(slot.put, { method: "PUT", body: file, headers: { ...slot.headers, "content-type": "application/octet-stream" } })).status;
  await phone.say("bob@" + domain, slot.get, "chat", slot.get);
  const { link } = await hears("bob", "chat", slot.get);
  told.file = Buffer.from(await (await fetch(link)).arrayBuffer()).equals(Buffer.from(file));

  // Bob is away, and reads when he is back.
  await bob.leave();
  await phone.say("bob@" + domain, "while away");
  await phone.say(room, "while you were out", "groupchat");
  await hears("phone", "groupchat", "while you were out");
  bob = await come("bob again", "bob");
  await hears("bob again", "chat", "while away");
  told.history = (await bob.history(ann)).filter((body) => body !== slot.get);
  told.roomHistory = await bob.history(undefined, room);
  for (const one of [phone, laptop, bob]) await one.leave();
  console.log(JSON.stringify(told));
  process.exit(0);
}
