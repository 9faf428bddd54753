using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Carbons;

/// <summary>Turns copies on with the resource (XEP-0386 section 5): that never fails, so that nothing is answered.</summary>
public sealed class BindCarbons(CarbonSessions sessions) : IBindFeature
{
    /// <inheritdoc/>
    public string Namespace => Ns.Carbons;

    /// <inheritdoc/>
    public ValueTask<Element?> BoundAsync(ISession session, Element? request, CancellationToken ct)
    {
        if (request is { Name: "enable" } && session.Kind == SenderKind.Account) sessions.Set(session.Id, isEnabled: true);
        return new((Element?)null);
    }
}
