using System.Net;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>Sends stanzas to wherever they are addressed.</summary>
public interface IStanzaRouter
{
    /// <summary>Routes a stanza that has <c>from</c> and <c>to</c>. What cannot be delivered is answered with an error to its sender, as RFC 6120 section 10 and RFC 6121 section 8 say.</summary>
    ValueTask RouteAsync(Stanza stanza, CancellationToken ct = default);
}

/// <summary>Asks others by IQ.</summary>
public interface IIqClient
{
    /// <summary>Sends a request from an address of this server and waits for its answer.</summary>
    /// <returns>The result or error stanza; a synthetic <c>remote-server-timeout</c> error after <paramref name="timeout"/> (default 30 s).</returns>
    Task<Iq> RequestAsync(string type, Jid from, Jid to, Element payload, TimeSpan? timeout = null, CancellationToken ct = default);
}

/// <summary>Whether somebody may be looking at a client.</summary>
public enum ClientAttention
{
    /// <summary>It is connected and has not said otherwise.</summary>
    Active,
    /// <summary>It is connected and has said that nobody looks at it (XEP-0352).</summary>
    Inactive,
    /// <summary>Its connection broke, or it has not acknowledged for some seconds what it was sent; it may come back (XEP-0198), and what is for it waits.</summary>
    Away,
}

/// <summary>A bound resource of a local account or guest.</summary>
public interface ISession
{
    /// <summary>The full address.</summary>
    Jid Jid { get; }

    /// <summary>Unique over the server's life; a reconnecting client gets a new one.</summary>
    string Id { get; }

    /// <summary>Account or guest.</summary>
    SenderKind Kind { get; }

    /// <summary>The client's network address.</summary>
    IPAddress? RemoteAddress { get; }

    /// <summary>The last presence broadcast by this session, available or not; null before the first.</summary>
    Presence? Presence { get; }

    /// <summary>Whether the session is available (RFC 6121 section 4.2).</summary>
    bool IsAvailable { get; }

    /// <summary>Whether the client asked for its roster and so receives roster pushes (RFC 6121 section 2.1.6).</summary>
    bool IsInterested { get; set; }

    /// <summary>Whether somebody may be looking at the client.</summary>
    ClientAttention Attention => ClientAttention.Active;

    /// <summary>Writes a stanza to this session, past the choice of a resource. A message that the client never comes to have goes elsewhere, as any that is addressed so.</summary>
    ValueTask SendAsync(Stanza stanza, CancellationToken ct = default);

    /// <summary>Writes a stanza as <see cref="SendAsync"/> does, and tells what becomes of it. It goes nowhere else: what does not arrive is the caller's to send again.</summary>
    /// <returns>Once it is queued, a task that completes with whether the client has it: when it acknowledged it (XEP-0198), on a stream without acknowledgements when it is written.</returns>
    ValueTask<Task<bool>> DeliverAsync(Stanza stanza, CancellationToken ct = default);

    /// <summary>Writes a copy of a message that another client of the account receives (XEP-0280): the message itself goes elsewhere only if none of them has it in the end.</summary>
    /// <param name="copy">The copy.</param>
    /// <param name="original">The message, the very object that an interceptor was shown.</param>
    /// <param name="ct">Gives up waiting.</param>
    ValueTask SendCopyAsync(Stanza copy, Stanza original, CancellationToken ct = default);
}

/// <summary>The sessions of this server.</summary>
public interface ISessionDirectory
{
    /// <summary>All sessions of a local account or guest.</summary>
    IReadOnlyList<ISession> Of(Jid bare);

    /// <summary>The session of a full address; null if there is none.</summary>
    ISession? Find(Jid full);

    /// <summary>The session with that id; null if it has ended.</summary>
    ISession? FindById(string sessionId);
}

/// <summary>Facts about this server.</summary>
public interface IServerInfo
{
    /// <summary>The served domains; the first is <c>Server:Domain</c>.</summary>
    IReadOnlyList<string> Domains { get; }

    /// <summary>The guest domain of a served domain; null while guests are off.</summary>
    string? GuestDomainOf(string domain);

    /// <summary>Whether an address's domain is served here: accounts, guests or components.</summary>
    bool IsLocal(Jid jid);

    /// <summary>The address that others reach this server at, <c>Server:AdvertisedAddress</c> resolved; never any (0.0.0.0). It may change while the server runs: ask anew.</summary>
    IPAddress AdvertisedAddress { get; }

    /// <summary>The address that listeners bind to; <see cref="IPAddress.Any"/> for all.</summary>
    IPAddress BindAddress { get; }

    /// <summary>Whether the server is bound to loopback only.</summary>
    bool IsLoopbackOnly { get; }

    /// <summary>The data directory, absolute.</summary>
    string DataDirectory { get; }

    /// <summary>The https port, for links; null while off.</summary>
    int? HttpsPort { get; }
}

/// <summary>The items of a kind that plugins offer at this moment.</summary>
public interface IContributions<out TItem> where TItem : class
{
    /// <summary>A snapshot: later loads and unloads show in the next one. Do not keep the items.</summary>
    IReadOnlyList<TItem> Items { get; }
}

/// <summary>A part of <c>./parley status</c>: what a plugin has to show.</summary>
public interface IStatusSource
{
    /// <summary>The name of the part, such as <c>relay</c>.</summary>
    string Name { get; }

    /// <summary>Values to show: strings, numbers, booleans, or lists and dictionaries of those.</summary>
    IReadOnlyDictionary<string, object?> Read();
}
