using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams.Bosh;

/// <summary>The sessions over HTTP by their ids, and one timer for those that nobody asks for any more.</summary>
internal sealed class BoshSessions : IDisposable
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, BoshXmppConnection> _sessions = new(StringComparer.Ordinal);
    private readonly StreamContext _context;
    private readonly ITimer _timer;

    public BoshSessions(StreamContext context)
    {
        _context = context;
        _timer = context.Time.CreateTimer(_ => LookAtAll(), null, Round, Round);
    }

    /// <summary>The limits of each.</summary>
    public BoshLimits Limits { get; init; } = new();

    /// <summary>How many there are.</summary>
    public int Count => _sessions.Count;

    /// <summary>Finds one; null if there is none. One that began under TLS goes on under TLS alone.</summary>
    public BoshXmppConnection? Find(string sid, bool isEncrypted) => _sessions.TryGetValue(sid, out var session) && session.Security.IsEncrypted == isEncrypted ? session : null;

    /// <summary>Begins one, whose stream runs until it ends.</summary>
    public BoshXmppConnection Begin(BoshRequest request, IPAddress? address, ConnectionSecurity security)
    {
        // Whoever knows it is the client.
        var sid = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
        var session = new BoshXmppConnection(sid, request, address, security, ClientStream.LimitsBefore(_context), Limits, _context.Time, ended => _sessions.TryRemove(ended.Sid, out _));
        _sessions[sid] = session;
        _ = new ClientStream(session, _context).RunAsync();
        return session;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void LookAtAll()
    {
        var now = _context.Time.GetTimestamp();
        foreach (var (_, session) in _sessions) session.LookAt(now);
    }
}
