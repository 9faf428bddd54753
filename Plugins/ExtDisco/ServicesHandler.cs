using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>
/// Lists services, all or those of one type (XEP-0215 sections 3.1 and 3.2), in the version that was asked in. Credentials are in the answer itself, because few clients ask for
/// them apart.
/// </summary>
public sealed class ServicesHandler(ServiceCatalogue catalogue, ServiceAccess access, Askers askers) : IIqHandler
{
    private const int MaxType = 64;

    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(Answer(iq));

    private IqReply Answer(IqRequest iq)
    {
        if (!access.IsGranted(iq.Sender, iq.From)) return iq.Error(StanzaCondition.Forbidden);
        var (type, ns) = (iq.Payload["type"], iq.Payload.Namespace);
        if (type is { Length: 0 or > MaxType }) return iq.Error(StanzaCondition.BadRequest);

        var requester = new ServiceRequester(iq.From, iq.Sender, iq.Domain);
        var issue = catalogue.Issue(requester);
        var listed = catalogue.List(requester, type);
        askers.Note(requester, type, ns);
        return iq.Result(new Element("services", ns).Attr("type", type).Add(Given(listed, issue).Select(g => ServiceElement.Write(g.Entry.Service, g.Credentials, ns))));
    }

    /// <summary>The services with their credentials, without those that need some where this requester gets none.</summary>
    internal static IEnumerable<(CatalogueEntry Entry, TurnCredentials? Credentials)> Given(IEnumerable<CatalogueEntry> listed, Func<CatalogueEntry, TurnCredentials?> issue) =>
        listed.Select(e => (Entry: e, Credentials: issue(e))).Where(g => !g.Entry.Service.Restricted || g.Credentials is not null);
}
