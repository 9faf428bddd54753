using System.Text;

namespace Parley.bench.Chat;

/// <summary>Pairs of clients with stream management (XEP-0198): one of each writes and asks for the server's count, the other acknowledges what it is asked for, after as long as its network takes.</summary>
internal sealed class ManagedTraffic : IDisposable
{
    private const int Window = 20;
    private const string Body = "The quick brown fox jumps over the lazy dog, and after that it sits down and writes a message of about a hundred bytes.";
    private static readonly byte[] Question = "<r xmlns='urn:xmpp:sm:3'/>"u8.ToArray();

    private readonly List<Pair> _pairs = [];

    /// <summary>Logs all in.</summary>
    public async Task ConnectAsync(ChatServer server, int pairs, TimeSpan latency)
    {
        for (var i = 0; i < pairs; i++)
        {
            var (from, to) = (await LogInAsync(server.Port, 2 * i), await LogInAsync(server.Port, (2 * i) + 1));
            _pairs.Add(new Pair(from, to, Encoding.UTF8.GetBytes($"<message to='u{(2 * i) + 1}@localhost/r' type='chat' id='m'><body>{Body}</body></message>"), latency));
        }
    }

    /// <summary>Sends that many messages by each pair, and returns when all have come.</summary>
    public Task RunAsync(int messages) => Task.WhenAll(_pairs.Select(p => Task.Run(() => p.RunAsync(messages))));

    public void Dispose()
    {
        foreach (var pair in _pairs) pair.Dispose();
    }

    private static async Task<ChatClient> LogInAsync(int port, int user)
    {
        var client = await ChatClient.LogInAsync(port, $"u{user}", "r");
        await client.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        await client.ReadUntilAsync("<enabled ");
        return client;
    }

    private sealed class Pair(ChatClient from, ChatClient to, byte[] message, TimeSpan latency) : IDisposable
    {
        private readonly byte[] _many = [.. Enumerable.Repeat(message, Window).SelectMany(m => m)];
        private uint _handled;

        public async Task RunAsync(int messages)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            var (sent, come) = (0, 0);
            while (come < messages)
            {
                var more = Math.Min(Window - (sent - come), messages - sent);
                if (more > 0)
                {
                    await from.SendAsync(_many.AsMemory(0, more * message.Length));
                    await from.SendAsync(Question);
                    from.Forget();
                    sent += more;
                }

                var asked = to.Asked;
                var next = await to.CountMessagesAsync(patience.Token);
                come += next;
                _handled += (uint)next;
                if (to.Asked != asked) _ = AcknowledgeAsync($"<a xmlns='urn:xmpp:sm:3' h='{_handled}'/>");
            }
        }

        public void Dispose()
        {
            from.Dispose();
            to.Dispose();
        }

        private async Task AcknowledgeAsync(string answer)
        {
            try
            {
                if (latency > TimeSpan.Zero) await Task.Delay(latency);
                await to.SendAsync(answer);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or System.Net.Sockets.SocketException)
            {
                // The measurement is over.
            }
        }
    }
}
