using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>What <c>./parley status</c> tells of calls.</summary>
public sealed class FigureTests : IAsyncLifetime
{
    private readonly CallLab _lab = new(new FocusAgentOptions { Admins = ["ann@example.org"], MaxParticipants = 4, RawUdp = new() { Enabled = true, AllowedNetworks = { "10.1.2.0/24" } } });
    private readonly MixedCaller _dan;

    public FigureTests() => _dan = new MixedCaller(_lab, "dan@example.org/phone");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Participants_are_counted_by_what_they_call_with_and_tools_are_some()
    {
        Assert.Empty(Of("kinds"));
        await new Client(_lab, "ann@example.org/page").JoinAsync();
        await new Client(_lab, "bob@example.org/page").JoinAsync();
        await _dan.CallAsync(null, _dan.Audio());
        await _lab.Tools.ConnectAsync(new(Client.RoomAddress, "Studio", IPAddress.Parse("10.1.2.3"), new(5004, "opus"), null), Ct);
        Assert.Equal([("client", 1), ("tool", 1), ("web", 2)], Of("kinds").Select(k => (k.Key, (int)k.Value!)));
        Assert.Equal(4, Read()["participants"]);

        // A fifth does not get in.
        var eve = new MixedCaller(_lab, "eve@example.org/phone");
        await eve.Client.AskAsync(eve.Message(JingleAction.SessionInitiate, null, eve.Audio()));
        Assert.Equal([("full", 1L)], Of("refused").Select(r => (r.Key, (long)r.Value!)));
    }

    [Fact]
    public async Task Who_is_put_out_and_who_is_not_let_in_is_counted()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await _dan.CallAsync(null, _dan.Audio());
        await _lab.TickAsync();
        Assert.Equal("result", (await ann.ModerateAsync("kick", ("participant", ann.State.Users.Single(u => u.DisplayText == "dan").Endpoint))).Type);
        Assert.Equal(1L, Read()["removed"]);
        Assert.Equal([("web", 1)], Of("kinds").Select(k => (k.Key, (int)k.Value!)));

        await new Client(_lab, "dan@example.org/page").CallAsync();
        await _lab.SayAsync(Iq.Request("set", "1", "far@away.example/x", Client.RoomAddress, new JingleMessage(JingleAction.SessionInitiate, "s9") { Contents = [_dan.Audio()] }.ToElement()), SenderKind.Remote);
        _lab.Options.Rooms["tea"] = new RoomOptions { Lobby = true };
        await new Client(_lab, "bob@example.org/page").CallAsync();
        Assert.Equal([("closed", 1L), ("removed", 1L)], Of("refused").Select(r => (r.Key, (long)r.Value!)));
        Assert.Equal(1, Read()["waiting"]);
    }

    private IReadOnlyDictionary<string, object?> Read() => new FocusStatus(_lab.Rooms, _lab.Reservations, _lab.Recordings, new CallerPaces(_lab.Clock), _lab.MujiCallers, _lab.Services).Read();

    private IReadOnlyDictionary<string, object?> Of(string key) => (IReadOnlyDictionary<string, object?>)Read()[key]!;
}
