using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Service;

/// <summary>
/// Sends a room's stanzas. For each recipient they go in order; one who does not read holds up nobody else: what is theirs waits apart, bounded, and when too much waits they are given up.
/// </summary>
/// <param name="services">The world.</param>
/// <param name="giveUp">Hears of a recipient that does not read.</param>
internal sealed class RoomSender(MucServices services, Action<Jid> giveUp)
{
    /// <summary>The most stanzas that wait for one recipient.</summary>
    public const int MostWaiting = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<Jid, Queue<Stanza>> _slow = [];
    private readonly HashSet<Jid> _givenUp = [];

    /// <summary>Sends stanzas, or lets them wait for those who are slow.</summary>
    public void Send(IReadOnlyList<Stanza> stanzas)
    {
        foreach (var stanza in stanzas) Send(stanza);
    }

    private void Send(Stanza stanza)
    {
        var to = stanza.To!;
        if (TryWait(to, stanza)) return;
        var routing = RouteAsync(stanza);
        if (routing.IsCompleted) return;
        var queue = new Queue<Stanza>();
        lock (_gate) _slow[to] = queue;
        _ = DrainAsync(to, queue, routing.AsTask());
    }

    private bool TryWait(Jid to, Stanza stanza)
    {
        var isNews = false;
        lock (_gate)
        {
            if (_slow.Count == 0 || !_slow.TryGetValue(to, out var waiting)) return false;
            if (waiting.Count >= MostWaiting) isNews = _givenUp.Add(to);
            else waiting.Enqueue(stanza);
        }

        if (isNews) giveUp(to);
        return true;
    }

    private async Task DrainAsync(Jid to, Queue<Stanza> queue, Task current)
    {
        while (true)
        {
            await current;
            Stanza? next;
            lock (_gate)
            {
                if (!queue.TryDequeue(out next))
                {
                    _slow.Remove(to);
                    _givenUp.Remove(to);
                    return;
                }
            }

            current = RouteAsync(next).AsTask();
        }
    }

    private async ValueTask RouteAsync(Stanza stanza)
    {
        try
        {
            await services.Router.RouteAsync(stanza);
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A room's stanza could not be routed");
        }
    }
}
