using System.Text;

namespace Parley.bench.Chat;

/// <summary>Pairs of clients, one of each writing to the other with a bounded number of messages under way.</summary>
internal sealed class MessageTraffic : IDisposable
{
    private const int Window = 20;
    private const string Body = "The quick brown fox jumps over the lazy dog, and after that it sits down and writes a message of about a hundred bytes.";

    private readonly List<(ChatClient From, ChatClient To, byte[] Message)> _pairs = [];

    /// <summary>Logs all in.</summary>
    public async Task ConnectAsync(ChatServer server, int pairs)
    {
        for (var i = 0; i < pairs; i++)
        {
            var from = await ChatClient.LogInAsync(server.Port, $"u{2 * i}", "r");
            var to = await ChatClient.LogInAsync(server.Port, $"u{(2 * i) + 1}", "r");
            _pairs.Add((from, to, Encoding.UTF8.GetBytes($"<message to='u{(2 * i) + 1}@localhost/r' type='chat' id='m'><body>{Body}</body></message>")));
        }
    }

    /// <summary>Sends that many messages by each pair, and returns when all have come.</summary>
    public Task RunAsync(int messages) => Task.WhenAll(_pairs.Select(p => Task.Run(() => RunAsync(p.From, p.To, p.Message, messages))));

    /// <summary>Sees that what was sent is in the archive: a server whose database fails delivers messages all the same, and faster.</summary>
    public async Task CheckArchiveAsync()
    {
        var client = _pairs[0].From;
        await client.SendAsync("<iq type='set' id='a'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set></query></iq>");
        if (!(await client.ReadUntilAsync("</iq>")).Contains("<body>" + Body, StringComparison.Ordinal)) throw new InvalidOperationException("Nothing was archived.");
    }

    public void Dispose()
    {
        foreach (var (from, to, _) in _pairs)
        {
            from.Dispose();
            to.Dispose();
        }
    }

    private static async Task RunAsync(ChatClient from, ChatClient to, byte[] message, int messages)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var many = Enumerable.Repeat(message, Window).SelectMany(m => m).ToArray();
        var (sent, come) = (0, 0);
        while (come < messages)
        {
            var more = Math.Min(Window - (sent - come), messages - sent);
            if (more > 0)
            {
                await from.SendAsync(many.AsMemory(0, more * message.Length));
                sent += more;
            }

            come += await to.CountMessagesAsync(patience.Token);
        }
    }
}
