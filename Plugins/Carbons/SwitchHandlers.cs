using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Carbons;

/// <summary>Turns copies on (XEP-0280 section 4); once more is once.</summary>
public sealed class EnableHandler(CarbonSessions sessions) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(Switch.Set(iq, sessions, isEnabled: true));
}

/// <summary>Turns copies off (XEP-0280 section 5).</summary>
public sealed class DisableHandler(CarbonSessions sessions) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(Switch.Set(iq, sessions, isEnabled: false));
}

file static class Switch
{
    // Somebody else's account is not one's own to listen to.
    public static IqReply Set(IqRequest iq, CarbonSessions sessions, bool isEnabled) =>
        iq.From.Bare == iq.To && sessions.Set(iq.Sender.SessionId, isEnabled) ? iq.Result() : iq.Error(StanzaCondition.NotAllowed);
}
