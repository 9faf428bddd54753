using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;

namespace Parley.Plugins.ExtDisco;

/// <summary>Who asked for services and so may be told of changes (XEP-0215 section 3.2): sessions of this server, since of nobody else it is known whether they are there.</summary>
public sealed class Askers(ServiceCatalogue catalogue, ISessionDirectory sessions)
{
    /// <summary>The most that are remembered; whoever asks beyond that hears of changes when it asks again.</summary>
    public const int MaxAskers = 50_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Asker> _askers = new(StringComparer.Ordinal);
    private int _sweepAt = 256;

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _askers.Count;
        }
    }

    /// <summary>Notes a question that was answered just now.</summary>
    /// <param name="requester">Who asked.</param>
    /// <param name="type">The type asked for; null for all.</param>
    /// <param name="ns">The version that it speaks.</param>
    public void Note(ServiceRequester requester, string? type, string ns)
    {
        if (requester.Sender is not { Kind: SenderKind.Account or SenderKind.Guest, SessionId: { } session }) return;
        lock (_gate)
        {
            if (_askers.TryGetValue(session, out var known))
            {
                // Whoever asks for several types hears of all, in the newest version that it speaks.
                type = known.Type == type ? type : null;
                ns = known.Namespace == Ns.ExtDisco ? Ns.ExtDisco : ns;
            }
            else
            {
                if (_askers.Count >= _sweepAt) Sweep();
                if (_askers.Count >= MaxAskers) return;
            }

            _askers[session] = new Asker(session, requester, type, ns, catalogue.List(requester, type));
        }
    }

    /// <summary>Those who are still there.</summary>
    public IReadOnlyList<Asker> Present()
    {
        lock (_gate)
        {
            Sweep();
            return [.. _askers.Values];
        }
    }

    /// <summary>Notes what somebody was told, unless it has asked anew meanwhile.</summary>
    public void Told(Asker before, IReadOnlyList<CatalogueEntry> now)
    {
        lock (_gate)
        {
            if (_askers.TryGetValue(before.Session, out var known) && ReferenceEquals(known, before)) _askers[before.Session] = before with { Known = now };
        }
    }

    /// <summary>Somebody does not want to be told.</summary>
    public void Forget(string session)
    {
        lock (_gate) _askers.Remove(session);
    }

    private void Sweep()
    {
        foreach (var session in _askers.Keys)
        {
            if (sessions.FindById(session) is null) _askers.Remove(session);
        }

        _sweepAt = Math.Max(256, _askers.Count * 2);
    }
}

/// <summary>Somebody who asked.</summary>
/// <param name="Session">Its session's id.</param>
/// <param name="Requester">Who it is.</param>
/// <param name="Type">The type it asked for; null for all.</param>
/// <param name="Namespace">The version that it speaks.</param>
/// <param name="Known">What it was told last.</param>
public sealed record Asker(string Session, ServiceRequester Requester, string? Type, string Namespace, IReadOnlyList<CatalogueEntry> Known);
