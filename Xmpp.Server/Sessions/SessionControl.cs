using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Counts and ends sessions for the host.</summary>
internal sealed class SessionControl(SessionRegistry sessions, XmppServerSettings settings, IEnumerable<IOpenStreams> streams, TimeProvider time) : ISessionControl
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
    public int EndSessions(Jid bare, string condition)
    {
        var ended = sessions.Of(bare);
        foreach (var session in ended) session.Close(condition);
        return ended.Length;
    }

    /// <inheritdoc/>
    public async Task CloseAllAsync(TimeSpan atMost)
    {
        foreach (var session in sessions.All()) session.Close("system-shutdown");
        foreach (var open in streams) open.CloseAll("system-shutdown");
        var until = time.GetUtcNow() + atMost;
        try
        {
            await sessions.WhenEmpty().WaitAsync(atMost, time);
            // Streams that never bound have nothing to announce, but their sockets close in their own time.
            while (Streams > 0 && time.GetUtcNow() < until) await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
        catch (TimeoutException)
        {
            // The rest is cut by the host's own stop.
        }
    }
}
