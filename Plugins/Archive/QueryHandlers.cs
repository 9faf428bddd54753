using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>Gives an account's messages to its own clients (XEP-0313 section 4), nobody else.</summary>
internal sealed class QueryHandler(ArchiveStore archive, ISessionDirectory sessions) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.From.Bare != iq.To || iq.Sender.Kind != SenderKind.Account) return iq.Error(StanzaCondition.Forbidden);
        if (!ArchiveQuery.TryRead(iq.Payload, out var query, out var error)) return iq.Error(error);
        if (query.Node is not null || await archive.ReadAsync(iq.To, query, ct) is not { } page) return iq.Error(StanzaCondition.ItemNotFound);
        if (iq.Sender.SessionId is not { } id || sessions.FindById(id) is not { } session) return IqReply.Later; // gone: there is nobody to tell
        foreach (var message in ArchiveResults.Messages(iq.To, session.Jid, query, page)) await session.SendAsync(message, ct);
        return iq.Result(ArchiveResults.Fin(page));
    }
}

/// <summary>Tells what can be asked (XEP-0313 section 4.1.5).</summary>
internal sealed class QueryFormHandler : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(iq.From.Bare == iq.To ? iq.Result(ArchiveForm.Describe()) : iq.Error(StanzaCondition.Forbidden));
}

/// <summary>Tells where an account's archive begins and ends (XEP-0313 section 5).</summary>
internal sealed class MetadataHandler(ArchiveStore archive) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) =>
        iq.From.Bare == iq.To ? iq.Result(ArchiveResults.Metadata(await archive.FindBoundsAsync(iq.To, ct))) : iq.Error(StanzaCondition.Forbidden);
}
