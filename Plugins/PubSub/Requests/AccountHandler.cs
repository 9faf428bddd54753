using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Operations;

namespace Parley.Plugins.PubSub.Requests;

/// <summary>Answers at accounts: every account is a service (XEP-0163 section 3.1).</summary>
internal sealed class AccountHandler(PubSubRequests requests) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => requests.RunAsync(iq, new Service(iq.To.Bare, true), ct);
}
