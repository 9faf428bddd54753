using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PrivateXml;

/// <summary>Names of XEP-0049, and what it asks of requests.</summary>
internal static class PrivateXml
{
    public const string Namespace = "jabber:iq:private";

    /// <summary>Judges who asks for what; null if it may be (XEP-0049 sections 3 and 4).</summary>
    public static IqReply? Refuse(IqRequest iq, IReadOnlyList<Element> documents)
    {
        if (iq.Sender.Kind != SenderKind.Account || iq.From.Bare != iq.To.Bare) return iq.Error(StanzaCondition.Forbidden);
        if (documents.Count == 0) return iq.Error(StanzaCondition.BadRequest);
        // The server's own namespaces are not a user's to fill.
        return documents.Any(d => d.Namespace.Length == 0 || d.Namespace == Namespace || d.Namespace == "vcard-temp" || d.Namespace.StartsWith("jabber:client", StringComparison.Ordinal) || d.Namespace == "jabber:server" || d.Namespace == "jabber:iq:roster")
            ? iq.Error(StanzaCondition.NotAcceptable)
            : null;
    }
}

/// <summary>Gives an account its documents back (XEP-0049 section 2.2).</summary>
internal sealed class PrivateXmlGetHandler(DocumentStore store, BookmarkSync bookmarks) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        IReadOnlyList<Element> asked = [.. iq.Payload.Children];
        if (PrivateXml.Refuse(iq, asked) is { } refusal) return refusal;
        if (asked.Count > 1) return iq.Error(StanzaCondition.BadRequest);
        var stored = await store.ReadAsync(iq.To.Bare, asked[0].Namespace, asked[0].Name, ct);
        if (Bookmarks.IsStorage(asked[0])) stored = await bookmarks.ShownAsync(iq.To.Bare, stored, ct);
        return iq.Result(new Element("query", PrivateXml.Namespace).Add(stored ?? new Element(asked[0].Name, asked[0].Namespace)));
    }
}

/// <summary>Keeps documents of an account (XEP-0049 section 2.1).</summary>
internal sealed class PrivateXmlSetHandler(DocumentStore store, BookmarkSync bookmarks) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        IReadOnlyList<Element> documents = [.. iq.Payload.Children];
        if (PrivateXml.Refuse(iq, documents) is { } refusal) return refusal;
        if (!await store.WriteAsync(iq.To.Bare, documents, ct)) return iq.Error(StanzaCondition.ResourceConstraint);
        if (documents.LastOrDefault(Bookmarks.IsStorage) is { } storage) await bookmarks.TakeAsync(iq.To.Bare, storage, ct);
        return iq.Result();
    }
}
