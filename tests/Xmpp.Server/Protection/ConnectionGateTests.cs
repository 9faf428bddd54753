using System.Net;
using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;

namespace Parley.tests.Xmpp.Server.Protection;

/// <summary>Who fills an address with connections keeps nobody else of it out.</summary>
public sealed class ConnectionGateTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();
    private readonly WarningLog<LimitLog> _written = new();
    private readonly List<string> _cut = [];

    [Fact]
    public void A_thousand_that_open_and_wait_make_room_for_one_that_logs_in()
    {
        var gate = New(new StreamLimits { HalfOpenPerAddress = 200, ConnectionsPerSecondPerAddress = 0 });
        for (var i = 0; i < 1000; i++) Enter(gate, $"hostile {i}").Advance(PlaceStage.Opened);
        Assert.Equal(Enumerable.Range(0, 800).Select(i => $"hostile {i}"), _cut);
        var honest = Enter(gate, "honest");
        honest.Advance(PlaceStage.Opened);
        honest.Advance(PlaceStage.Authenticating);
        for (var i = 0; i < 1000; i++) Enter(gate, $"more {i}").Advance(PlaceStage.Opened);
        Assert.True(honest.TryEstablish());
        for (var i = 0; i < 1000; i++) Enter(gate, $"yet more {i}").Advance(PlaceStage.Authenticating);
        Assert.DoesNotContain("honest", _cut);
        Assert.Equal((MetLimit.HalfOpen.EventId, true), (Assert.Single(_written.Warnings).Id, _written.Warnings.First().Text.Contains("192.0.2.1", StringComparison.Ordinal)));
    }

    [Fact]
    public void Who_has_come_least_far_goes_first_and_among_equals_the_oldest()
    {
        var gate = New(new StreamLimits { HalfOpenPerAddress = 3 });
        Enter(gate, "silent");
        Enter(gate, "opened").Advance(PlaceStage.Opened);
        Enter(gate, "trying").Advance(PlaceStage.Authenticating);
        for (var i = 0; i < 4; i++) Enter(gate, $"new {i}").Advance(PlaceStage.Authenticating);
        Assert.Equal(["silent", "opened", "trying", "new 0"], _cut);
    }

    [Fact]
    public void One_that_was_cut_is_gone()
    {
        var gate = New(new StreamLimits { HalfOpenPerAddress = 1, StreamsPerAddress = 1 });
        var first = Enter(gate, "first");
        var second = Enter(gate, "second");
        Assert.False(first.TryEstablish());
        first.Advance(PlaceStage.Authenticating);
        first.Leave();
        Assert.True(second.TryEstablish());
        second.Leave();
        Assert.True(Enter(gate, "third").TryEstablish());
        Assert.Equal(["first"], _cut);
    }

    [Fact]
    public void Other_addresses_do_not_count()
    {
        var gate = New(new StreamLimits { HalfOpenPerAddress = 1, StreamsPerAddress = 1, ConnectionsPerSecondPerAddress = 1 });
        for (var i = 0; i < 20; i++) gate.TryEnter(Here, () => { });
        Assert.Null(gate.TryEnter(Here, () => { }));
        Assert.NotNull(gate.TryEnter(There, () => _cut.Add("there")));
        Assert.Empty(_cut);
        // An IPv6 /64 is one.
        Assert.Equal(ConnectionGate.KeyOf(IPAddress.Parse("2001:db8::1")), ConnectionGate.KeyOf(IPAddress.Parse("2001:db8::2:3:4:5")));
        Assert.NotEqual(ConnectionGate.KeyOf(IPAddress.Parse("2001:db8::1")), ConnectionGate.KeyOf(IPAddress.Parse("2001:db8:0:1::1")));
    }

    [Fact]
    public void Connections_that_come_too_fast_are_refused_until_they_come_slower()
    {
        var gate = New(new StreamLimits { ConnectionsPerSecondPerAddress = 5 });
        Assert.Equal(50, Enumerable.Range(0, 100).Count(_ => gate.TryEnter(Here, () => { }) is { } p && Left(p)));
        Assert.Equal(MetLimit.Connections.EventId, Assert.Single(_written.Warnings).Id);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => gate.TryEnter(Here, () => { }) is { } p && Left(p)));
        // A stream on a connection that was let in before is none of its own; and who comes from this machine may be a proxy.
        Assert.NotNull(gate.TryEnter(Here, () => { }, isPaced: false));
        Assert.Equal(100, Enumerable.Range(0, 100).Count(_ => gate.TryEnter(IPAddress.Loopback, () => { }) is not null));
    }

    [Fact]
    public void Established_ones_are_bounded_apart_and_give_their_places_back()
    {
        var gate = New(new StreamLimits { StreamsPerAddress = 2 });
        ConnectionPlace[] places = [Enter(gate, "a"), Enter(gate, "b"), Enter(gate, "c")];
        Assert.Equal([true, true, false], places.Select(p => p.TryEstablish()));
        Assert.Equal(MetLimit.Streams.EventId, Assert.Single(_written.Warnings).Id);
        places[0].Leave();
        places[0].Leave();
        Assert.True(places[2].TryEstablish());
        Assert.False(Enter(gate, "d").TryEstablish());
    }

    [Fact]
    public void A_connection_of_HTTP_is_half_open_while_nothing_is_served_on_it()
    {
        var gate = New(new StreamLimits { HalfOpenPerAddress = 2 });
        var held = Enter(gate, "held");
        Assert.True(held.BeginRequest() && held.BeginRequest());
        held.EndRequest();
        for (var i = 0; i < 3; i++) Enter(gate, $"{i}");
        Assert.Equal(["0"], _cut);
        held.EndRequest();
        Assert.Equal(["0", "1"], _cut);
    }

    [Fact]
    public void Addresses_that_mean_nothing_any_more_are_forgotten()
    {
        var gate = New(new StreamLimits { ConnectionsPerSecondPerAddress = 5 });
        for (var i = 0; i < 5000; i++)
        {
            Left(gate.TryEnter(new IPAddress(i + 1), () => { })!);
            if (i % 1000 == 999) _time.Advance(TimeSpan.FromSeconds(2));
        }

        Enter(gate, "one");
        Assert.InRange(gate.Addresses, 1, 2000);
    }

    private static bool Left(ConnectionPlace place)
    {
        place.Leave();
        return true;
    }

    private ConnectionGate New(StreamLimits limits) => new(limits, new LimitLog(_written, _time), _time);

    private ConnectionPlace Enter(ConnectionGate gate, string name) => gate.TryEnter(Here, () => _cut.Add(name))!;
}
