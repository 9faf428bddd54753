using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Ping;

/// <summary>The server is there.</summary>
public sealed class ServerPingHandler : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(iq.Result());
}
