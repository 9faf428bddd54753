using System.Net;
using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;

namespace Parley.tests.Xmpp.Server.Protection;

/// <summary>Whoever sends much is read slowly; what people send never is.</summary>
public sealed class SendingPaceTests
{
    private static readonly Jid Ann = "ann@one.test";
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_passes_and_a_flood_goes_at_the_pace()
    {
        var pace = new SendingPace(new StreamLimits { StanzasPerSecond = 100 }, _time);
        var (sent, waited) = (0, TimeSpan.Zero);
        while (pace.Sent() == TimeSpan.Zero) sent++;
        Assert.InRange(sent, 1000, 1010);
        for (var i = 0; i < 5000; i++)
        {
            var wait = pace.Sent();
            waited += wait;
            _time.Advance(wait);
        }

        Assert.InRange(waited.TotalSeconds, 49, 51);
    }

    [Fact]
    public void Bytes_count_and_the_pieces_that_they_come_in()
    {
        var limits = new StreamLimits { BytesPerSecond = 1000 };
        var bytes = new SendingPace(limits, _time);
        Assert.Equal(TimeSpan.Zero, bytes.Arrived(31_000));
        Assert.InRange(bytes.Arrived(10_000).TotalSeconds, 9, 9.3);
        var pieces = new SendingPace(limits, _time);
        var count = 0;
        while (pieces.Arrived(1) == TimeSpan.Zero) count++;
        Assert.InRange(count, 480, 500);
    }

    [Fact]
    public void A_wait_is_no_longer_than_ten_seconds()
    {
        var pace = new SendingPace(new StreamLimits { BytesPerSecond = 1000 }, _time);
        Assert.Equal(TimeSpan.FromSeconds(10), pace.Arrived(10_000_000));
    }

    [Fact]
    public void Nobody_who_types_waits()
    {
        var pace = new SendingPace(new StreamLimits(), _time);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (pace.Arrived(500), pace.Sent()));
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }
    }

    [Fact]
    public void Coming_anew_does_not_renew_it_and_in_the_end_it_is_forgotten()
    {
        var paces = new SendingPaces(new StreamLimits(), _time);
        var (share, other) = (paces.JoinAccount(Ann), paces.JoinAccount("ann@one.test/other"));
        var pace = share.Pace;
        Assert.Same(pace, other.Pace);
        while (pace.Sent() == TimeSpan.Zero)
        {
        }

        share.Leave();
        other.Leave();
        paces.LookAt();
        var again = paces.JoinAccount(Ann);
        Assert.Same(pace, again.Pace);
        Assert.NotEqual(TimeSpan.Zero, pace.Sent());
        again.Leave();
        _time.Advance(TimeSpan.FromSeconds(60));
        paces.LookAt();
        Assert.Equal(0, paces.Count);
    }

    [Fact]
    public void Guests_count_by_their_address_and_may_send_as_much_as_many()
    {
        var paces = new SendingPaces(new StreamLimits(), _time);
        var shares = Enumerable.Range(0, 100).Select(i => paces.JoinGuest($"g{i}@guest.one.test", IPAddress.Parse("192.0.2.1"))).ToArray();
        var sent = 0;
        while (shares[sent % 100].Pace.Sent() == TimeSpan.Zero) sent++;
        Assert.InRange(sent, 10_000, 10_100);
        Assert.Equal(TimeSpan.Zero, paces.JoinGuest("g@guest.one.test", IPAddress.Parse("192.0.2.2")).Pace.Sent());
        // Behind a proxy on this machine nobody pays for another.
        Assert.NotSame(paces.JoinGuest("a@guest.one.test", IPAddress.Loopback).Pace, paces.JoinGuest("b@guest.one.test", IPAddress.Loopback).Pace);
        Assert.Same(paces.JoinServer("far.test").Pace, paces.JoinServer("far.test").Pace);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        var pace = new SendingPace(new StreamLimits { StanzasPerSecond = 0, BytesPerSecond = 0 }, _time);
        for (var i = 0; i < 100_000; i++) Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (pace.Arrived(10_000), pace.Sent()));
    }
}
