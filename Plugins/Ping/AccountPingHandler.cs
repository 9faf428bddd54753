using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Ping;

/// <summary>An account answers its own clients only: to anybody else an answer would tell that the account exists.</summary>
public sealed class AccountPingHandler : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) =>
        new(iq.From.Bare == iq.To.Bare ? iq.Result() : iq.Error(StanzaCondition.ServiceUnavailable));
}
