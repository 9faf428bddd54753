using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>What becomes of a stanza after an interceptor saw it.</summary>
public readonly record struct Interception
{
    /// <summary>It goes on its way.</summary>
    public static Interception Continue => default;

    /// <summary>The interceptor took it: nobody else sees it.</summary>
    public static Interception Handled => new() { IsHandled = true };

    /// <summary>Whether the interceptor took it.</summary>
    public bool IsHandled { get; private init; }

    /// <summary>What goes on in its place; null: it goes on as it is.</summary>
    public Message? Replacement { get; private init; }

    /// <summary>What decides later; null: it is decided.</summary>
    public Deferral? Deferred { get; private init; }

    /// <summary>Another message goes on in its place, with the same addresses: later interceptors and whoever receives it see that one.</summary>
    public static Interception Replace(Message message) => new() { Replacement = message };

    /// <summary>
    /// A message waits here, such as for the disk. Where it comes from a client (<see cref="StanzaPoint.FromLocalSession"/>) the same client's next messages are shown to this interceptor
    /// meanwhile, in order, and each goes on in its turn; anything else that the client sends waits.
    /// </summary>
    public static Interception Later(Deferral deferral) => new() { Deferred = deferral };
}

/// <summary>What is decided later of a message (<see cref="Interception.Later"/>).</summary>
/// <param name="Until">What is waited for; how it ends does not matter. May take no longer than any call of a plugin, or the message fails.</param>
/// <param name="Decide">
/// Called once in any case, when <paramref name="Until"/> has ended and all that the client sent before has gone on. Does not defer again. If the call's token is cancelled by then, nobody
/// waits any more.
/// </param>
public sealed record Deferral(Task Until, Func<ValueTask<Interception>> Decide);

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

/// <summary>Sees IQs at a point.</summary>
public interface IIqInterceptor
{
    /// <summary>Sees one IQ. Whoever takes a request answers it.</summary>
    ValueTask<Interception> OnIqAsync(Iq iq, StanzaContext context, CancellationToken ct);
}

/// <summary>Where a stanza is when an interceptor or a component sees it.</summary>
/// <param name="Point">The point.</param>
/// <param name="Sender">What the server knows of the sender.</param>
/// <param name="Domain">The served domain on whose behalf the plugin is asked.</param>
/// <param name="Session">The session it came from (FromLocalSession) or goes to (ToSession); else null.</param>
public sealed record StanzaContext(StanzaPoint Point, SenderInfo Sender, string Domain, ISession? Session = null)
{
    /// <summary>When this server received it, where it was on its way to a client that never had it, and is routed anew since; null: just now.</summary>
    public DateTimeOffset? Received { get; init; }
}

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
public sealed record DiscoInfo(IReadOnlyList<DiscoIdentity> Identities, IReadOnlyList<string> Features)
{
    /// <summary>More about it (XEP-0128): forms of type <c>result</c>, each with a form type of its own.</summary>
    public IReadOnlyList<DataForm> Forms { get; init; } = [];

    /// <summary>The <c>query</c> to answer with: features in order and once, discovery's own among them.</summary>
    /// <param name="node">The node that was asked; null for none.</param>
    /// <param name="more">Further features.</param>
    public Element ToElement(string? node = null, IEnumerable<string>? more = null)
    {
        var query = new Element("query", Ns.DiscoInfo).Attr("node", node);
        foreach (var i in Identities) query.Add("identity", e => e.Attr("category", i.Category).Attr("type", i.Type).Attr("name", i.Name));
        var features = Features.Concat(more ?? []).Append(Ns.DiscoInfo).Append(Ns.DiscoItems);
        foreach (var f in features.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)) query.Add("feature", e => e.Attr("var", f));
        return query.Add(Forms.Select(f => f.ToElement()));
    }
}

/// <summary>Forms in a served domain's own answer to disco#info (XEP-0128), such as whom to write to (XEP-0157); contributed by plugins. They are asked often: it does not block.</summary>
public interface IDomainForms
{
    /// <summary>The forms of a domain, of type <c>result</c>, each with a form type that is the plugin's own; empty for none.</summary>
    IReadOnlyList<DataForm> Of(string domain);
}

/// <summary>An identity (XEP-0030 section 3).</summary>
public sealed record DiscoIdentity(string Category, string Type, string? Name = null);

/// <summary>An item (XEP-0030 section 4).</summary>
public sealed record DiscoItem(Parley.Xmpp.Core.Addressing.Jid Jid, string? Name = null, string? Node = null);
