using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

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
            sending = stream.SendAsync(message, ct: Ct).AsTask();
            await Task.WhenAny(sending, Task.Delay(2000, Ct));
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

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task What_was_never_written_to_a_client_that_is_cut_is_given_back_in_order(bool isWebSocket, bool isTls)
    {
        var time = new FakeTimeProvider();
        await using var server = await StreamServer.StartAsync(o => (o.Time, o.Limits) = (time, new StreamLimits { OutboundBytes = 2 << 20 }));
        await using TestClient client = isWebSocket ? await WebSocketTestClient.ConnectAsync(server.HttpPort) : await TcpTestClient.ConnectAsync(isTls ? server.TlsPort : server.Port, isTls);
        await client.LogInAsync();
        var session = await server.BoundAsync();
        var deliveries = new List<AwaitedDelivery>();
        while (deliveries.Count < 1000)
        {
            deliveries.Add(new AwaitedDelivery());
            var sending = session.Stream.SendAsync(Message(100_000, $"{deliveries.Count}"), deliveries[^1], Ct).AsTask();
            await Task.WhenAny(sending, Task.Delay(2000, Ct));
            if (!sending.IsCompleted) break;
        }

        time.Advance(TimeSpan.FromSeconds(6));
        await StreamServer.Until(() => server.Open.Count == 0);
        // The one that waited for room was not taken. What the network took may have arrived; nothing is in both, and nothing in between is missing but what was being written.
        var written = deliveries.TakeWhile(d => d.Outcome.IsCompleted).Count();
        var lost = session.Lost.Select(s => int.Parse(s.Id!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(deliveries.Count - lost.Count, lost.Count), lost);
        Assert.InRange(lost.Count, 10, deliveries.Count - 1 - written);
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
            for (var i = 0; i < 3000; i++) Assert.True(await stream.SendAsync(Message(i % 2000, $"m{i}"), ct: Ct));
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
            for (var i = 0; i < 200; i++) Assert.True(await stream.SendAsync(Message(50, $"{s}-{i}"), ct: Ct));
        }, Ct)));
        for (var i = 0; i < 1600; i++) await client.ReadUntilAsync("</message>");
        var ids = client.Messages.Skip(before).Select(m => m.Split("id='")[1].Split('\'')[0].Split('-')).ToArray();
        foreach (var sender in ids.GroupBy(p => p[0])) Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), sender.Select(p => p[1]));
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
