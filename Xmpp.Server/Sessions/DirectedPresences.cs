using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Who was told by directed presence that a session is available (RFC 6121 section 4.6), bounded. Used by the session's own queue only, except for <see cref="Forget"/>.</summary>
internal sealed class DirectedPresences(int limit)
{
    private readonly Lock _gate = new();
    private HashSet<Jid>? _told;

    /// <summary>Remembers an addressee; false if there are too many.</summary>
    public bool Add(Jid to)
    {
        lock (_gate)
        {
            _told ??= [];
            return _told.Contains(to) || (_told.Count < limit && _told.Add(to));
        }
    }

    /// <summary>An unavailable presence went to that address: to it, and where it is bare to all its resources.</summary>
    public void Forget(Jid to)
    {
        lock (_gate)
        {
            if (_told is null) return;
            if (to.IsBare) _told.RemoveWhere(t => t == to || t.Bare == to);
            else _told.Remove(to);
        }
    }

    /// <summary>Takes all addressees.</summary>
    public IReadOnlyCollection<Jid> Take()
    {
        lock (_gate)
        {
            var all = _told;
            _told = null;
            return all is null ? [] : all;
        }
    }
}
