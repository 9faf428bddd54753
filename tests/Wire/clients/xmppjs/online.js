// Starts an @xmpp/client and waits until it is online; gives its address.
// start() itself waits for the server's stream header only once its own is written out, and misses one that is quicker than that.
export async function online(client) {
  const address = new Promise((resolve, reject) => {
    client.once("online", resolve);
    client.start().catch((error) => error.name === "TimeoutError" || reject(error));
    setTimeout(() => reject(new Error("not online within 30 s")), 30_000).unref();
  });
  return (await address).toString();
}
