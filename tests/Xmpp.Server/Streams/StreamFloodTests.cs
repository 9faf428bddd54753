using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>Too much of everything.</summary>
public sealed class StreamFloodTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Message Message(int size, string? id = null) =>
        new(new Element("message", "jabber:client").Attr("id", id).Add("body", b => b.Text(new string('x', size))));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_does_not_read_is_waited_for_then_cut(bool isWebSocket)
    {
        var time = new FakeTimeProvider();
        await using var server = await StreamServer.StartAsync(o => (o.Time, o.Limits) = (time, new StreamLimits { OutboundBytes = 1 << 20 }));
        await using TestClient client = isWebSocket ? await WebSocketTestClient.ConnectAsync(server.HttpPort) : await TcpTestClient.ConnectAsync(server.Port);
        await client.LogInAsync();
        var stream = (await server.BoundAsync()).Stream;
        var message = Message(100_000);
        Task<bool> sending;
        var sent = 0;
        do
        {
            sending = stream.SendAsync(message, Ct).AsTask();
            await Task.WhenAny(sending, Task.Delay(500, Ct));
            Assert.True(++sent < 1000, "Nothing held the sender back.");
        }
        while (sending.IsCompleted && await sending);

        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));
        await Task.Delay(50, Ct);
        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(await sending.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        await StreamServer.Until(() => server.Open.Count == 0 && server.Bound.First().Ends == 1);
    }

    [Fact]
    public async Task A_client_that_reads_gets_everything_in_order_however_much_it_is()
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = new StreamLimits { OutboundBytes = 100_000 });
        await using var client = await TcpTestClient.ConnectAsync(server.TlsPort, tls: true);
        await client.LogInAsync();
        var stream = (await server.BoundAsync()).Stream;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 3000; i++) Assert.True(await stream.SendAsync(Message(i % 2000, $"m{i}"), Ct));
        }, Ct);
        for (var i = 0; i < 3000; i++) Assert.StartsWith($"<message id='m{i}'>", await client.ReadUntilAsync("</message>"), StringComparison.Ordinal);
        await sending;
    }

    [Fact]
    public async Task Many_senders_at_once_neither_mix_nor_lose()
    {
        await using var server = await StreamServer.StartAsync();
        await using var client = await WebSocketTestClient.ConnectAsync(server.HttpPort);
        await client.LogInAsync();
        var stream = (await server.BoundAsync()).Stream;
        var before = client.Messages.Count;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(s => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) Assert.True(await stream.SendAsync(Message(50, $"{s}-{i}"), Ct));
        }, Ct)));
        for (var i = 0; i < 1600; i++) await client.ReadUntilAsync("</message>");
        var ids = client.Messages.Skip(before).Select(m => m.Split("id='")[1].Split('\'')[0].Split('-')).ToArray();
        foreach (var sender in ids.GroupBy(p => p[0])) Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), sender.Select(p => p[1]));
    }

    [Fact]
    public async Task One_address_has_so_many_streams_and_gets_them_back()
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = new StreamLimits { StreamsPerLoopbackAddress = 2 });
        await using var first = await TcpTestClient.ConnectAsync(server.Port);
        await first.OpenAsync();
        await using var second = await WebSocketTestClient.ConnectAsync(server.HttpPort);
        await second.OpenAsync();
        await using var third = await TcpTestClient.ConnectAsync(server.Port);
        Assert.Contains("<stream:error><policy-violation ", await third.ReadToEndAsync(), StringComparison.Ordinal);
        await first.WriteAsync("</stream:stream>");
        await first.ReadToEndAsync();
        await StreamServer.Until(() => server.Open.Count == 1);
        await using var fourth = await TcpTestClient.ConnectAsync(server.Port);
        Assert.Contains("<mechanisms ", await fourth.OpenAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopping_server_tells_everybody()
    {
        await using var server = await StreamServer.StartAsync();
        await using var bound = await TcpTestClient.ConnectAsync(server.TlsPort, tls: true);
        await bound.LogInAsync();
        await using var page = await WebSocketTestClient.ConnectAsync(server.HttpPort);
        await page.OpenAsync("guest.two.test");
        await using var fresh = await TcpTestClient.ConnectAsync(server.Port);
        await StreamServer.Until(() => server.Open.Count == 3);
        server.Open.CloseAll("system-shutdown");
        Assert.Contains("<system-shutdown ", await bound.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
        Assert.Contains("<system-shutdown ", await page.ReadUntilAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"), StringComparison.Ordinal);
        Assert.Contains("<system-shutdown ", await fresh.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
        await using var late = await TcpTestClient.ConnectAsync(server.Port);
        Assert.Contains("<system-shutdown ", await late.ReadToEndAsync(), StringComparison.Ordinal);
    }
}
