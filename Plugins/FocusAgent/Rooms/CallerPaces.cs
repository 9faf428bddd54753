using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>
/// How fast one sender may give rooms work. Whoever is faster waits before the room, where it holds up nobody but itself: stanzas of one sender come one after another, and
/// what gathers behind is bounded by the server, which answers the rest with <c>resource-constraint</c>.
/// </summary>
/// <param name="clock">The time.</param>
/// <param name="burst">How much at once.</param>
public sealed class CallerPaces(TimeProvider clock, int burst = CallerPaces.Burst)
{
    /// <summary>How much at once: a page that joins a full room sends some 60 candidates and answers.</summary>
    public const int Burst = 200;

    /// <summary>How much a second after that.</summary>
    public const double Rate = 20;

    /// <summary>The most senders remembered. Beyond that newcomers share one pace.</summary>
    public const int MaxSenders = 10_000;

    // A call costs the relay a transport with its keys; the rest is a matter of size.
    private const int CallCost = 10, BytesPerUnit = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<Jid, Pace> _paces = [];
    private readonly Pace _crowd = new(clock, burst, Rate);
    private long _slowed;

    /// <summary>How many stanzas had to wait.</summary>
    public long Slowed => Interlocked.Read(ref _slowed);

    /// <summary>Waits until a stanza of its sender may go on.</summary>
    public async ValueTask WaitAsync(Stanza stanza, CancellationToken ct)
    {
        var cost = CostOf(stanza);
        var pace = PaceOf(stanza.From!);
        var isSlowed = false;
        while (pace.TryPass(cost) is { } wait)
        {
            if (!isSlowed) Interlocked.Increment(ref _slowed);
            isSlowed = true;
            await Task.Delay(wait, clock, ct);
        }
    }

    private Pace PaceOf(Jid sender)
    {
        lock (_gate)
        {
            if (_paces.TryGetValue(sender, out var pace)) return pace;
            if (_paces.Count >= MaxSenders)
            {
                foreach (var (idle, _) in _paces.Where(p => p.Value.IsFull).ToList()) _paces.Remove(idle);
                if (_paces.Count >= MaxSenders) return _crowd;
            }

            return _paces[sender] = new Pace(clock, burst, Rate);
        }
    }

    private static int CostOf(Stanza stanza)
    {
        var isCall = stanza is Iq { Payload: { Name: "jingle" } jingle } && jingle["action"] is "session-initiate" or "content-add";
        return (isCall ? CallCost : 1) + (stanza.Element.ToUtf8().Length / BytesPerUnit);
    }
}
