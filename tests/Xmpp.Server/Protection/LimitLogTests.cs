using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Server.Protection;

namespace Parley.tests.Xmpp.Server.Protection;

/// <summary>An attack is told of, and does not fill the log.</summary>
public sealed class LimitLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly WarningLog<LimitLog> _written = new();
    private readonly LimitLog _log;

    public LimitLogTests() => _log = new LimitLog(_written, _time);

    [Fact]
    public void A_limit_is_told_of_at_once_and_then_once_a_minute_with_how_often()
    {
        for (var second = 0; second < 150; second++)
        {
            for (var i = 0; i < 100; i++) _log.Tell(MetLimit.Connections, "192.0.2.1");
            _time.Advance(TimeSpan.FromSeconds(1));
            _log.LookAt(_time.GetTimestamp());
        }

        var lines = _written.Warnings.ToArray();
        Assert.Equal(3, lines.Length);
        Assert.All(lines, l => Assert.Equal(MetLimit.Connections.EventId, l.Id));
        Assert.StartsWith("Limit met by 192.0.2.1: connections come too fast", lines[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("Limit met by 192.0.2.1 5999 times more within a minute: ", lines[1].Text, StringComparison.Ordinal);
        Assert.StartsWith("Limit met by 192.0.2.1 6000 times more within a minute: ", lines[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_over_is_told_of_anew_when_it_begins_again()
    {
        _log.Tell(MetLimit.Pace, "ann@one.test");
        Pass(120);
        _log.Tell(MetLimit.Pace, "ann@one.test");
        Assert.Equal(2, _written.Warnings.Count);
    }

    [Fact]
    public void What_happens_to_everybody_now_and_then_is_no_line()
    {
        for (var i = 0; i < MetLimit.Slow.Least - 1; i++) _log.Tell(MetLimit.Slow, "192.0.2.1");
        Pass(61);
        for (var i = 0; i < MetLimit.Slow.Least - 1; i++) _log.Tell(MetLimit.Slow, "192.0.2.1");
        Assert.Empty(_written.Warnings);
        _log.Tell(MetLimit.Slow, "192.0.2.1");
        Assert.Single(_written.Warnings);
    }

    [Fact]
    public void Many_addresses_are_counted_together()
    {
        for (var i = 0; i < 10_000; i++) _log.Tell(MetLimit.HalfOpen, $"192.0.{i / 256}.{i % 256}");
        Assert.Equal(LimitLog.MostNamed + 1, _written.Warnings.Count);
        Assert.StartsWith("Limit met by others: ", _written.Warnings.Last().Text, StringComparison.Ordinal);
        Pass(61);
        Assert.Equal(LimitLog.MostNamed + 2, _written.Warnings.Count);
        Assert.StartsWith($"Limit met by others {10_000 - LimitLog.MostNamed - 1} times more", _written.Warnings.Last().Text, StringComparison.Ordinal);
        Pass(61);
        _log.Tell(MetLimit.HalfOpen, "198.51.100.1");
        Assert.StartsWith("Limit met by 198.51.100.1: ", _written.Warnings.Last().Text, StringComparison.Ordinal);
    }

    private void Pass(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _log.LookAt(_time.GetTimestamp());
    }
}
