using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Registration.Accounts;

/// <summary>Tells an account that it has one (XEP-0077 section 3.1).</summary>
internal sealed class AccountGetHandler : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!Own.Is(iq)) return new(iq.Error(StanzaCondition.Forbidden));
        return new(iq.Result(new Element("query", RegistrationPlugin.Namespace).Add("registered").Add("username", u => u.Text(iq.From.Local)).Add("password")));
    }
}

/// <summary>Whether an account asks about itself, at its own address or its server's.</summary>
internal static class Own
{
    public static bool Is(IqRequest iq) => iq.Sender.Kind == SenderKind.Account && (iq.To == iq.From.Bare || (iq.To.Local is null && iq.To.Domain == iq.From.Domain));
}
