using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugin.Abstractions;

/// <summary>What becomes of a stanza after an interceptor saw it.</summary>
public enum Interception
{
    /// <summary>It goes on its way.</summary>
    Continue,
    /// <summary>The interceptor took it: nobody else sees it.</summary>
    Handled,
}

/// <summary>Sees messages at a point.</summary>
public interface IMessageInterceptor
{
    /// <summary>Sees one message. An exception is logged and answered by <c>internal-server-error</c>.</summary>
    ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct);
}

/// <summary>Sees presences at a point.</summary>
public interface IPresenceInterceptor
{
    /// <summary>Sees one presence.</summary>
    ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct);
}

/// <summary>Where a stanza is when an interceptor or a component sees it.</summary>
/// <param name="Point">The point.</param>
/// <param name="Sender">What the server knows of the sender.</param>
/// <param name="Domain">The served domain on whose behalf the plugin is asked.</param>
/// <param name="Session">The session it came from (FromLocalSession) or goes to (ToSession); else null.</param>
public sealed record StanzaContext(StanzaPoint Point, SenderInfo Sender, string Domain, ISession? Session = null);

/// <summary>A subdomain with a JID of its own.</summary>
public interface IComponent
{
    /// <summary>Receives a stanza to the component's domain or below it. For a given sender calls come in order, one at a time.</summary>
    ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct);

    /// <summary>What service discovery says of an address of this component (XEP-0030); null if there is no such address.</summary>
    DiscoInfo? Describe(Parley.Xmpp.Core.Addressing.Jid address, string? node);

    /// <summary>The items listed at an address of this component (XEP-0030 section 4).</summary>
    IReadOnlyList<DiscoItem> Items(Parley.Xmpp.Core.Addressing.Jid address, string? node) => [];
}

/// <summary>An answer to disco#info.</summary>
/// <param name="Identities">At least one.</param>
/// <param name="Features">Beside disco#info itself and the namespaces of the component's IQ handlers, which the host adds.</param>
public sealed record DiscoInfo(IReadOnlyList<DiscoIdentity> Identities, IReadOnlyList<string> Features);

/// <summary>An identity (XEP-0030 section 3).</summary>
public sealed record DiscoIdentity(string Category, string Type, string? Name = null);

/// <summary>An item (XEP-0030 section 4).</summary>
public sealed record DiscoItem(Parley.Xmpp.Core.Addressing.Jid Jid, string? Name = null, string? Node = null);
