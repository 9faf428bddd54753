using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Push;

/// <summary>Registrations, in memory where they were asked for of late, and which session made each.</summary>
internal sealed class Registrations(RegistrationStore store, ISessionDirectory sessions)
{
    /// <summary>Accounts in memory at most.</summary>
    internal const int MaxCached = 20_000;

    private readonly ConcurrentDictionary<Jid, IReadOnlyList<Registration>> _cached = new();
    private readonly ConditionalWeakTable<ISession, (Jid Service, string Node)[]> _bySession = [];
    // Who reads an account's list now, the last of them. It is taken away when the list changes, so that one read before the change is not kept.
    private readonly Dictionary<Jid, object> _reading = [];
    private readonly Lock _keeping = new();

    /// <summary>How many accounts are in memory.</summary>
    public int Cached => _cached.Count;

    /// <summary>An account's registrations.</summary>
    public async ValueTask<IReadOnlyList<Registration>> OfAsync(Jid account, CancellationToken ct)
    {
        if (_cached.TryGetValue(account, out var known)) return known;
        var reader = new object();
        lock (_keeping) _reading[account] = reader;
        IReadOnlyList<Registration>? read = null;
        try
        {
            return read = await store.ReadAsync(account, ct);
        }
        finally
        {
            Keep(account, reader, read);
        }
    }

    /// <summary>Adds one for a session.</summary>
    public async ValueTask AddAsync(Registration registration, string? sessionId, int max, DateTimeOffset now, CancellationToken ct)
    {
        await store.AddAsync(registration, max, now, ct);
        Forget(registration.Account);
        if (sessionId is not null && sessions.FindById(sessionId) is { } session) _bySession.AddOrUpdate(session, [(registration.Service, registration.Node)]);
    }

    /// <summary>Removes one, or (no node) all of a service.</summary>
    public async ValueTask RemoveAsync(Jid account, Jid service, string? node, CancellationToken ct)
    {
        await store.RemoveAsync(account, service, node, ct);
        Forget(account);
    }

    /// <summary>Forgets what is in memory of an account.</summary>
    public void Forget(Jid account)
    {
        lock (_keeping)
        {
            _reading.Remove(account);
            _cached.TryRemove(account, out _);
        }
    }

    private void Keep(Jid account, object reader, IReadOnlyList<Registration>? read)
    {
        lock (_keeping)
        {
            if (!_reading.TryGetValue(account, out var last) || last != reader) return;
            _reading.Remove(account);
            if (read is null) return;
            if (_cached.Count >= MaxCached) _cached.Clear();
            _cached[account] = read;
        }
    }

    /// <summary>Whether a session of the account that enabled a registration is there and awake: it needs no waking.</summary>
    public bool IsAwake(Registration registration) => sessions.Of(registration.Account).Any(s =>
        s.Attention == ClientAttention.Active && IsOf(registration, s));

    /// <summary>Whether a session enabled any.</summary>
    public bool Has(ISession session) => _bySession.TryGetValue(session, out _);

    /// <summary>Whether it was that session that enabled a registration.</summary>
    public bool IsOf(Registration registration, ISession session) => _bySession.TryGetValue(session, out var own) && own.Contains((registration.Service, registration.Node));
}

/// <summary>Forgets the registrations of removed accounts.</summary>
internal sealed class RegistrationsOfRemoved(Registrations registrations, PushQueues queues) : IAccountObserver
{
    /// <inheritdoc/>
    public void Removed(Jid account)
    {
        registrations.Forget(account);
        queues.Forget(account);
    }
}
