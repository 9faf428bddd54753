using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Media.Control;
using Parley.Media.Relay.Workers;
using Parley.Plugin.Abstractions;
using Parley.Plugins.MediaRelay;

namespace Parley.tests.Plugins.MediaRelay;

public sealed class RelayHostTests
{
    private static readonly IServerInfo Server = LoopbackServer();

    [Fact]
    public async Task The_relay_answers_while_its_host_runs_and_is_unavailable_otherwise()
    {
        var host = HostAt(FreePort());
        var relay = new LocalRelay(host);
        Assert.Equal(RelayFault.Unavailable, (await Assert.ThrowsAsync<MediaRelayException>(() => relay.ModifyConferenceAsync(new("room", [], []), TestContext.Current.CancellationToken))).Fault);
        Assert.Equal(false, new RelayStatus(host).Read()["running"]);

        await host.StartAsync(TestContext.Current.CancellationToken);
        var state = await relay.ModifyConferenceAsync(new("room", [new("a", [new("t", IceRole.Controlled, DtlsRole.Server, null)], [], [])], []), TestContext.Current.CancellationToken);
        Assert.Equal(relay.Epoch, state.Epoch);
        var status = new RelayStatus(host).Read();
        Assert.Equal((true, 2, 1, 1), (status["running"], status["workers"], status["conferences"], status["endpoints"]));

        // Where the libraries are there, figures of what they make are too; nothing is made yet.
        Assert.Equal(relay.Capabilities.HasMixer ? 0 : "off", status["mixing"] is IReadOnlyDictionary<string, object?> mixing ? mixing["conferences"] : status["mixing"]);
        Assert.Equal(relay.Capabilities.HasVideoMixer ? 0L : "off", status["pictures"] is IReadOnlyDictionary<string, object?> pictures ? pictures["composed"] : status["pictures"]);

        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Throws<MediaRelayException>(() => relay.Epoch);
    }

    [Fact]
    public async Task Another_advertised_address_is_offered_first_from_then_on()
    {
        var (server, time) = (LoopbackServer(), new FakeTimeProvider());
        using var host = new RelayHost(Microsoft.Extensions.Options.Options.Create(new MediaOptions { Workers = 1, FirstPort = FreePort() }), server, TurnLab.Setup(server, new TurnOptions { Enabled = false }),
            NullLoggerFactory.Instance, time, NullLogger<RelayHost>.Instance);
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(IPAddress.Loopback, host.Service.MediaEndpoints[0].Address);

        server.AdvertisedAddress.Returns(IPAddress.Parse("198.51.100.2"));
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("198.51.100.2", host.Service.MediaEndpoints[0].Address.ToString());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    // Where the operator names no file there are words all the same.
    [Fact]
    public async Task Callers_are_told_in_words_that_they_are_recorded()
    {
        using var host = HostAt(FreePort());
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.InRange(host.Service.RecordedWords.Length, 48_000, 144_000);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_taken_port_stops_the_start_and_names_the_key()
    {
        var port = FreePort();
        using var other = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Any, port + 1));
        var fault = await Assert.ThrowsAsync<RelayStartException>(() => HostAt(port).StartAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith($"Media:FirstPort: UDP port {port + 1} ", fault.Message, StringComparison.Ordinal);
        // The first worker's socket was given back.
        using var again = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Any, port));
    }

    [Fact]
    public async Task Turn_is_listed_and_answers_while_the_relay_runs()
    {
        var (media, port) = (FreePort(), FreePort());
        var turn = TurnLab.Setup(Server, new TurnOptions { Port = port });
        var host = HostAt(media, turn);
        Assert.Empty(turn.List(null!));
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal([new("turn", "127.0.0.1", port, "udp", true), new("stun", "127.0.0.1", port, "udp", false)], turn.List(null!));
        Assert.Equal((true, port, 0L), (new TurnStatus(turn).Read()["running"], new TurnStatus(turn).Read()["port"], new TurnStatus(turn).Read()["allocations"]));
        Assert.True(TurnLab.AnswersBinding(port));
        await host.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(turn.List(null!));
        Assert.Equal(false, new TurnStatus(turn).Read()["running"]);
        Assert.False(TurnLab.AnswersBinding(port));
    }

    [Theory]
    [InlineData(5281, "turns:localhost:5349/tcp turns:localhost:5281/tcp")]
    [InlineData(443, "turns:localhost:443/tcp turns:localhost:5349/tcp")]
    public async Task The_listeners_that_are_open_are_listed_and_443_before_the_other_of_TLS(int https, string tls)
    {
        var port = FreePort();
        var requester = new ServiceRequester(Parley.Xmpp.Core.Addressing.Jid.Parse("ann@localhost/x"), new SenderInfo(SenderKind.Account), "localhost");
        foreach (var (listeners, expected) in new[]
        {
            (TurnLab.Listeners(("Turn:Port", port), ("Turn:TlsPort", 5349), ("Turn:ShareHttps", https)), $" turn:127.0.0.1:{port}/tcp {tls}"),
            (TurnLab.Listeners(("Turn:TlsPort", 5349)), " turns:localhost:5349/tcp"),
            (TurnLab.Listeners(), ""),
        })
        {
            var turn = TurnLab.Setup(Server, new TurnOptions { Port = port }, listeners);
            var host = HostAt(FreePort(), turn);
            Assert.Empty(turn.List(requester));
            await host.StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal($"turn:127.0.0.1:{port}/udp stun:127.0.0.1:{port}/udp{expected}", string.Join(' ', turn.List(requester).Select(s => $"{s.Type}:{s.Host}:{s.Port}/{s.Transport}")));
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        var named = TurnLab.Setup(Server, new TurnOptions { Port = port, TlsHost = "turn.example.org" }, TurnLab.Listeners(("Turn:TlsPort", 5349)));
        var again = HostAt(FreePort(), named);
        await again.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal("turn.example.org", named.List(requester)[^1].Host);
        await again.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_taken_turn_port_stops_the_start_and_names_the_key()
    {
        var (media, port) = (FreePort(), FreePort());
        using var other = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        var turn = TurnLab.Setup(Server, new TurnOptions { Port = port });
        var fault = await Assert.ThrowsAsync<RelayStartException>(() => HostAt(media, turn).StartAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith($"Turn:Port: UDP port {port} at 127.0.0.1 is taken", fault.Message, StringComparison.Ordinal);
        Assert.Empty(turn.List(null!));
        using var again = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Any, media)); // the media socket was given back
    }

    [Theory]
    [InlineData("Workers", -1)]
    [InlineData("FirstPort", 80)]
    [InlineData("MaxConferences", 0)]
    [InlineData("MaxParticipants", 1)]
    [InlineData("RecordedPrompt", "/nowhere/words.wav")]
    [InlineData("RecordedPrompt", "/proc/version")]
    [InlineData("RecordedPrompt", "/dev/zero")]
    public void A_value_that_makes_no_sense_is_named(string key, object value)
    {
        var options = new MediaOptions();
        typeof(MediaOptions).GetProperty(key)!.SetValue(options, value);
        Assert.StartsWith($"{key}: ", Assert.Single(MediaOptions.Validate(options)), StringComparison.Ordinal);
        Assert.Empty(MediaOptions.Validate(new MediaOptions()));
    }

    private static RelayHost HostAt(int port) => HostAt(port, TurnLab.Setup(Server, new TurnOptions { Enabled = false }));

    private static RelayHost HostAt(int port, TurnSetup turn) =>
        new(Microsoft.Extensions.Options.Options.Create(new MediaOptions { Workers = 2, FirstPort = port }), Server, turn, NullLoggerFactory.Instance, TimeProvider.System, NullLogger<RelayHost>.Instance);

    private static IServerInfo LoopbackServer()
    {
        var server = Substitute.For<IServerInfo>();
        server.BindAddress.Returns(IPAddress.Loopback);
        server.AdvertisedAddress.Returns(IPAddress.Loopback);
        server.IsLoopbackOnly.Returns(true);
        server.Domains.Returns(["localhost"]);
        return server;
    }

    /// <summary>A port that is free, and so is the next.</summary>
    private static int FreePort()
    {
        for (var port = 20_000 + Random.Shared.Next(10_000); ; port++)
        {
            try
            {
                using var one = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Any, port));
                using var two = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Any, port + 1));
                return port;
            }
            catch (System.Net.Sockets.SocketException) when (port < 40_000)
            {
                // Somebody has it; the next.
            }
        }
    }
}
