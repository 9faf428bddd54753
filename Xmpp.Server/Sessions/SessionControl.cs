using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Counts and ends sessions for the host.</summary>
internal sealed class SessionControl(SessionRegistry sessions, XmppServerSettings settings, IEnumerable<IOpenStreams> streams, IEnumerable<IPeerStreams> peers, KeptMessages kept, TimeProvider time) : ISessionControl
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> SessionsByDomain
    {
        get
        {
            var counts = sessions.CountByDomain();
            foreach (var domain in settings.Domains.Concat(settings.GuestDomains)) counts.TryAdd(domain, 0);
            return counts;
        }
    }

    /// <inheritdoc/>
    public int Streams => streams.Any() ? streams.Sum(s => s.Count) : sessions.Count;

    /// <inheritdoc/>
    public int Detached => streams.Sum(s => s.Detached);

    /// <inheritdoc/>
    public int Unacknowledged => kept.Count;

    /// <inheritdoc/>
    public int EndSessions(Jid bare, string condition, long change = long.MaxValue) => sessions.Of(bare).Count(s => s.CloseProvenBefore(change, condition));

    /// <inheritdoc/>
    public async Task CloseAllAsync(TimeSpan atMost)
    {
        foreach (var session in sessions.All()) session.Close("system-shutdown");
        foreach (var open in streams) open.CloseAll("system-shutdown");
        var until = time.GetUtcNow() + atMost;
        try
        {
            await EndAllAsync(atMost);
            // Streams that never bound have nothing to announce, but their sockets close in their own time.
            foreach (var peer in peers) peer.CloseAll("system-shutdown");
            while (Streams + peers.Sum(p => p.Count) > 0 && time.GetUtcNow() < until) await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
        catch (TimeoutException)
        {
            // The rest is cut by the host's own stop.
        }
    }

    // A client that closes its stream has acknowledged what it had. What is for one that says nothing is stored while there is time.
    private async Task EndAllAsync(TimeSpan atMost)
    {
        try
        {
            await sessions.WhenEmpty().WaitAsync(atMost / 2, time);
        }
        catch (TimeoutException)
        {
            await Task.WhenAll(sessions.All().Select(s => s.EndAsync().AsTask()).Append(sessions.WhenEmpty())).WaitAsync(atMost / 2, time);
        }
    }
}
