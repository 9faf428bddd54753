using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>The bound sessions by account. Snapshots are immutable, so a reader keeps no lock while it sends; every stanza looks here, and takes none to look either.</summary>
internal sealed class SessionRegistry : ISessionDirectory, IPresenceRenewal
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Jid, ImmutableArray<Session>> _byAccount = new(); // changed under the lock
    private readonly Dictionary<string, Session> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<Jid, Session> _ending = [];
    private TaskCompletionSource? _empty;

    // The snapshot's own array: a struct behind an interface would be boxed each time. Nobody gets it to change it.
    IReadOnlyList<ISession> ISessionDirectory.Of(Jid bare) => ImmutableCollectionsMarshal.AsArray(Of(bare)) ?? [];

    ISession? ISessionDirectory.Find(Jid full) => Find(full);

    ISession? ISessionDirectory.FindById(string sessionId)
    {
        lock (_gate) return _byId.GetValueOrDefault(sessionId);
    }

    void IPresenceRenewal.Renew(Jid account)
    {
        foreach (var session in Of(account.Bare)) session.RenewPresence();
    }

    /// <summary>How many sessions there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _byId.Count;
        }
    }

    /// <summary>All sessions of an account or guest.</summary>
    public ImmutableArray<Session> Of(Jid bare) => _byAccount.TryGetValue(bare.Bare, out var sessions) ? sessions : [];

    /// <summary>The session of a full address; null if there is none.</summary>
    public Session? Find(Jid full)
    {
        if (full.Resource is null) return null;
        foreach (var session in Of(full.Bare))
        {
            if (session.Jid == full) return session;
        }

        return null;
    }

    /// <summary>Adds a session unless its resource is taken or its account has <paramref name="limit"/> already.</summary>
    /// <returns>Whether it was added, and who holds the resource if not.</returns>
    public (bool Added, Session? Holder) TryAdd(Session session, int limit)
    {
        lock (_gate)
        {
            var bare = session.Jid.Bare;
            var others = Of(bare);
            if ((others.FirstOrDefault(o => o.Jid == session.Jid) ?? _ending.GetValueOrDefault(session.Jid)) is { } holder) return (false, holder);
            if (others.Length >= limit) return (false, null);
            _byAccount[bare] = others.Add(session);
            _byId.Add(session.Id, session);
            return (true, null);
        }
    }

    /// <summary>A session that is over while its end is being announced; null if that address has none.</summary>
    public Session? FindEnding(Jid full)
    {
        lock (_gate) return _ending.GetValueOrDefault(full);
    }

    /// <summary>Takes a session out of sight: its end is announced now.</summary>
    public void Retire(Session session)
    {
        lock (_gate)
        {
            if (!_byId.Remove(session.Id)) return;
            var bare = session.Jid.Bare;
            var rest = _byAccount[bare].Remove(session);
            if (rest.IsEmpty) _byAccount.TryRemove(bare, out _);
            else _byAccount[bare] = rest;
            _ending[session.Jid] = session;
        }
    }

    /// <summary>A session's end has been announced.</summary>
    public void Forget(Session session)
    {
        lock (_gate)
        {
            _ending.Remove(session.Jid);
            if (_byId.Count + _ending.Count == 0) _empty?.TrySetResult();
        }
    }

    /// <summary>All sessions.</summary>
    public ImmutableArray<Session> All()
    {
        lock (_gate) return [.. _byId.Values];
    }

    /// <summary>How many sessions each domain has.</summary>
    public Dictionary<string, int> CountByDomain()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (bare, sessions) in _byAccount) CollectionsMarshal.GetValueRefOrAddDefault(counts, bare.Domain, out _) += sessions.Length;
        return counts;
    }

    /// <summary>Completes when no session is left and every end has been announced.</summary>
    public Task WhenEmpty()
    {
        lock (_gate)
        {
            if (_byId.Count + _ending.Count == 0) return Task.CompletedTask;
            if (_empty is null || _empty.Task.IsCompleted) _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }
}
